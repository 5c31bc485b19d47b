/**
 * The keys in order of code units, kept by merging what changed since they were last asked for; sorted anew once that
 * is much, so that a bulk of changes costs nothing until somebody asks.
 */
import type { Key } from './value'

const CHANGED_MIN = 1_000

export class SortedKeys {
  private sorted: readonly Key[] = []
  /** Keys that came or went since; undefined: many. */
  private unsorted: Set<Key> | undefined = new Set<Key>()

  constructor(private readonly live: ReadonlyMap<Key, unknown>) {}

  /** The key came or went. */
  changed(key: Key): void {
    if (this.unsorted === undefined) return
    this.unsorted.add(key)
    if (this.unsorted.size > Math.max(CHANGED_MIN, this.sorted.length / 8)) this.unsorted = undefined
  }

  /** All keys; the array is not changed later. */
  all(): readonly Key[] {
    const { unsorted } = this
    if (unsorted?.size === 0) return this.sorted
    this.sorted = unsorted === undefined ? [...this.live.keys()].sort(byCodeUnit) : this.merged(unsorted)
    this.unsorted = new Set()
    return this.sorted
  }

  private merged(changed: ReadonlySet<Key>): readonly Key[] {
    const added = [...changed].filter((key) => this.live.has(key)).sort(byCodeUnit)
    const merged: Key[] = []
    let next = 0
    for (const key of this.sorted) {
      if (changed.has(key)) continue
      while (next < added.length && (added[next] as Key) < key) merged.push(added[next++] as Key)
      merged.push(key)
    }
    while (next < added.length) merged.push(added[next++] as Key)
    return merged
  }

  withPrefix(prefix: string): readonly Key[] {
    const all = this.all()
    if (prefix === '') return all
    const from = firstAtLeast(all, (key) => key >= prefix)
    const to = firstAtLeast(all, (key) => key >= prefix && !key.startsWith(prefix))
    return all.slice(from, to)
  }
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** The first place from which on `reached` is true; it must be false before and true after. */
function firstAtLeast(keys: readonly Key[], reached: (key: Key) => boolean): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (reached(keys[middle] as Key)) high = middle
    else low = middle + 1
  }
  return low
}
