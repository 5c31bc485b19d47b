/**
 * Renaming (DESIGN 4.3): own writes above a counter become the first ones of a fresh actor, everywhere in the
 * state at once. A:c becomes A:n, A′:c−n wherever c > n. Used when the counters above n may have been, or may yet
 * be, given to other writes: a disk that failed, a replica that another tab took over, a disk that went back.
 */
import type { FrozenState } from '../codec/record'
import type { Actor } from '../causality/dot'
import { addInterval, eachInterval, type Intervals } from '../causality/intervals'
import {
  counterOf,
  EMPTY_VECTOR,
  type VersionVector,
  vectorEntries,
  vectorOf,
} from '../causality/version-vector'
import type { Version } from './version'

export interface Renaming {
  readonly from: Actor
  /** The last counter that stays `from`'s; 0 renames all. */
  readonly above: number
  readonly to: Actor
}

export function renameState(state: FrozenState, renaming: Renaming): FrozenState {
  return {
    context: renameRows(state.context, renaming),
    entries: state.entries.map(([key, versions]) => [
      key,
      versions.map((version) => renameVersion(version, renaming)),
    ]),
    ghosts: new Map([...state.ghosts].map(([key, vector]) => [key, renameVector(vector, renaming)])),
    named: EMPTY_VECTOR, // of the fresh actor nobody has heard
  }
}

export function renameVector(vector: VersionVector, { from, above, to }: Renaming): VersionVector {
  const counter = counterOf(vector, from)
  if (counter <= above) return vector
  const others = [...vectorEntries(vector)].filter(([actor]) => actor !== from)
  const kept: [Actor, number][] = above > 0 ? [[from, above]] : []
  return vectorOf([...others, ...kept, [to, counter - above]])
}

function renameVersion(version: Version, renaming: Renaming): Version {
  const { from, above, to } = renaming
  const context = renameVector(version.context, renaming)
  if (version.actor === from && version.counter > above) {
    return { ...version, actor: to, counter: version.counter - above, context }
  }
  return context === version.context ? version : { ...version, context }
}

function renameRows(rows: FrozenState['context'], { from, above, to }: Renaming): Map<Actor, Intervals> {
  const renamed = new Map(rows)
  const kept: number[] = []
  const moved: number[] = []
  for (const [low, high] of eachInterval(rows.get(from) ?? [])) {
    if (low <= above) addInterval(kept, low, Math.min(high, above))
    if (high > above) addInterval(moved, Math.max(low, above + 1) - above, high - above)
  }
  if (kept.length > 0) renamed.set(from, kept)
  else renamed.delete(from)
  if (moved.length > 0) renamed.set(to, moved)
  return renamed
}
