/**
 * A large room in virtual time: hundreds of the very nodes that run in the browser, on links with latency and
 * bandwidth, without disks and without faults but those that are asked for. It measures what DESIGN 6 sets goals for:
 * copies, hops and time of a write, bytes at rest, healing.
 */
import type { Actor } from '../core/causality/dot'
import { decodeMessage } from '../core/gossip/codec'
import type { LinkId, MemberId } from '../core/gossip/link'
import type { Message } from '../core/gossip/messages'
import { GossipNode } from '../core/gossip/node'
import type { ChannelBinding } from '../core/gossip/proof'
import { OVERLAY, type OverlaySize } from '../core/gossip/overlay'
import type { Input, Output } from '../core/gossip/step'
import type { Json, Key } from '../core/store/value'
import { Seeded } from './seeded'
import { Timeline } from './timeline'

export interface RoomOptions {
  readonly seed: number
  readonly overlay?: OverlaySize
  readonly floods?: boolean
}

/** One way between two neighbours lasts between these two, in milliseconds, always the same but for the jitter. */
const NOBODY_BETWEEN: ChannelBinding = { ours: '', theirs: '' }
const LATENCY_MS_MIN = 10
const LATENCY_MS_MAX = 60
const JITTER_MS = 5

/** What a link carries, in bytes a millisecond: 10 MB/s. */
const BANDWIDTH = 10_000

/** Signaling answers after so long, and notices so late that somebody vanished, in milliseconds. */
const SIGNALING_MS = 40
const SIGNALING_NOTICES_MS = 10_000

/** A dial to somebody who is gone fails after so long, in milliseconds. */
const DIAL_FAILS_MS = 4_000

interface End {
  readonly peer: Peer
  readonly link: LinkId
  readonly latencyMs: number
  drainedAt: number
  arrivesAt: number
  other: End
}

/** A write whose way is followed. */
export interface Traced {
  readonly from: Peer
  readonly at: number
  copies: number
  /** How many links it came over, and how long that took. */
  readonly hopsByPeer: Map<Peer, number>
  readonly msByPeer: Map<Peer, number>
}

export class Peer {
  readonly node: GossipNode
  readonly endByLink = new Map<LinkId, End>()
  bytesSent = 0
  rootsSent = 0
  /** What was sent that is neither a Root nor a Ping nor a Pong. */
  othersSent = 0
  /** Time that `step` took, in real milliseconds. */
  stepMs = 0
  isUp = false
  wakeAt = Number.POSITIVE_INFINITY

  constructor(
    readonly member: MemberId,
    readonly side: number,
    options: ConstructorParameters<typeof GossipNode>[0],
  ) {
    this.node = new GossipNode(options)
  }

  /** The neighbours, as it sees them. */
  neighbours(now: number): number {
    return this.node.peers(now).filter(({ state }) => state === 'linked').length
  }

  /** Links to those who are there. */
  get degree(): number {
    return [...this.endByLink.values()].filter(({ other }) => other.peer.isUp).length
  }
}

export class Room {
  readonly timeline = new Timeline()
  readonly peers: Peer[] = []
  private readonly random: Seeded
  private readonly listed = new Map<MemberId, Peer>()
  private readonly traceByDot = new Map<string, Traced>()
  private isCut = false
  private links = 0
  private written = 0

  constructor(private readonly options: RoomOptions) {
    this.random = new Seeded(options.seed)
  }

  get now(): number {
    return this.timeline.now
  }

  up(): Peer[] {
    return this.peers.filter(({ isUp }) => isUp)
  }

  // What happens

  /** Another node comes. */
  join(): Peer {
    const { random } = this
    const name = () => `${random.integer(0, 2 ** 30).toString(36)}${random.integer(0, 2 ** 30).toString(36)}`
    const nodeId = name()
    const peer = new Peer(name(), this.peers.length % 2, {
      nodeId,
      actor: undefined,
      deletesRemembered: 100,
      proofKey: new Uint8Array(32),
      random: {
        fraction: () => random.fraction(),
        bytes: (count) => Uint8Array.from({ length: count }, () => random.integer(0, 255)),
        mintActor: () => `${nodeId}.${name()}` as Actor,
        mintNodeId: name,
      },
      overlay: this.options.overlay ?? OVERLAY,
      ...(this.options.floods === undefined ? {} : { floods: this.options.floods }),
    })
    this.peers.push(peer)
    peer.isUp = true
    this.listed.set(peer.member, peer)
    this.give(peer, { type: 'online', self: peer.member })
    this.timeline.after(SIGNALING_MS, () =>
      this.give(peer, { type: 'signaling', up: true, self: peer.member }),
    )
    return peer
  }

  run(ms: number): void {
    this.timeline.run(this.timeline.now + ms)
  }

  /** Runs until it holds, looking every so often; the time that took, in ms. Undefined: not within `withinMs`. */
  until(holds: () => boolean, withinMs: number, everyMs = 250): number | undefined {
    const from = this.now
    while (!holds()) {
      if (this.now - from >= withinMs) return undefined
      this.run(everyMs)
    }
    return this.now - from
  }

  write(peer: Peer, key: string, value: Json = `${key} is ${++this.written}`): Traced {
    this.give(peer, {
      type: 'write',
      writes: [{ key: key as Key, value }],
      merge: 'auto',
      wallMs: Date.UTC(2026, 0) + this.now,
      origin: 'local',
    })
    const traced: Traced = {
      from: peer,
      at: this.now,
      copies: 0,
      hopsByPeer: new Map([[peer, 0]]),
      msByPeer: new Map(),
    }
    const actor = peer.node.actor as Actor
    this.traceByDot.set(`${actor}:${peer.node.replica.context.highest(actor)}`, traced)
    return traced
  }

  writeMany(peer: Peer, entries: number, valueLength: number): void {
    const writes = Array.from({ length: entries }, (_, at) => ({
      key: `key ${at}` as Key,
      value: 'x'.repeat(valueLength),
    }))
    this.give(peer, { type: 'write', writes, merge: 'auto', wallMs: this.now, origin: 'local' })
  }

  /** They are gone, without a word. */
  vanish(gone: readonly Peer[]): void {
    for (const peer of gone) peer.isUp = false
    this.timeline.after(SIGNALING_NOTICES_MS, () => {
      for (const { member } of gone) this.listed.delete(member)
    })
  }

  /** Nothing gets from one half to the other; signaling reaches both. */
  cut(): void {
    this.isCut = true
  }

  heal(): void {
    this.isCut = false
  }

  // What there is to see

  /** Whether one can get from every node to every other. */
  isConnected(): boolean {
    const all = this.up()
    const seen = new Set(all.slice(0, 1))
    for (const peer of seen) {
      for (const { other } of peer.endByLink.values()) {
        const isLinked = other.peer.isUp && other.peer.endByLink.has(other.link)
        if (isLinked && !this.isApart(peer, other.peer)) seen.add(other.peer)
      }
    }
    return seen.size === all.length
  }

  isConverged(): boolean {
    const [first, ...others] = this.up()
    const digest = first?.node.replica.digest()
    return others.every(({ node }) => node.replica.digest() === digest)
  }

  /** Forgets what was counted so far. */
  startCounting(): void {
    for (const peer of this.peers) peer.bytesSent = peer.rootsSent = peer.othersSent = peer.stepMs = 0
  }

  // Parts

  private isApart(a: Peer, b: Peer): boolean {
    return this.isCut && a.side !== b.side
  }

  private give(peer: Peer, input: Input): void {
    if (!peer.isUp) return
    const startMs = performance.now()
    const outputs = peer.node.step(input, this.now)
    const flushed = peer.node.step({ type: 'flush' }, this.now)
    peer.stepMs += performance.now() - startMs
    for (const output of outputs) this.carryOut(peer, output)
    for (const output of flushed) this.carryOut(peer, output)
    this.reschedule(peer)
  }

  /** As the driver does: a wake that would be early is left to come. */
  private reschedule(peer: Peer): void {
    const at = Math.max(this.now, peer.node.wakeAt())
    if (at >= peer.wakeAt) return
    peer.wakeAt = at
    this.timeline.at(at, () => {
      if (peer.wakeAt !== at) return
      peer.wakeAt = Number.POSITIVE_INFINITY
      if (peer.node.wakeAt() <= this.now) this.give(peer, { type: 'tick', lateMs: 0 })
      else if (peer.isUp) this.reschedule(peer)
    })
  }

  private carryOut(peer: Peer, output: Output): void {
    switch (output.type) {
      case 'send':
        return this.send(peer.endByLink.get(output.link), output.message)
      case 'dial':
        return this.dial(peer, output.member)
      case 'hangUp':
        return this.hangUp(peer.endByLink.get(output.link))
      case 'refresh':
        this.timeline.after(SIGNALING_MS, () => {
          const members = [...this.listed.keys()].filter((member) => member !== peer.member)
          this.give(peer, { type: 'members', members })
        })
        return
      case 'malformed':
      case 'updateNeeded':
        throw new Error(`a node does not understand another: ${JSON.stringify(output)}`)
      default:
    }
  }

  private send(end: End | undefined, message: Uint8Array): void {
    if (end === undefined) return
    const { timeline } = this
    end.peer.bytesSent += message.length
    end.drainedAt = Math.max(end.drainedAt, timeline.now) + message.length / BANDWIDTH
    end.arrivesAt = Math.max(end.arrivesAt, end.drainedAt + end.latencyMs + this.random.between(0, JITTER_MS))
    const { peer, link, other } = end
    timeline.at(end.drainedAt, () => {
      if (peer.endByLink.has(link)) this.give(peer, { type: 'sent', link, bytes: message.length })
    })
    timeline.at(end.arrivesAt, () => {
      if (this.isApart(peer, other.peer) || !other.peer.endByLink.has(other.link) || !other.peer.isUp) return
      this.follow(peer, other.peer, message)
      this.give(other.peer, { type: 'received', link: other.link, message })
    })
  }

  /** Counts what the message is. */
  private follow(from: Peer, to: Peer, bytes: Uint8Array): void {
    const type = TYPE_OF_BYTE[bytes[0] as number]
    if (type === 'root') from.rootsSent++
    else if (type !== 'ping') from.othersSent++
    if (type !== 'events') return
    const message = decodeMessage(bytes) as Extract<Message, { type: 'events' }>
    for (const { event } of message.events) {
      const traced = this.traceByDot.get(`${event.actor}:${event.counter}`)
      if (traced === undefined) continue
      traced.copies++
      if (traced.hopsByPeer.has(to)) continue
      traced.hopsByPeer.set(to, (traced.hopsByPeer.get(from) ?? 0) + 1)
      traced.msByPeer.set(to, this.now - traced.at)
    }
  }

  private dial(from: Peer, member: MemberId): void {
    const to = this.listed.get(member)
    const fails = () => this.give(from, { type: 'dialFailed', member })
    if (to === undefined || !to.isUp || this.isApart(from, to)) {
      this.timeline.after(to === undefined ? 2 * SIGNALING_MS : DIAL_FAILS_MS, fails)
      return
    }
    this.timeline.after(4 * SIGNALING_MS, () => {
      if (!to.isUp || this.isApart(from, to)) return fails()
      const latencyMs = this.random.between(LATENCY_MS_MIN, LATENCY_MS_MAX)
      const [a, b] = [this.newEnd(from, latencyMs), this.newEnd(to, latencyMs)]
      a.other = b
      b.other = a
      this.give(to, {
        type: 'opened',
        link: b.link,
        member: from.member,
        dialledBy: 'them',
        channel: NOBODY_BETWEEN,
      })
      this.give(from, { type: 'opened', link: a.link, member, dialledBy: 'us', channel: NOBODY_BETWEEN })
    })
  }

  private newEnd(peer: Peer, latencyMs: number): End {
    const end = { peer, link: ++this.links, latencyMs, drainedAt: 0, arrivesAt: 0 } as End
    peer.endByLink.set(end.link, end)
    return end
  }

  private hangUp(end: End | undefined): void {
    if (end === undefined || !end.peer.endByLink.delete(end.link)) return
    const { other } = end
    this.timeline.at(Math.max(end.arrivesAt, this.now + end.latencyMs), () => {
      if (other.peer.endByLink.delete(other.link)) this.give(other.peer, { type: 'closed', link: other.link })
    })
  }
}

/** The types of messages that are counted, by their first byte. */
const TYPE_OF_BYTE: Readonly<Record<number, Message['type']>> = {
  2: 'root',
  5: 'events',
  7: 'ping',
  8: 'ping',
}
