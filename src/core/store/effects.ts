/**
 * Effects: what an input did to a replica, in order. They are what the log on disk holds; applying them again
 * to the state before gives the state after, with no rule of the protocol in between.
 */
import type { Actor, Dot } from '../causality/dot'
import type { Intervals } from '../causality/intervals'
import type { VersionVector } from '../causality/version-vector'
import type { Key } from './value'
import type { Version } from './version'

export type EntryChange =
  { readonly key: Key; readonly added: Version } | { readonly key: Key; readonly dropped: Dot }

export interface Effects {
  readonly entries: readonly EntryChange[]
  /** Dots that the context gained. */
  readonly context: ReadonlyMap<Actor, Intervals>
  /** The ghosts of a key as they are now; empty: it has none any more. */
  readonly ghosts: ReadonlyMap<Key, VersionVector>
}
