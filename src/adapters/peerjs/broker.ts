/**
 * Our place at the signaling server, kept through its restarts under one id, unless somebody takes that meanwhile.
 * Losing it never touches a link: one `Peer` is reconnected again and again and never destroyed before the end, since
 * destroying it would close its connections. (It destroys itself only if it was refused before it ever opened, and so
 * before it had any.)
 */
import { Peer, type DataConnection } from 'peerjs'
import type { Clock, MemberId, Random, SignalingState } from '../../runtime/ports'
import { RECONNECT_MS_MAX, reconnectDelayMs } from './backoff'
import { isMemberId, mintMemberId } from './member-id'
import { SignalFilter } from './signals'

/** A server that answers neither yes nor no in this time is tried anew: PeerJS itself would wait for ever. */
const OPENING_MS_MAX = 8_000
const LIST_MS_MAX = 5_000

/** Where signaling is. `path` begins and ends with a slash. */
export interface BrokerAddress {
  /** What PeerJS calls `key`: listing and relaying stay inside it. */
  roomId: string
  host: string
  port: number
  path: string
  secure: boolean
}

export interface BrokerOptions extends BrokerAddress {
  iceServers?: RTCIceServer[]
  iceTransportPolicy?: RTCIceTransportPolicy
  /** Comes of the room's code: who has it knows the names of its members from others. */
  memberKey: Uint8Array
  clock: Clock
  random: Random
}

/** Called from the browser's events and timers, never from within a method of the broker. */
export interface BrokerEvents {
  signaling(state: SignalingState): void
  members(ids: readonly MemberId[]): void
  /** Whether a member who wants to dial us may. */
  isWelcome(member: MemberId): boolean
  /** Somebody dials us. */
  incoming(connection: DataConnection): void
  /** A member whom we dialled is not there. */
  unavailable(member: MemberId): void
  /** Somebody took our id while we were away from the server: there is no way back under it. */
  displaced(): void
}

export class Broker {
  readonly self: MemberId
  /** Proves to the server that the next socket with our id is ours. */
  readonly #token: string
  readonly #options: BrokerOptions
  readonly #events: BrokerEvents
  #peer: Peer | undefined
  #up = false
  #isDown = false
  #stopped = false
  #isDisplaced = false
  #attempt = 0
  #openedAt = 0
  /** Of the one timer: the watchdog while connecting, the backoff while waiting. */
  #cancelTimer = () => {}
  #waiting = false
  #listing: AbortController | undefined

  constructor(options: BrokerOptions, events: BrokerEvents) {
    this.#options = options
    this.#events = events
    this.self = mintMemberId(options.memberKey, options.random)
    this.#token = hex(options.random.bytes(16))
  }

  /** In the page's next turn: PeerJS takes some milliseconds to begin, and who opened the room has something to show first. */
  start(): void {
    void this.#options.clock.pause().then(() => {
      if (this.#stopped) return
      if (typeof RTCPeerConnection === 'undefined') this.#report('off')
      else this.#connect()
    })
  }

  /** Begins to dial; undefined while signaling is down, or when the browser refuses one more connection. */
  dial(member: MemberId): DataConnection | undefined {
    if (!this.#up || !this.#peer) return undefined
    try {
      return this.#peer.connect(member, { serialization: 'raw', reliable: true })
    } catch {
      return undefined
    }
  }

  /**
   * Asks for the members. Not by `listAllPeers`, which drops signaling when one request fails. The server has
   * forgotten us where we are not on its own list: our socket died while we slept, and is renewed.
   */
  refresh(): void {
    if (!this.#up || this.#listing) return
    const listing = new AbortController()
    this.#listing = listing
    const cancelTimeout = this.#options.clock.wake(LIST_MS_MAX, () => listing.abort())
    void listMembers(this.#options, listing.signal)
      .then((ids) => {
        if (!ids || listing.signal.aborted) return
        if (ids.includes(this.self))
          this.#events.members(ids.filter((id) => id !== this.self && this.#isMember(id)))
        else this.#peer?.disconnect()
      })
      .finally(() => {
        cancelTimeout()
        if (this.#listing === listing) this.#listing = undefined
      })
  }

  /** The page came back: no more waiting. */
  renew(): void {
    this.#attempt = 0
    if (this.#waiting) this.#connect()
    else this.refresh()
  }

  /** Leaves the server at once; links live on. */
  leave(): void {
    this.#stopped = true
    this.#cancelTimer()
    this.#listing?.abort()
    this.#peer?.removeAllListeners()
    this.#peer?.disconnect()
  }

  /** After `leave`, when all links are closed. */
  destroy(): void {
    this.#peer?.destroy()
  }

  #connect(): void {
    if (this.#isDisplaced) return this.#events.displaced()
    this.#wait(false, OPENING_MS_MAX, () => this.#giveUp())
    try {
      if (this.#peer && !this.#peer.destroyed) this.#peer.reconnect()
      else this.#peer = this.#newPeer()
    } catch {
      this.#giveUp() // `new WebSocket` throws for an address that the page may not use
    }
  }

  #newPeer(): Peer {
    const { roomId, host, port, path, secure, iceServers = [], iceTransportPolicy = 'all' } = this.#options
    this.#peer?.removeAllListeners()
    const peer = new Peer(this.self, {
      key: roomId,
      host,
      port,
      path,
      secure,
      token: this.#token,
      config: { iceServers, iceTransportPolicy }, // never PeerJS's default, which contacts third parties
    })
    this.#filter(peer)
    peer.on('open', () => this.#opened())
    peer.on('disconnected', () => this.#lost())
    peer.on('connection', (connection) => this.#events.incoming(connection))
    peer.on('call', (call) => call.close()) // no member of ours makes one
    peer.on('error', (error) => {
      if (error.type === 'peer-unavailable') this.#events.unavailable(lastWord(error.message))
      if (error.type === 'unavailable-id') this.#isDisplaced = true
    })
    return peer
  }

  #isMember(id: string): boolean {
    return isMemberId(this.#options.memberKey, id)
  }

  /** PeerJS hears of its socket only what passes. */
  #filter(peer: Peer): void {
    const filter = new SignalFilter({
      isMember: (id) => this.#isMember(id),
      isKnown: (member, connectionId) => peer.getConnection(member, connectionId) !== null,
      isWelcome: (member) => this.#events.isWelcome(member),
    })
    const { socket } = peer
    const listeners = socket.listeners('message')
    socket.removeAllListeners('message')
    socket.on('message', (signal: unknown) => {
      if (filter.admits(signal)) for (const listener of listeners) listener(signal)
    })
  }

  #opened(): void {
    this.#cancelTimer()
    this.#up = true
    this.#isDown = false
    this.#openedAt = this.#options.clock.steady()
    this.#report('up')
    this.refresh()
  }

  #giveUp(): void {
    if (this.#peer && !this.#peer.disconnected) this.#peer.disconnect()
    else this.#lost()
  }

  #lost(): void {
    this.#listing?.abort()
    const { clock, random } = this.#options
    // A server that takes us and drops us at once is no reason to hurry.
    if (this.#up && clock.steady() - this.#openedAt > RECONNECT_MS_MAX) this.#attempt = 0
    const fraction = (random.bytes(1)[0] ?? 0) / 256
    this.#wait(true, reconnectDelayMs(this.#attempt, fraction), () => this.#connect())
    this.#attempt += 1
    this.#up = false
    if (this.#isDown) return
    this.#isDown = true
    this.#report('down')
  }

  #wait(waiting: boolean, delayMs: number, then: () => void): void {
    this.#cancelTimer()
    this.#waiting = waiting
    this.#cancelTimer = this.#options.clock.wake(delayMs, then)
  }

  #report(state: SignalingState): void {
    if (!this.#stopped) this.#events.signaling(state)
  }
}

/** PeerServer's own list of the room; undefined if there is no good answer. */
async function listMembers(address: BrokerAddress, signal: AbortSignal): Promise<MemberId[] | undefined> {
  const { roomId, host, port, path, secure } = address
  try {
    const url = `${secure ? 'https' : 'http'}://${host}:${port}${path}${roomId}/peers`
    const response = await fetch(url, { signal, cache: 'no-store' })
    const ids: unknown = response.ok ? await response.json() : undefined
    return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : undefined
  } catch {
    return undefined // the next refresh asks again; that the server is gone, the socket tells
  }
}

/** PeerJS says which member is unavailable only in words: `Could not connect to peer <id>`. */
function lastWord(message: string): string {
  return message.slice(message.lastIndexOf(' ') + 1)
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
