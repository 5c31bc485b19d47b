/** When to try signaling again. After a server's restart all its tabs come back: jitter spreads them. */

const RECONNECT_MS_MIN = 500
export const RECONNECT_MS_MAX = 15_000

/** Milliseconds before attempt number `attempt` (from 0): doubling, between half of it and all, by `fraction` in [0, 1). */
export function reconnectDelayMs(attempt: number, fraction: number): number {
  const ceiling = Math.min(RECONNECT_MS_MAX, 2 * RECONNECT_MS_MIN * 2 ** attempt)
  return ceiling / 2 + (ceiling / 2) * fraction
}
