/** A version: one value of a key with its causal past. Concurrent versions of one key are siblings. */
import type { Actor } from '../causality/dot'
import type { VersionVector } from '../causality/version-vector'
import { canonicalText, type Json, type Key, type MergePolicy } from './value'

/** Immutable. Its dot is (actor, counter); it is a `Dot` itself. */
export interface Version {
  readonly actor: Actor
  readonly counter: number
  /** What its writer had seen of the key; its own dot is not in it. */
  readonly context: VersionVector
  /** Hybrid logical time in milliseconds since 1970, integer. */
  readonly time: number
  readonly merge: MergePolicy
  readonly value: Json
}

/**
 * The one text of a version and its key: what fingerprints hash and what settles which of two contents under
 * one dot stands. A function of the content alone, and no two contents have the same: the key comes with its length,
 * and a text as it is, behind a mark that no canonical JSON begins with, since escaping it would take longer than all else.
 */
export function versionText(key: Key, version: Version): string {
  const { actor, counter, context, time, merge, value } = version
  const past = context.length === 0 ? '' : context.join()
  const content = typeof value === 'string' ? `'${value}` : canonicalText(value)
  return `${actor}:${counter}:${key.length}:${key}:${past}:${time}:${merge}:${content}`
}

/** One put or one delete, as it travels: it claims its own dot and nothing else. */
export type StoreEvent = Version | Deletion

export interface Deletion {
  readonly actor: Actor
  readonly counter: number
  readonly context: VersionVector
  readonly deleted: true
}

export function isDeletion(event: StoreEvent): event is Deletion {
  return 'deleted' in event
}
