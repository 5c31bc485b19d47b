/** Which keys changed last, the latest first: what a room shows before a key is chosen. */
import type { Kv } from '../../runtime/contract'

export const RECENT_KEYS_MAX = 8
/** To find the latest of more by their versions would take longer than a frame. */
const LOOKED_THROUGH_KEYS_MAX = 2_000

/** Of so many that change at once, those that were written last are found; of more, those that came last have to do. */
const SORTED_KEYS_MAX = 200

/** By the time of their latest version; none of a large room, where what comes from now on has to do. */
export function latestKeys(kv: Kv): string[] {
  return kv.size > LOOKED_THROUGH_KEYS_MAX ? [] : latestFirst(kv.keys(), kv).slice(0, RECENT_KEYS_MAX)
}

/**
 * Those of `changed` that are there come first, the last written of them before all; where others are gone, earlier
 * ones follow.
 */
export function recentAfter(recent: readonly string[], changed: ReadonlySet<string>, kv: Kv): string[] {
  const last = [...changed].slice(-SORTED_KEYS_MAX).filter((key) => kv.has(key))
  const fresh = latestFirst(last.reverse(), kv)
  const found = [...fresh, ...recent.filter((key) => !changed.has(key))].slice(0, RECENT_KEYS_MAX)
  if (found.length === Math.min(kv.size, RECENT_KEYS_MAX)) return found
  return [...new Set([...found, ...latestKeys(kv)])].slice(0, RECENT_KEYS_MAX)
}

function latestFirst(keys: readonly string[], kv: Kv): string[] {
  return keys
    .map((key) => {
      const latest = kv.inspect(key)?.versions[0]
      return { key, writtenAt: latest?.writtenAt ?? '', counter: latest?.dot[1] ?? 0 }
    })
    .sort((a, b) => (a.writtenAt < b.writtenAt ? 1 : a.writtenAt > b.writtenAt ? -1 : b.counter - a.counter))
    .map(({ key }) => key)
}
