/**
 * One data channel, from the first offer to its end. PeerJS negotiates; from then on the channel is ours, because
 * PeerJS's own way of sending polls an unbounded array, and its close events miss a peer that died.
 *
 * Pacing: the channel's own buffer is kept shallow (`CHANNEL_BUFFER_BYTES_MAX`), all else waits in `#queue`, uncut.
 * Where Chromium accepted the channel, it may forget to tell that what was sent at once is gone (one link in five,
 * Chromium 156): `bufferedAmount` stays, no event comes, until something more is sent. So we send a frame more.
 */
import type { DataConnection } from 'peerjs'
import { FRAME_PAYLOAD_BYTES, frameAt, Reassembler } from '../../core/gossip/framing'
import { CHANNEL_BUFFER_BYTES_MAX, CHANNEL_FRAME_BYTES_MAX } from '../../core/limits'
import type { ChannelBinding, Clock } from '../../runtime/ports'
import { channelOf } from './fingerprints'

/** An offer that has led nowhere for so long leads nowhere. */
const OPENING_MS_MAX = 8_000

/** What is queued when the transport stops has so long to leave: enough for a busy machine … */
const FLUSH_MS_MAX = 2_000

/** … and then what the channel holds; a peer that is gone would hold it for ever. */
const CLOSING_MS_MAX = 2_000

/** Who waits so long for the channel to drain sends one frame more, once. */
const NUDGE_MS = 20

/**
 * Who accepted a channel lets the dialler speak first, for so long at most: what Chromium (156) sends in the moment in
 * which an accepted channel opens may never arrive, though what is sent after it does (seen on some links in a hundred).
 */
const LISTENING_MS_MAX = 200

/** At or below it, one more frame fits. */
const BUFFER_LOW_BYTES = CHANNEL_BUFFER_BYTES_MAX - CHANNEL_FRAME_BYTES_MAX

/** Called from the browser's events and from microtasks, never from within a method of the link. */
export interface LinkEvents {
  /** `channel`: the certificates of both ends. */
  opened(channel: ChannelBinding): void
  /** Exactly once, whether it opened before or not. */
  closed(): void
  received(message: Uint8Array): void
  /** So many more bytes of messages are in the channel's hands. */
  sent(bytes: number): void
}

export class Link {
  readonly #connection: DataConnection
  /** Kept, because PeerJS forgets both while it closes. */
  readonly #peerConnection: RTCPeerConnection
  #channel: RTCDataChannel | undefined
  readonly #clock: Clock
  readonly #events: LinkEvents
  readonly #reassembler = new Reassembler()
  /** What came before we opened: few and short, as all that comes before the proof. */
  readonly #early: Uint8Array[] = []
  #queue: Uint8Array[] = []
  /** How much of the queue's first message has left. */
  #offset = 0
  #unreported = 0
  #cancelNudge = () => {}
  #isListening = false
  #cancelListening = () => {}
  #closed = false
  #trusted = false
  readonly #cancelTimeout: () => void
  #finishing = false
  #hurried = false
  #letGo = () => {}
  /** Resolves when nothing of the link remains. */
  readonly released = new Promise<void>((resolve) => (this.#letGo = resolve))

  constructor(
    connection: DataConnection,
    private readonly dialledBy: 'us' | 'them',
    clock: Clock,
    events: LinkEvents,
  ) {
    this.#connection = connection
    this.#peerConnection = connection.peerConnection
    this.#clock = clock
    this.#events = events
    this.#cancelTimeout = clock.wake(OPENING_MS_MAX, () => this.close())
    connection.on('open', () => this.#open())
    connection.on('close', () => this.close())
    connection.on('data', (data) => this.#receive(data))
    this.#peerConnection.addEventListener('connectionstatechange', () => this.check())
  }

  get open(): boolean {
    return this.#channel !== undefined && !this.#closed
  }

  get trusted(): boolean {
    return this.#trusted
  }

  trust(): void {
    this.#trusted = true
    this.#reassembler.trust()
  }

  send(message: Uint8Array): void {
    if (!this.open) return
    this.#queue.push(message)
    this.#pump()
  }

  /** Looks whether the browser has given the link up; `disconnected` may still heal and is not trusted. */
  check(): void {
    const { connectionState } = this.#peerConnection
    const channelState = this.#channel?.readyState ?? 'open'
    if (connectionState === 'failed' || connectionState === 'closed' || channelState === 'closed')
      this.close()
  }

  /** Closes when the queue has left, now if it is empty. */
  finish(): void {
    this.#finishing = true
    this.#speak()
    if (this.#queue.length === 0 || this.#hurried) this.close()
    else this.#clock.wake(FLUSH_MS_MAX, () => this.close())
  }

  /** The page is about to vanish: from now on nothing waits, so that the other side hears at once that we are gone. */
  hurry(): void {
    this.#hurried = true
    if (this.#closed) this.#vanish()
  }

  /** Ends the link for its user at once; the queue is dropped, what the channel holds leaves behind our back. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#cancelTimeout()
    this.#cancelNudge()
    this.#cancelListening()
    this.#queue = []
    queueMicrotask(() => this.#events.closed())
    this.#release()
  }

  /** Chromium drops what has not left when a channel closes, so that its buffer has to be empty first. */
  #release(): void {
    const channel = this.#channel
    if (!channel || channel.readyState === 'closed') return this.#hangUp()
    const cancel = this.#clock.wake(CLOSING_MS_MAX, () => this.#hangUp())
    channel.addEventListener('close', () => {
      cancel()
      this.#hangUp()
    })
    if (this.#hurried) return this.#vanish()
    if (channel.bufferedAmount === 0) return channel.close()
    channel.bufferedAmountLowThreshold = 0
    channel.addEventListener('bufferedamountlow', () => channel.close())
  }

  /** The channel's end is a message like others, and may die with the page; the connection's leaves before it returns. */
  #vanish(): void {
    this.#channel?.close()
    this.#peerConnection.close()
  }

  #hangUp(): void {
    this.#connection.close()
    this.#letGo()
  }

  /** Chromium (156) now and then says twice that a channel is open, some milliseconds apart: one link in a thousand. */
  #open(): void {
    if (this.#closed || this.#channel !== undefined) return
    const binding = channelOf(this.#peerConnection)
    if (binding === undefined) return this.#openLater()
    this.#cancelTimeout()
    this.#channel = this.#connection.dataChannel
    this.#channel.bufferedAmountLowThreshold = BUFFER_LOW_BYTES
    this.#channel.addEventListener('bufferedamountlow', () => this.#pump())
    if (this.dialledBy === 'them' && this.#early.length === 0) this.#listen()
    this.#events.opened(binding)
    for (const message of this.#early.splice(0)) if (this.open) this.#events.received(message)
  }

  /** Chromium opens a channel before it shows the answer that it was opened by. */
  #openLater(): void {
    this.#peerConnection.addEventListener('signalingstatechange', () => this.#open(), { once: true })
  }

  #listen(): void {
    this.#isListening = true
    this.#cancelListening = this.#clock.wake(LISTENING_MS_MAX, () => this.#speak())
  }

  #speak(): void {
    if (!this.#isListening) return
    this.#isListening = false
    this.#cancelListening()
    this.#pump()
  }

  #receive(data: unknown): void {
    if (this.#closed) return
    this.#speak()
    const taken = data instanceof ArrayBuffer ? this.#reassembler.take(new Uint8Array(data)) : undefined
    if (taken === undefined || taken.type === 'malformed') this.close()
    else if (taken.type === 'message' && this.open) this.#events.received(taken.message)
    else if (taken.type === 'message') this.#early.push(taken.message)
  }

  #pump(limit = BUFFER_LOW_BYTES): void {
    const channel = this.#channel
    if (!channel || this.#closed || this.#isListening) return
    this.#cancelNudge()
    try {
      while (this.#queue.length > 0 && channel.bufferedAmount <= limit) this.#sendFrame(channel)
    } catch {
      return this.close() // the channel closed an instant ago; its event is on the way
    }
    const waiting = this.#queue.length > 0
    if (waiting && channel.bufferedAmount <= CHANNEL_BUFFER_BYTES_MAX)
      this.#cancelNudge = this.#clock.wake(NUDGE_MS, () => this.#pump(CHANNEL_BUFFER_BYTES_MAX))
    if (!waiting && this.#finishing) this.close()
  }

  #sendFrame(channel: RTCDataChannel): void {
    const message = this.#queue[0]
    if (!message) return
    channel.send(frameAt(message, this.#offset))
    const bytes = Math.min(FRAME_PAYLOAD_BYTES, message.length - this.#offset)
    this.#offset += bytes
    if (this.#offset === message.length) {
      this.#queue.shift()
      this.#offset = 0
    }
    this.#report(bytes)
  }

  /** One report for all that leaves in one go, and not within the caller's `send`. */
  #report(bytes: number): void {
    if (bytes === 0) return
    if (this.#unreported === 0) queueMicrotask(() => this.#reportSent())
    this.#unreported += bytes
  }

  #reportSent(): void {
    const bytes = this.#unreported
    this.#unreported = 0
    if (!this.#closed) this.#events.sent(bytes)
  }
}
