/**
 * Tells a wipe from everyday deletes: many values that others removed within a short while, be it at once or one by
 * one. Time comes as an argument.
 */
const WINDOW_MS = 10_000

/** So many are a wipe … */
const VALUES_MIN = 10

/** … and fewer, but at least so many, if they were half of the room. */
const VALUES_OF_HALF_MIN = 3

export class Vanishing {
  /** When how many went, within the window. */
  #steps: { atMs: number; count: number }[] = []
  #removed: number
  #wipeUntilMs = Number.NEGATIVE_INFINITY

  /** `removed`: how many values can be put back now; those are no news. */
  constructor(removed: number) {
    this.#removed = removed
  }

  /**
   * To be called with what the room's status says whenever it has changed. Returns how many values went that belong
   * to a wipe, each counted once; 0 if there is none.
   */
  look(status: { removed: number; size: number }, nowMs: number): number {
    const count = status.removed - this.#removed
    this.#removed = status.removed
    if (count <= 0) return 0
    if (nowMs > this.#wipeUntilMs && !this.#isWipe(count, status.size, nowMs)) return 0
    const gone = this.#steps.reduce((sum, step) => sum + step.count, 0)
    this.#wipeUntilMs = nowMs + WINDOW_MS
    this.#steps = []
    return gone === 0 ? count : gone
  }

  #isWipe(count: number, size: number, nowMs: number): boolean {
    this.#steps = this.#steps.filter(({ atMs }) => atMs > nowMs - WINDOW_MS)
    this.#steps.push({ atMs: nowMs, count })
    const gone = this.#steps.reduce((sum, step) => sum + step.count, 0)
    return gone >= VALUES_MIN || (gone >= VALUES_OF_HALF_MIN && gone >= size)
  }
}
