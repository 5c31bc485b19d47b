/** Versions found by their dots: no index of keys is kept for that, since a pull needs one walk at the most. */
import { countOfRows, type Rows } from '../causality/context'
import type { Actor } from '../causality/dot'
import { type Intervals, placeOf } from '../causality/intervals'
import type { Key } from './value'
import type { Version } from './version'

export interface KeyedVersion {
  readonly key: Key
  readonly event: Version
}

/** A row, and how many dots come before each of its intervals, in the order of all. */
interface Ranked {
  readonly row: Intervals
  readonly before: readonly number[]
}

/**
 * The versions of the dots, every one of which is alive, in the order of the rows. Each goes to its rank at once: that
 * takes no sorting, and whoever gets them in order appends to its context instead of inserting.
 */
export function versionsByDot(entries: ReadonlyMap<Key, readonly Version[]>, dots: Rows): KeyedVersion[] {
  const found: KeyedVersion[] = []
  found.length = countOfRows(dots)
  if (found.length === 0) return found
  const rankedByActor = rank(dots)
  let actor: Actor | undefined
  let ranked: Ranked | undefined
  entries.forEach((versions, key) => {
    for (const event of versions) {
      if (event.actor !== actor) {
        actor = event.actor
        ranked = rankedByActor.get(actor)
      }
      if (ranked === undefined) continue
      const { row, before } = ranked
      const at = placeOf(row, event.counter)
      const from = row[at]
      if (from === undefined || from > event.counter) continue
      // In this order: with the largest counters there are, the sum of all would not be exact.
      found[(before[at / 2] as number) + (event.counter - from)] = { key, event }
    }
  })
  return found
}

function rank(dots: Rows): Map<Actor, Ranked> {
  const rankedByActor = new Map<Actor, Ranked>()
  let count = 0
  for (const [actor, row] of dots) {
    const before: number[] = []
    for (let at = 0; at < row.length; at += 2) {
      before.push(count)
      count += (row[at + 1] as number) - (row[at] as number) + 1
    }
    rankedByActor.set(actor, { row, before })
  }
  return rankedByActor
}
