/**
 * Runs `work` once for many calls: in the next animation frame, but `restMs` after it ran last at the earliest, so that
 * a page that changes all the time isn't drawn all the time. Hidden pages have no frames: there a timer does, so that
 * what assistive technology and tests read stays right.
 */
export function onceAFrame(work: () => void, restMs = 0): Frames {
  const HIDDEN_DELAY_MS = 250
  let frame = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let lastAt = Number.NEGATIVE_INFINITY

  const cancel = () => {
    cancelAnimationFrame(frame)
    clearTimeout(timer)
    timer = undefined
  }
  const run = () => {
    cancel()
    lastAt = performance.now()
    work()
  }
  const soon = () => {
    cancel()
    frame = requestAnimationFrame(run)
    timer = setTimeout(run, HIDDEN_DELAY_MS)
  }
  return {
    schedule() {
      if (timer !== undefined) return
      const left = lastAt + restMs - performance.now()
      if (left <= 0) soon()
      else timer = setTimeout(soon, left)
    },
    soon,
    cancel,
  }
}

export interface Frames {
  schedule(): void
  /** In the next frame, without a rest. */
  soon(): void
  cancel(): void
}
