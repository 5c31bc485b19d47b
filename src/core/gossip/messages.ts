/**
 * What nodes say to each other (DESIGN 4.4–4.7). Every message says what its receiver does with it.
 * Links are ordered and reliable: a message comes whole, once, and after those sent before it, or the link ends.
 */
import type { Rows } from '../causality/context'
import type { Intervals } from '../causality/intervals'
import type { Hash128 } from '../causality/hash'
import type { Actor } from '../causality/dot'
import type { VersionVector } from '../causality/version-vector'
import type { Key } from '../store/value'
import type { StoreEvent } from '../store/version'
import type { Proof } from './proof'
import type { Sketch } from './sketch'
import type { LiveSummary } from './summary'

export interface KeyedEvent {
  readonly key: Key
  readonly event: StoreEvent
}

/** First on every link. On Hello: without a common version hang up and say so; otherwise answer with Proof. */
export interface Hello {
  readonly type: 'hello'
  readonly lowestVersion: number
  readonly highestVersion: number
  /** `NONCE_BYTES` that were never used before. */
  readonly nonce: Uint8Array
}

/**
 * The sender knows the room's code. On Proof: if it is right, answer with Intro; otherwise hang up. Nothing else is
 * taken from a peer before it, and nothing else is said to one.
 */
export interface ProofMessage extends Proof {
  readonly type: 'proof'
}

/** The sender's state. Equal contexts mean equal states, clones aside, which `live` shows. */
export interface StateHashes {
  readonly context: Hash128
  /** Of what is alive. Undefined while the sender has yet to make it. */
  readonly live: Hash128 | undefined
}

/**
 * Who speaks, and its state in two hashes. On Intro: settle which of two links to one node stays; then send the first
 * Root, and, if the states differ, Rows right behind it.
 */
export interface Intro extends StateHashes {
  readonly type: 'intro'
  readonly nodeId: string
  /** The actor under which the sender writes; undefined until its first write. */
  readonly actor: Actor | undefined
}

/** What a node knows of the dots of one actor. */
export interface Knowledge {
  readonly row: Intervals
  /** The highest counter that ghosts name; 0 if none. */
  readonly ghosts: number
  /** The latest that are alive, at most `DOTS_SHOWN_MAX`. */
  readonly latest: readonly ShownDot[]
}

export interface ShownDot {
  readonly counter: number
  /** 32 bits of the hash of its content. */
  readonly content: number
}

/**
 * The sender's state in two hashes; without `live` another Root follows. On Root: answer with ours unless that one was
 * already sent on this link; if they differ, unless it was sent in the knowledge of theirs. Equal: in sync. One of them
 * differs: offer Rows, unless those that went behind our first Root say the same. The first one on a link says what the
 * sender knows of the actor in our Intro: if that is more than we ever sent, rename (DESIGN 4.3); otherwise it lets own
 * events go there.
 */
export interface Root extends StateHashes {
  readonly type: 'root'
  /** In the first one on a link, and in no other. */
  readonly yours: Knowledge | undefined
}

/**
 * `T`: what the sender knew at one instant. On Rows: if it holds dots that we lack, ask for them with Want.
 * Nothing lacking means nothing to do, deletes included.
 */
export interface RowsOffer {
  readonly type: 'rows'
  readonly token: number
  readonly rows: Rows
}

/**
 * `T` as well, of many actors: a sketch of its rows. On Outline: compare it with what we know at this instant. If all of
 * its rows are ours too, that is an offer of Rows; otherwise ask for the others with Inquiry, and keep ours as they are.
 */
export interface Outline {
  readonly type: 'outline'
  readonly token: number
  readonly sketch: Sketch
}

/** On Inquiry: if we still hold the offer of that token, answer with these rows of it in Differing, or with all in Rows. */
export interface Inquiry {
  readonly type: 'inquiry'
  readonly token: number
  /** By their hashes. Undefined: all of them, since the sketch did not tell. */
  readonly rows: readonly Hash128[] | undefined
}

/** On Differing: if we asked for just these, they are with those that we kept an offer of Rows. */
export interface Differing {
  readonly type: 'differing'
  readonly token: number
  readonly rows: Rows
}

/** On Want: if we still hold the offer of that token, stream at one instant what the sender lacks, then Claim. */
export interface Want {
  readonly type: 'want'
  readonly token: number
  /** Names the transfer on this link. */
  readonly transfer: number
  /** `T \ C` of the sender. */
  readonly want: Rows
  /** Of the sender's live dots inside `B = T \ want`; with their contents where `want` is empty. */
  readonly summary: LiveSummary
  readonly ghosts: Hash128
}

/**
 * On Events: apply each, and keep it. Live ones: forward what was new, and answer what was not with Prune, unless the
 * actor's news come by this link. Those of a transfer: count them; forward what was new if they are few.
 */
export interface Events {
  readonly type: 'events'
  /** 0: live. Otherwise part of the answer to that Want … */
  readonly transfer: number
  /** … which has so many events in all; 0 for live ones. */
  readonly total: number
  /** Live ones: over so many links they have come here, this one included. */
  readonly hops: number
  readonly events: readonly KeyedEvent[]
}

/**
 * The end of an answer. On Claim: if it is of our transfer, `dead` stays inside `B`, and every one of its events
 * has come, apply it in one commit; otherwise drop it: the events stay, and our Root starts anew at once.
 */
export interface ClaimMessage {
  readonly type: 'claim'
  readonly transfer: number
  /** `E` beyond want. */
  readonly known: Rows
  readonly events: number
  readonly dead: Rows
  /** Undefined: the same as the receiver's. */
  readonly ghosts: ReadonlyMap<Key, VersionVector> | undefined
}

/** On Prune: push no more events of these actors on this link; announce them with Have. */
export interface Prune {
  readonly type: 'prune'
  readonly actors: readonly Actor[]
}

/** What the sender has and did not push. On Have: what is still missing after a second is asked for with Graft. */
export interface Have {
  readonly type: 'have'
  readonly rows: Rows
}

/**
 * On Graft: push the events of all these actors on this link again; send those of `rows` that are alive, and, if some
 * are not, our Root.
 */
export interface Graft {
  readonly type: 'graft'
  readonly actors: readonly Actor[]
  readonly rows: Rows
}

/**
 * The end of an answer to a Want with a sketch that did not tell the difference; the offer stands. On Retry: if it is
 * of our transfer, ask again by the same token, with a larger sketch or in the end a list.
 */
export interface Retry {
  readonly type: 'retry'
  readonly transfer: number
}

/**
 * A piece of what is said of a whole state (Rows and its like, Want, Claim) that is too large to go at once; other messages may go between two of them.
 * On Part: keep it until the last one has come, then take the whole as if it had come by itself. One that is not the
 * next, or too many of them, end the link.
 */
export interface Part {
  readonly type: 'part'
  /** 0, 1, … */
  readonly index: number
  readonly last: boolean
  readonly bytes: Uint8Array
}

/** On Ping: answer Pong with the same number at once. */
export interface Ping {
  readonly type: 'ping'
  readonly number: number
}

/** On Pong: the round trip is known, and the peer lives. */
export interface Pong {
  readonly type: 'pong'
  readonly number: number
}

/**
 * Two live sessions answer to the receiver's node id, as when a disk was cloned: the other one is this member. On Twin:
 * the one with the larger member id takes another node id and another actor, and ends its links.
 */
export interface Twin {
  readonly type: 'twin'
  readonly member: string
}

/**
 * On Bye: end the link. After `left` and `offline` that session is over: don't dial it again. After `surplus` it has
 * links enough: look for others, and leave it alone for a while.
 */
export interface Bye {
  readonly type: 'bye'
  readonly why: 'left' | 'offline' | 'surplus'
}

export type Message =
  | Hello
  | ProofMessage
  | Intro
  | Root
  | RowsOffer
  | Outline
  | Inquiry
  | Differing
  | Want
  | Events
  | ClaimMessage
  | Retry
  | Ping
  | Pong
  | Bye
  | Part
  | Prune
  | Have
  | Graft
  | Twin
