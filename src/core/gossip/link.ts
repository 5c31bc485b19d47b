/** What a node keeps of one link. All of it ends with the link. */
import type { CausalContext, Rows } from '../causality/context'
import type { Hash128 } from '../causality/hash'
import type { Actor } from '../causality/dot'
import { PROOF_MS_MAX } from '../limits'
import type { Handshake } from './handshake'
import type { ClaimMessage, KeyedEvent, Part, Retry, StateHashes } from './messages'
import type { Compared } from './outline'
import { PartsIn } from './parts'

export type LinkId = number
export type MemberId = string

/** `T` of an offer, under its token. */
export interface Offered {
  readonly token: number
  readonly rows: Rows
}

/** What we offered: kept until its pull is done or another offer takes its place. */
export interface Offer extends Offered {
  /** Of the context that `T` is. */
  readonly hash: Hash128
}

/** Rows of an offer that we asked for, since only its outline came. */
export interface Inquired extends Compared {
  readonly token: number
}

/** An answer of ours, being streamed. Computed at one instant; later writes don't touch it. */
export interface Answer {
  readonly transfer: number
  readonly events: readonly KeyedEvent[]
  sentEvents: number
  readonly end: ClaimMessage | Retry
}

/** A transfer that we asked for. */
export interface Pull {
  readonly transfer: number
  /** `T`, by which to ask again if our sketch did not tell. */
  readonly offer: Offered
  /** How many sketches did not tell before. */
  readonly attempt: number
  readonly isSketched: boolean
  readonly want: Rows
  /** `B = T \ want`. */
  readonly both: Rows
  /** The distinct events that came for it. */
  readonly streamed: CausalContext
  received: number
  total: number
  progressAt: number
}

/** `hello` sent; `proof` sent after their Hello; `intro` sent after their Proof; `known` until their first Root; `ready`. */
export type Phase = 'hello' | 'proof' | 'intro' | 'known' | 'ready'

export interface Link {
  readonly id: LinkId
  readonly member: MemberId
  /** Who dialled: its id settles which of two links to one node stays. */
  readonly dialler: MemberId
  phase: Phase
  readonly handshake: Handshake
  nodeId: string | undefined
  /** The actors of the two Intros. */
  toldActor: Actor | undefined
  theirActor: Actor | undefined
  heardAt: number
  /** Silent for so long, the peer is taken for gone. */
  readonly silenceMs: number
  silentAt: number
  pingAt: number
  ping: { number: number; sentAt: number } | undefined
  /** The number of their last Ping, if there was no room to answer it. */
  pongDue: number | undefined
  rttMs: number | undefined
  /** A newer link to another session of the same node id, and whether this one answered since: if both do, they are twins. */
  rival: { readonly link: LinkId; hasToAnswer: boolean } | undefined
  /** What the peer said last of its state, in its Intro or a Root. */
  theirState: StateHashes | undefined
  /** The text of the last Root that we sent, and when. */
  sentRoot: string
  /** The text of their state that we knew when we sent it. */
  sentRootTo: string
  sentRootAt: number
  offer: Offer | undefined
  inquiry: Inquired | undefined
  answer: Answer | undefined
  pull: Pull | undefined
  /** Parts that wait for room on the link, in order. */
  readonly partsOut: Part[]
  readonly partsIn: PartsIn
  /** We are to offer once what comes in parts is whole, and what is under way has left. */
  offerDue: boolean
  /** An offer that we let pass, since the link had too much under way. */
  askDue: boolean
  /** An offer that we let pass, since another link was already bringing the same. */
  deferred: boolean
  /** Bytes sent that the transport still holds. */
  outstandingBytes: number
  /** Live events were left out, because too much was outstanding. */
  lagging: boolean
  /** Dots of events that we have and did not push here, to be announced. */
  readonly unannounced: Map<Actor, number[]>
}

export function newLink(
  id: LinkId,
  member: MemberId,
  dialler: MemberId,
  handshake: Handshake,
  now: number,
  silenceMs: number,
  pingAt: number,
): Link {
  return {
    id,
    member,
    dialler,
    phase: 'hello',
    handshake,
    nodeId: undefined,
    toldActor: undefined,
    theirActor: undefined,
    heardAt: now,
    silenceMs,
    silentAt: now + PROOF_MS_MAX,
    pingAt,
    ping: undefined,
    pongDue: undefined,
    rttMs: undefined,
    rival: undefined,
    theirState: undefined,
    sentRoot: '',
    sentRootTo: '',
    sentRootAt: Number.NEGATIVE_INFINITY,
    offer: undefined,
    inquiry: undefined,
    answer: undefined,
    pull: undefined,
    partsOut: [],
    partsIn: new PartsIn(),
    offerDue: false,
    askDue: false,
    deferred: false,
    outstandingBytes: 0,
    lagging: false,
    unannounced: new Map(),
  }
}
