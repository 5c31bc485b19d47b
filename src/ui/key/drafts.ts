import type { RoomView } from '../room/room-view.svelte'
import { Draft } from './draft.svelte'
import { NewKeyDraft } from './new-key-draft.svelte'

/** What is typed in one room and not set: it stays while other keys are looked at, and when the room is left. */
export class Drafts {
  readonly newKey = new NewKeyDraft()
  readonly #draftByKey = new Map<string, Draft>()

  /** `view`: of the room while it is open. */
  constructor(public view: RoomView) {}

  /** What is typed for a key; it stays when somebody deletes the key. */
  of(key: string): Draft {
    for (const [other, { changed }] of this.#draftByKey)
      if (other !== key && !changed) this.#draftByKey.delete(other)
    let draft = this.#draftByKey.get(key)
    if (draft === undefined) {
      draft = new Draft(() => {
        const found = this.view.inspect(key)
        return found && { value: found.value, merge: found.versions[0]?.merge ?? 'auto' }
      })
      this.#draftByKey.set(key, draft)
    }
    return draft
  }

  /** They are no longer wanted. */
  drop(key: string): void {
    this.#draftByKey.delete(key)
  }

  /** A value is typed and not set. */
  get isTyped(): boolean {
    return [this.newKey.value, ...this.#draftByKey.values()].some(({ changed }) => changed)
  }
}
