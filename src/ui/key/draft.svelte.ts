/** A value being typed: apart from the store until it is saved, and aware of what happens there meanwhile. */
import type { Json, MergePolicy } from '../../runtime/contract'
import { textFromValue, valueFromText } from '../values/value-text'
import { KvError } from '../../core/errors'

interface Stored {
  value: Json
  merge: MergePolicy
}

export class Draft {
  readonly #stored: () => Stored | undefined
  #shown: { value: Json; text: string } | undefined
  #typed = $state<string>()
  #merge = $state<MergePolicy>()
  /** What was stored when typing began. */
  #base = $state<string>()
  error = $state.raw<unknown>()

  constructor(stored: () => Stored | undefined) {
    this.#stored = stored
  }

  /** Made once for each value. Not derived: a draft outlives the component that it was first shown in. */
  get storedText(): string {
    const stored = this.#stored()
    if (stored === undefined) return ''
    if (this.#shown?.value !== stored.value)
      this.#shown = { value: stored.value, text: textFromValue(stored.value) }
    return this.#shown.text
  }

  get text(): string {
    return this.#typed ?? this.storedText
  }
  set text(text: string) {
    this.#base ??= this.storedText
    this.#typed = text
    this.error = undefined
    if (text === this.storedText) this.#typed = this.#base = undefined
  }

  get merge(): MergePolicy {
    return this.#merge ?? this.#stored()?.merge ?? 'auto'
  }
  set merge(merge: MergePolicy) {
    this.#merge = merge
  }

  get value(): Json {
    return valueFromText(this.text)
  }

  get isText(): boolean {
    return typeof this.value === 'string'
  }

  get changed(): boolean {
    return this.#typed !== undefined || (this.#merge !== undefined && this.#merge !== this.#stored()?.merge)
  }

  /** Somebody else changed the value since typing began. */
  get overtaken(): boolean {
    return this.#typed !== undefined && this.#base !== this.storedText
  }

  /** What reads as JSON, put in quotes, so that it is stored as the text that it is. */
  quote(): void {
    this.text = JSON.stringify(this.text)
  }

  revert(): void {
    this.#typed = this.#base = this.#merge = this.error = undefined
  }

  /** A refused value stays in the field, with what is wrong with it. */
  async save(set: (value: Json, merge: MergePolicy) => Promise<void>): Promise<void> {
    const { text, value, merge } = this
    this.revert()
    try {
      await set(value, merge)
    } catch (error) {
      const kept = error instanceof KvError && error.code === 'not-saved' // then the store holds it
      if (!kept && this.#typed === undefined) [this.text, this.merge] = [text, merge]
      this.error = error
    }
  }
}
