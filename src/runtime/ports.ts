/**
 * What the runtime needs of the world. Adapters implement these, the simulator fakes them,
 * and every adapter of a port passes that port's contract suite.
 */
import type { ChannelBinding } from '../core/gossip/proof'

/** The name of one tab's session at the signaling server: random, new at every start, no secret. */
export type MemberId = string

/** Names one data channel within one transport; never reused. */
export type LinkId = number

export type { ChannelBinding }

export type SignalingState = 'up' | 'down' | 'off'

export interface TransportEvents {
  signaling(state: SignalingState): void
  /** Everybody whom signaling lists in this room now, ourselves left out. */
  members(ids: readonly MemberId[]): void
  /** Everybody who can be dialled now although signaling is down: other tabs of this browser. */
  nearby(ids: readonly MemberId[]): void
  opened(link: LinkId, member: MemberId, dialledBy: 'us' | 'them', channel: ChannelBinding): void
  /** The link is gone for good; fired once for each that opened, also after `hangUp`. */
  closed(link: LinkId): void
  /** A dial ended without a link. */
  dialFailed(member: MemberId): void
  /** One whole message, as it was given to `send` on the other side. */
  received(link: LinkId, message: Uint8Array): void
  /** `bytes` more of what was sent have left our own queue. Batched; the sum over time is exact once the queue is empty. */
  sent(link: LinkId, bytes: number): void
}

/** Ordered, reliable links to the other members of one room. Nothing throws: trouble is an event. */
export interface Transport {
  readonly self: MemberId
  /** Connects to signaling and begins to report. Called again after `stop`, it starts anew. */
  start(events: TransportEvents): void
  /** Opens a link; ends in `opened` or `dialFailed`, within the adapter's own time limit. */
  dial(member: MemberId): void
  /** Queues one message of at most `MESSAGE_BYTES_MAX` bytes. Ignored on a closed link. */
  send(link: LinkId, message: Uint8Array): void
  /**
   * The peer has proven itself. Before, a link brings at most `UNPROVEN_MESSAGES_MAX` messages of at most
   * `UNPROVEN_MESSAGE_BYTES_MAX` bytes, and is closed at anything beyond, of which nothing is kept.
   */
  trust(link: LinkId): void
  hangUp(link: LinkId): void
  /** Asks signaling for the members again; answered by `members` when it is up. */
  refresh(): void
  /** Looks whether what should be connected still is (the page came back from sleep), and renews what is not. */
  renew(): void
  /** Drops all links after what is queued has had a moment to leave, and signaling. Reports no more. */
  stop(): Promise<void>
}

/** `strict`: on the disk, not in a cache of the system's, before it resolves. */
export type Durability = 'strict' | 'relaxed'

/** What a replica holds, or a part of it: the parts come in order, the checkpoint's first. */
export interface StoredState {
  /** The last checkpoint, in the order in which it was written. */
  checkpoint: Uint8Array[]
  /** What was appended since, in order, each with its number. */
  log: { number: number; record: Uint8Array }[]
}

/** Is handed one part while the next is on its way. Whatever it throws ends the reading. */
export type TakeStored = (part: StoredState) => void

/**
 * One replica's append-only log with checkpoints. One caller, one call at a time.
 * Every promise rejects with a `StorageError` if the outcome is a failure or unknown.
 */
export interface Storage {
  /** Hands over, as of one instant, all that is there; resolves with the last number. */
  load(take: TakeStored): Promise<number>
  /** Appends all of it under consecutive numbers beginning with `first`, or nothing. */
  append(first: number, records: readonly Uint8Array[], durability: Durability): Promise<void>
  /** Replaces the checkpoint, and drops the log up to and including `upTo`, atomically. */
  checkpoint(records: readonly Uint8Array[], upTo: number): Promise<void>
  /** The last number that was given out, 0 if none was: tells what became of a commit of unknown outcome. Reopens what was closed. */
  lastNumber(): Promise<number>
  /**
   * Forgets the log after `number`: what a volatile actor wrote before it was known to be volatile. The number after it
   * is given out no more. Does nothing if it is so already, or a checkpoint reaches beyond `number`: who asks has been
   * overtaken, and what is there came later.
   */
  truncate(number: number): Promise<void>
  close(): Promise<void>
}

export class StorageError extends Error {
  override readonly name = 'StorageError'
  constructor(
    /** `fenced`: another tab owns this replica now. `newer`: written by a later release; left untouched. */
    readonly reason: 'full' | 'closed' | 'blocked' | 'fenced' | 'newer' | 'failed',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/**
 * The witness of a replica's identity, kept apart from its database; synchronous, so that it is written before the page
 * can vanish. When the machine loses its power it may be some seconds behind the database.
 */
export interface Witness {
  /** What was written last; undefined if it is missing or can't be read. */
  read(): string | undefined
  write(text: string): void
}

/** A replica of the room in this browser that nobody owns now. */
export interface OtherSlot {
  readonly name: string
  /** Hands over what it holds; changes nothing. Rejects with a `StorageError`. */
  read(take: TakeStored): Promise<void>
  /**
   * All that `read` gave is durable in our own replica: it is not listed again until it has changed, and may be
   * erased when it is old. Rejects with a `StorageError` if that can't be noted; it is only read again then.
   */
  merged(): Promise<void>
}

/** One replica of the room in this browser, owned by this tab until `release`. */
export interface Slot {
  readonly nodeId: string
  /** The replica is another node's from now on, also after a reload. Rejects with a `StorageError`. */
  renameNode(nodeId: string): Promise<void>
  /** Absent: this browser keeps nothing (no IndexedDB). */
  readonly storage: Storage | undefined
  readonly witness: Witness
  /** Whether the browser promised not to evict what we keep. */
  readonly persisted: boolean
  /**
   * The other slots of this room that nobody owns now and that may hold something beyond this one. (Those that don't,
   * and have been unused for 30 days, are erased.)
   */
  others(): Promise<OtherSlot[]>
  /** Another tab of this room closed: `others()` may have something new. Returns a stop function. */
  onOtherFree(listener: () => void): () => void
  /** This tab lost the slot (it slept, another took it), or the room was forgotten in another tab. */
  onLost(listener: (why: 'taken' | 'forgotten') => void): () => void
  release(): Promise<void>
  /** Tells the other tabs of the room to leave, and erases every replica of it in this browser. */
  forget(): Promise<void>
}

export interface Slots {
  /** Takes the slot that this tab had before, or the lowest free one, or a new one. */
  open(roomId: string, signal?: AbortSignal): Promise<Slot>
}

export interface Clock {
  /** Milliseconds since 1970, by the wall: may be years off and jump. */
  now(): number
  /** Milliseconds since some instant, never backwards: what deadlines are measured with. */
  steady(): number
  /** Calls back once after `delayMs` or a little later; returns a cancel function. */
  wake(delayMs: number, callback: () => void): () => void
  /** Lets other work of the page run, then goes on; not slowed down in hidden tabs, as timers are. */
  pause(): Promise<void>
}

export interface Random {
  bytes(count: number): Uint8Array
}
