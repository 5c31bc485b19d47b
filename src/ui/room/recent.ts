/** Which keys changed last, the latest first: what a room shows before a key is chosen. */
import type { Kv } from '../../runtime/contract'

export const RECENT_KEYS_MAX = 8
/** To find the latest of more by their versions would take longer than a frame. */
const LOOKED_THROUGH_KEYS_MAX = 2_000

/** By the time of their latest version; none of a large room, where what comes from now on has to do. */
export function latestKeys(kv: Kv): string[] {
  if (kv.size > LOOKED_THROUGH_KEYS_MAX) return []
  return kv
    .keys()
    .map((key) => ({ key, writtenAt: kv.inspect(key)?.versions[0]?.writtenAt ?? '' }))
    .sort((a, b) => (a.writtenAt < b.writtenAt ? 1 : a.writtenAt > b.writtenAt ? -1 : 0))
    .slice(0, RECENT_KEYS_MAX)
    .map(({ key }) => key)
}

/** Those of `changed` that are there come first; what is gone leaves the list. */
export function recentAfter(recent: readonly string[], changed: ReadonlySet<string>, kv: Kv): string[] {
  const fresh: string[] = []
  for (const key of changed) {
    if (fresh.length === RECENT_KEYS_MAX) break
    if (kv.has(key)) fresh.push(key)
  }
  return [...fresh, ...recent.filter((key) => !changed.has(key))].slice(0, RECENT_KEYS_MAX)
}
