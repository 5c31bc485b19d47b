/**
 * Ghosts: per key, what is known to be covered although its dot has not arrived. They keep a late put from
 * coming back to life (DESIGN 4.1, E3), and vanish once the context knows all that they name.
 */
import type { CausalContext } from '../causality/context'
import type { Actor, Dot } from '../causality/dot'
import { type Hash128, SetFingerprint } from '../causality/hash'
import {
  counterOf,
  covers,
  EMPTY_VECTOR,
  filterVector,
  join,
  type VersionVector,
  vectorEntries,
} from '../causality/version-vector'
import type { Key } from './value'

export class Ghosts {
  private readonly vectorByKey = new Map<Key, VersionVector>()
  private readonly keysByActor = new Map<Actor, Set<Key>>()
  /** How far each actor's context reached when its ghosts were last pruned. */
  private readonly prunedUpTo = new Map<Actor, number>()

  of(key: Key): VersionVector {
    return this.vectorByKey.get(key) ?? EMPTY_VECTOR
  }

  cover(key: Key, dot: Dot): boolean {
    const vector = this.vectorByKey.get(key)
    return vector !== undefined && covers(vector, dot)
  }

  all(): ReadonlyMap<Key, VersionVector> {
    return this.vectorByKey
  }

  get size(): number {
    return this.vectorByKey.size
  }

  /** Adds what `vector` covers beyond `context`. Returns whether anything changed. */
  add(key: Key, vector: VersionVector, context: CausalContext): boolean {
    const unknown = filterVector(vector, (actor, counter) => !context.hasUpTo(actor, counter))
    if (unknown.length === 0) return false
    const before = this.of(key)
    const after = join(before, unknown)
    if (after.length === before.length && after.every((part, at) => part === before[at])) return false
    this.set(key, after)
    return true
  }

  /** Sets the ghosts of a key, whatever the context knows; an empty vector removes them. */
  replace(key: Key, vector: VersionVector): void {
    this.set(key, vector)
    for (const [actor] of vectorEntries(vector)) this.prunedUpTo.delete(actor)
  }

  /** The vector names nothing that was pruned. */
  private set(key: Key, vector: VersionVector): void {
    for (const [actor] of vectorEntries(this.of(key))) {
      const keys = this.keysByActor.get(actor)
      keys?.delete(key)
      if (keys?.size === 0) this.keysByActor.delete(actor)
    }
    if (vector.length === 0) {
      this.vectorByKey.delete(key)
      return
    }
    this.vectorByKey.set(key, vector)
    for (const [actor] of vectorEntries(vector)) {
      const keys = this.keysByActor.get(actor)
      if (keys === undefined) this.keysByActor.set(actor, new Set([key]))
      else keys.add(key)
    }
  }

  /** Drops what the context has come to know. Returns the keys whose ghosts changed. */
  prune(context: CausalContext): Key[] {
    const changed: Key[] = []
    for (const actor of [...this.keysByActor.keys()]) {
      const known = context.gapFreeUpTo(actor)
      if (this.prunedUpTo.get(actor) === known) continue
      for (const key of [...(this.keysByActor.get(actor) ?? [])]) {
        const left = filterVector(this.of(key), (of, counter) => of !== actor || counter > known)
        if (left === this.of(key)) continue
        this.set(key, left)
        changed.push(key)
      }
      this.prunedUpTo.set(actor, known)
    }
    return changed
  }

  /** The highest counter of the actor that any of them names; 0 if none. */
  highest(actor: Actor): number {
    let highest = 0
    for (const key of this.keysByActor.get(actor) ?? []) {
      highest = Math.max(highest, counterOf(this.of(key), actor))
    }
    return highest
  }

  hash(): Hash128 {
    const fingerprint = new SetFingerprint()
    for (const [key, vector] of this.vectorByKey) fingerprint.add(`${JSON.stringify(key)}:${vector.join()}`)
    return fingerprint.value()
  }
}
