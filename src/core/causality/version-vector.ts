/**
 * Version vectors: what a writer had seen of one key. Immutable and flat, `[actor, counter, …]` sorted by actor,
 * because a store holds one for each version and most have none or one entry.
 */
import type { Actor, Dot } from './dot'

export type VersionVector = readonly (Actor | number)[] & { readonly __brand?: 'VersionVector' }

export const EMPTY_VECTOR: VersionVector = Object.freeze([])

/** The least vector that covers every (actor, counter) given. */
export function vectorOf(pairs: Iterable<readonly [Actor, number]>): VersionVector {
  const counterByActor = new Map<Actor, number>()
  for (const [actor, counter] of pairs) {
    counterByActor.set(actor, Math.max(counter, counterByActor.get(actor) ?? 0))
  }
  if (counterByActor.size === 0) return EMPTY_VECTOR
  const sorted = [...counterByActor].sort(([a], [b]) => (a < b ? -1 : 1))
  return sorted.flat()
}

export function vectorSize(vector: VersionVector): number {
  return vector.length / 2
}

export function* vectorEntries(vector: VersionVector): Iterable<[Actor, number]> {
  for (let at = 0; at < vector.length; at += 2) yield [vector[at] as Actor, vector[at + 1] as number]
}

/** The highest counter of `actor` that the vector covers; 0 if none. */
export function counterOf(vector: VersionVector, actor: Actor): number {
  for (let at = 0; at < vector.length; at += 2) if (vector[at] === actor) return vector[at + 1] as number
  return 0
}

export function covers(vector: VersionVector, dot: Dot): boolean {
  return counterOf(vector, dot.actor) >= dot.counter
}

/** Whether `a` covers all that `b` covers. A partial order. */
export function dominates(a: VersionVector, b: VersionVector): boolean {
  for (let at = 0; at < b.length; at += 2) {
    if (counterOf(a, b[at] as Actor) < (b[at + 1] as number)) return false
  }
  return true
}

/** The least vector that dominates both. Commutative, associative and idempotent. */
export function join(a: VersionVector, b: VersionVector): VersionVector {
  if (b.length === 0 || a === b) return a
  if (a.length === 0) return b
  const joined: (Actor | number)[] = []
  let inA = 0
  let inB = 0
  while (inA < a.length || inB < b.length) {
    const actorA = a[inA] as Actor | undefined
    const actorB = b[inB] as Actor | undefined
    if (actorB === undefined || (actorA !== undefined && actorA < actorB)) {
      joined.push(actorA as Actor, a[inA + 1] as number)
      inA += 2
    } else if (actorA === undefined || actorB < actorA) {
      joined.push(actorB, b[inB + 1] as number)
      inB += 2
    } else {
      joined.push(actorA, Math.max(a[inA + 1] as number, b[inB + 1] as number))
      inA += 2
      inB += 2
    }
  }
  return joined
}

/** `vector` grown so that it covers the dot too. */
export function joinDot(vector: VersionVector, dot: Dot): VersionVector {
  return covers(vector, dot) ? vector : join(vector, [dot.actor, dot.counter])
}

/** The entries of `vector` that `keep` is true for. */
export function filterVector(
  vector: VersionVector,
  keep: (actor: Actor, counter: number) => boolean,
): VersionVector {
  const kept: (Actor | number)[] = []
  for (const [actor, counter] of vectorEntries(vector)) if (keep(actor, counter)) kept.push(actor, counter)
  if (kept.length === vector.length) return vector
  return kept.length === 0 ? EMPTY_VECTOR : kept
}

export function sameVector(a: VersionVector, b: VersionVector): boolean {
  return a.length === b.length && a.every((part, at) => part === b[at])
}
