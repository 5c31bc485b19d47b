/**
 * Effects: what an input did to a replica, in order. They are what the log on disk holds; applying them again
 * to the state before gives the state after, with no rule of the protocol in between.
 */
import type { Actor, Dot } from '../causality/dot'
import { addInterval, eachInterval, type Intervals } from '../causality/intervals'
import { EMPTY_VECTOR, join, type VersionVector } from '../causality/version-vector'
import type { Key } from './value'
import type { Version } from './version'

export type EntryChange<Dropped extends Dot = Dot> =
  { readonly key: Key; readonly added: Version } | { readonly key: Key; readonly dropped: Dropped }

/** A change as it is made, while what it drops is still at hand; on disk there is only the dot of that. */
export type FreshChange = EntryChange<Version>

/** What effects say beside the entries. */
export interface EffectsAside {
  /** Dots that the context gained. */
  readonly context: ReadonlyMap<Actor, Intervals>
  /** The ghosts of a key as they are now; empty: it has none any more. */
  readonly ghosts: ReadonlyMap<Key, VersionVector>
  /** Own actors, with the highest counter that others named, where that rose. */
  readonly named: VersionVector
}

/** Effects whose entries may be made one by one. */
export interface EffectsSource extends EffectsAside {
  readonly entries: Iterable<EntryChange>
}

export interface Effects extends EffectsSource {
  readonly entries: readonly EntryChange[]
}

export interface FreshEffects extends Effects {
  readonly entries: readonly FreshChange[]
}

/** Effects one after the other as one. */
export function mergeEffects(list: readonly Effects[]): Effects {
  if (list.length === 1) return list[0] as Effects
  const entries: EntryChange[] = []
  const context = new Map<Actor, number[]>()
  const ghosts = new Map<Key, VersionVector>()
  let named = EMPTY_VECTOR
  for (const effects of list) {
    for (const change of effects.entries) entries.push(change)
    for (const [actor, row] of effects.context) {
      const merged = context.get(actor)
      if (merged === undefined) context.set(actor, [...row])
      else for (const [from, to] of eachInterval(row)) addInterval(merged, from, to)
    }
    for (const [key, vector] of effects.ghosts) ghosts.set(key, vector)
    named = join(named, effects.named)
  }
  return { entries, context, ghosts, named }
}
