/**
 * Runs `work` once for many calls, in the next animation frame. Hidden pages have no frames:
 * there a timer does, so that what assistive technology and tests read stays right.
 */
export function onceAFrame(work: () => void): { schedule(): void; cancel(): void } {
  const HIDDEN_DELAY_MS = 250
  let frame = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  const cancel = () => {
    cancelAnimationFrame(frame)
    clearTimeout(timer)
    timer = undefined
  }
  const run = () => {
    cancel()
    work()
  }
  return {
    schedule() {
      if (timer !== undefined) return
      frame = requestAnimationFrame(run)
      timer = setTimeout(run, HIDDEN_DELAY_MS)
    },
    cancel,
  }
}
