/**
 * Dots name writes. An actor is one writing identity, `nodeId.incarnation`; its counters are store-wide and
 * gap-free, so that a set of dots is a few intervals per actor (Almeida et al., *Scalable and Accurate Causality
 * Tracking for Eventually Consistent Stores*, DAIS 2014, section 5).
 */
import { ACTOR_LENGTH_MAX } from '../limits'

export type Actor = string & { readonly __brand: 'Actor' }

export interface Dot {
  readonly actor: Actor
  /** Integer, 1 … 2^53 − 1. */
  readonly counter: number
}

const ACTOR_FORM = /^[a-z0-9]+\.[a-z0-9]+$/

/** The actor that `raw` names, or undefined if it is not well-formed. */
export function parseActor(raw: string): Actor | undefined {
  return raw.length <= ACTOR_LENGTH_MAX && ACTOR_FORM.test(raw) ? (raw as Actor) : undefined
}

export function isCounter(raw: unknown): raw is number {
  return Number.isSafeInteger(raw) && (raw as number) >= 1
}

/** The id of the node that writes, or wrote, as `actor`. */
export function nodeOf(actor: Actor): string {
  return actor.slice(0, actor.indexOf('.'))
}
