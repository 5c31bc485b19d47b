/** The browser's clock and timers. */
import type { Clock } from '../../runtime/ports'

export class BrowserClock implements Clock {
  now(): number {
    return Date.now()
  }

  steady(): number {
    return performance.now()
  }

  wake(delayMs: number, callback: () => void): () => void {
    // A longer delay than a timer can take would fire at once.
    const timer = setTimeout(callback, Math.min(delayMs, 2 ** 31 - 1))
    return () => clearTimeout(timer)
  }

  /** Through a message, since hidden tabs get their timers late. */
  pause(): Promise<void> {
    return new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel()
      const resumed = () => {
        port1.close()
        resolve()
      }
      port1.addEventListener('message', resumed, { once: true })
      port1.start()
      port2.postMessage(undefined)
    })
  }
}
