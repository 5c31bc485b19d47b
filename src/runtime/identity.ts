/**
 * Which actor a replica may write as (DESIGN 4.3). The witness stands outside the database and is written after
 * each commit: if it is ahead of what the disk holds, the disk went back, and old counters must not be given out
 * again. A witness that is missing says nothing, which comes to the same. One that is some seconds behind, since the
 * machine lost its power, may name an actor that was given up in between: the disk holds one more then.
 */
import { type Actor, isCounter, nodeOf, parseActor } from '../core/causality/dot'
import type { CausalContext } from '../core/causality/context'
import type { Random, Witness } from './ports'

export interface Testimony {
  readonly actor: Actor
  /** The highest own counter that was durable. */
  readonly counter: number
  /** How many actors of this node the disk held. If it holds more, the actor may have been given up since. */
  readonly ownActors: number
  /** The log after this record was written by an actor that is never reused: it is to be dropped before loading. */
  readonly discardAfter?: number
}

export function readTestimony(witness: Witness): Testimony | undefined {
  const text = witness.read()
  if (text === undefined) return undefined
  let raw: unknown
  try {
    raw = JSON.parse(text)
  } catch {
    return undefined // as good as missing
  }
  if (typeof raw !== 'object' || raw === null) return undefined
  const { actor: name, counter, discardAfter, ownActors: count } = raw as Record<string, unknown>
  const actor = typeof name === 'string' ? parseActor(name) : undefined
  if (actor === undefined || !(counter === 0 || isCounter(counter))) return undefined
  const ownActors = typeof count === 'number' ? count : Number.POSITIVE_INFINITY // earlier releases did not count
  const testimony = { actor, counter, ownActors }
  return typeof discardAfter === 'number' ? { ...testimony, discardAfter } : testimony
}

export function writeTestimony(witness: Witness, testimony: Testimony): void {
  witness.write(JSON.stringify(testimony))
}

/**
 * The actor of before, if the disk provably did not go back; undefined asks for a fresh one. An actor of another node is
 * none: the witness is behind the disk, and the replica has become that other node since.
 */
export function reusableActor(
  nodeId: string,
  testimony: Testimony | undefined,
  context: CausalContext,
): Actor | undefined {
  if (testimony === undefined || testimony.discardAfter !== undefined) return undefined
  if (nodeOf(testimony.actor) !== nodeId) return undefined
  if (countOwnActors(nodeId, context) > testimony.ownActors) return undefined
  return context.highest(testimony.actor) >= testimony.counter ? testimony.actor : undefined
}

export function countOwnActors(nodeId: string, context: CausalContext): number {
  let count = 0
  for (const actor of context.rows().keys()) if (nodeOf(actor) === nodeId) count += 1
  return count
}

/** `nodeId.incarnation`; the incarnation is random, so that no two of a node are ever the same. */
export function mintActor(nodeId: string, random: Random): Actor {
  return `${nodeId}.${randomName(random, 8)}` as Actor
}

/** So long that no two nodes of a room ever have the same. */
export function mintNodeId(random: Random): string {
  return randomName(random, 12)
}

/** Letters and digits, uniformly: 5.17 bits each. */
function randomName(random: Random, length: number): string {
  let name = ''
  while (name.length < length) {
    for (const byte of random.bytes(length)) {
      if (byte < 252 && name.length < length) name += (byte % 36).toString(36) // 252 = 7 × 36: no letter is likelier
    }
  }
  return name
}
