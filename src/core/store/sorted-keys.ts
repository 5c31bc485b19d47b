/** The keys in order of code units, kept by merging what changed since they were last asked for. */
import type { Key } from './value'

export class SortedKeys {
  private sorted: readonly Key[] = []
  private readonly added = new Set<Key>()
  private readonly removed = new Set<Key>()

  add(key: Key): void {
    if (!this.removed.delete(key)) this.added.add(key)
  }

  remove(key: Key): void {
    if (!this.added.delete(key)) this.removed.add(key)
  }

  /** All keys; the array is not changed later. */
  all(): readonly Key[] {
    if (this.added.size === 0 && this.removed.size === 0) return this.sorted
    const added = [...this.added].sort(byCodeUnit)
    const merged: Key[] = []
    let next = 0
    for (const key of this.sorted) {
      if (this.removed.has(key)) continue
      while (next < added.length && (added[next] as Key) < key) merged.push(added[next++] as Key)
      merged.push(key)
    }
    while (next < added.length) merged.push(added[next++] as Key)
    this.sorted = merged
    this.added.clear()
    this.removed.clear()
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
