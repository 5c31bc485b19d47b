import { Draft } from './draft.svelte'

/** A key that is to come and its value, as far as they are typed: they stay while other keys are looked at. */
export class NewKeyDraft {
  key = $state('')
  readonly value = new Draft(() => undefined)

  /** Something is typed. */
  get isBegun(): boolean {
    return this.key !== '' || this.value.changed
  }

  /** `key`, unless it is empty, takes the place of what was typed as one. */
  begin(key: string): void {
    if (key !== '') this.key = key
    if (!this.value.changed) this.value.revert() // and with it what was wrong with the last one
  }

  /** It is given up. */
  clear(): void {
    this.key = ''
    this.value.revert()
  }
}
