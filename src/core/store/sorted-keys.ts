/**
 * The keys in order of code units, kept by merging what changed since they were last asked for; sorted anew once that
 * is much, so that a bulk of changes costs nothing until somebody asks.
 */
import { firstPlace, placeOf, withChanges } from '../sorted-texts'
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
    this.sorted =
      unsorted === undefined
        ? [...this.live.keys()].sort()
        : withChanges(this.sorted, unsorted, this.gone(unsorted))
    this.unsorted = new Set()
    return this.sorted
  }

  private gone(keys: ReadonlySet<Key>): Set<Key> {
    return new Set([...keys].filter((key) => !this.live.has(key)))
  }

  withPrefix(prefix: string): readonly Key[] {
    const all = this.all()
    if (prefix === '') return all
    const from = placeOf(all, prefix)
    return all.slice(
      from,
      firstPlace(all, (key) => !key.startsWith(prefix), from),
    )
  }
}
