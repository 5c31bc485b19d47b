/** A token bucket, without a clock of its own: how much may still be used at `nowMs`. */
import type { Rate } from './limits'

export class Bucket {
  readonly #rate: Rate
  #level: number
  #atMs: number

  constructor(rate: Rate, nowMs: number) {
    this.#rate = rate
    this.#level = rate.burst
    this.#atMs = nowMs
  }

  /** Takes `amount`, or nothing at all and says so. A clock that goes back fills nothing. */
  take(amount: number, nowMs: number): boolean {
    this.#fill(nowMs)
    if (amount > this.#level) return false
    this.#level -= amount
    return true
  }

  /** As it was when something was last taken. */
  get isHalfFull(): boolean {
    return this.#level >= this.#rate.burst / 2
  }

  /** Nothing is remembered of it any more: a new one would be the same. */
  isFull(nowMs: number): boolean {
    this.#fill(nowMs)
    return this.#level >= this.#rate.burst
  }

  #fill(nowMs: number): void {
    const { burst, perSecond } = this.#rate
    this.#level = Math.min(burst, this.#level + (Math.max(0, nowMs - this.#atMs) / 1000) * perSecond)
    this.#atMs = nowMs
  }
}
