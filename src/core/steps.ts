/**
 * Long work in small steps: a generator that tells after each how far it is. The runtime puts pauses between
 * them, shows progress, or stops asking, which cancels the work; core itself knows no time.
 */
export interface Progress {
  readonly done: number
  readonly total: number
}

export type Steps<T> = Generator<Progress, T, void>

/** All steps at once. */
export function runToEnd<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}
