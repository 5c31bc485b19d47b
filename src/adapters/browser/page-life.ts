/**
 * The page's life: it is hidden, frozen, put into a cache and taken out again, and the machine sleeps. On leaving
 * it says goodbye, since peers would wait 15 s for a tab that just vanished; on coming back it looks whether links,
 * signaling and database are still alive (DESIGN 4.6).
 */
export interface Living {
  suspend(): void
  resume(): void
  probe(): void
}

/** Returns a stop function. */
export function followPageLife(living: Living): () => void {
  const stop = new AbortController()
  const { signal } = stop
  const probe = () => living.probe()
  addEventListener('pagehide', () => living.suspend(), { signal })
  addEventListener('pageshow', () => living.resume(), { signal })
  addEventListener('online', probe, { signal })
  document.addEventListener('resume', probe, { signal })
  document.addEventListener(
    'visibilitychange',
    () => document.visibilityState === 'visible' && living.probe(),
    { signal },
  )
  return () => stop.abort()
}
