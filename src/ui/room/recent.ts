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
    .map((key) => {
      const latest = kv.inspect(key)?.versions[0]
      return { key, writtenAt: latest?.writtenAt ?? '', counter: latest?.dot[1] ?? 0 }
    })
    .sort((a, b) => (a.writtenAt < b.writtenAt ? 1 : a.writtenAt > b.writtenAt ? -1 : b.counter - a.counter))
    .slice(0, RECENT_KEYS_MAX)
    .map(({ key }) => key)
}

/** Those of `changed` that are there come first, the last of them before all; where others are gone, earlier ones follow. */
export function recentAfter(recent: readonly string[], changed: ReadonlySet<string>, kv: Kv): string[] {
  const keys = [...changed]
  const fresh: string[] = []
  for (let at = keys.length - 1; at >= 0 && fresh.length < RECENT_KEYS_MAX; at--) {
    const key = keys[at] as string
    if (kv.has(key)) fresh.push(key)
  }
  const found = [...fresh, ...recent.filter((key) => !changed.has(key))].slice(0, RECENT_KEYS_MAX)
  if (found.length === Math.min(kv.size, RECENT_KEYS_MAX)) return found
  return [...new Set([...found, ...latestKeys(kv)])].slice(0, RECENT_KEYS_MAX)
}
