/**
 * A network in memory, for tests: everything waits in one queue until the test delivers it, in order, so that a test
 * is the same every time and can stop the world between any two events. It loses, delays and reorders nothing: a link
 * works or is cut. (Worse weather is the simulator's.)
 */
import { Probation } from '../../core/gossip/probation'
import type { ChannelBinding, LinkId, MemberId, Transport, TransportEvents } from '../../runtime/ports'

const NOBODY_BETWEEN: ChannelBinding = { ours: '', theirs: '' }

export class MemoryNetwork {
  #queue: (() => void)[] = []
  readonly #transports: MemoryTransport[] = []
  readonly #cuts = new Set<string>()
  #signalingUp = true

  /** A new machine on the network. Its `self` is `name`, and `name.2` and so on when it starts again. */
  transport(name: string): MemoryTransport {
    const transport = new MemoryTransport(this, name)
    this.#transports.push(transport)
    return transport
  }

  /** Lets the next event happen; false if there is none. */
  deliver(): boolean {
    const event = this.#queue.shift()
    event?.()
    return event !== undefined
  }

  /** Lets events happen until there are none. */
  run(): void {
    while (this.deliver());
  }

  /** Breaks the links between two machines, and lets none open, until `heal`. */
  cut(one: string, other: string): void {
    this.#cuts.add(pair(one, other))
    for (const transport of this.#transports) {
      if (transport.name === one || transport.name === other)
        transport.breakLinks((to) => this.isCut(transport.name, to))
    }
  }

  heal(one: string, other: string): void {
    this.#cuts.delete(pair(one, other))
  }

  /** Stops or restarts the signaling server. Links live on. */
  setSignaling(up: boolean): void {
    if (this.#signalingUp === up) return
    this.#signalingUp = up
    for (const transport of this.#transports) transport.announceSignaling()
  }

  /** @internal */
  get signalingUp(): boolean {
    return this.#signalingUp
  }

  /** @internal */
  later(event: () => void): void {
    this.#queue.push(event)
  }

  /** @internal */
  isCut(one: string, other: string): boolean {
    return this.#cuts.has(pair(one, other))
  }

  /** @internal Whoever is started under this name; undefined while signaling is down. */
  find(member: MemberId): MemoryTransport | undefined {
    return this.#signalingUp ? this.#transports.find((to) => to.started && to.self === member) : undefined
  }

  /** @internal */
  members(): MemberId[] {
    return this.#transports.filter((transport) => transport.started).map((transport) => transport.self)
  }
}

/** One end of a link. */
interface End {
  readonly to: MemoryTransport
  readonly toLink: LinkId
  /** Of the other end, as seen from this one. */
  readonly probation: Probation
}

export class MemoryTransport implements Transport {
  readonly #network: MemoryNetwork
  #events: TransportEvents | undefined
  #startCount = 0
  #linkCount = 0
  readonly #endByLink = new Map<LinkId, End>()
  readonly #dialling = new Set<MemberId>()

  constructor(
    network: MemoryNetwork,
    readonly name: string,
  ) {
    this.#network = network
  }

  get self(): MemberId {
    return this.#startCount <= 1 ? this.name : `${this.name}.${this.#startCount}`
  }

  get started(): boolean {
    return this.#events !== undefined
  }

  start(events: TransportEvents): void {
    void this.stop()
    this.#startCount += 1
    this.#events = events
    if (this.#network.signalingUp) this.announceSignaling()
  }

  dial(member: MemberId): void {
    if (this.#dialling.has(member)) return
    this.#dialling.add(member)
    this.#later((events) => {
      this.#dialling.delete(member)
      const other = this.#network.find(member)
      if (
        !other ||
        other === this ||
        !this.#network.signalingUp ||
        this.#network.isCut(this.name, other.name)
      ) {
        return events.dialFailed(member)
      }
      const link = this.#newLink()
      const otherLink = other.#newLink()
      this.#endByLink.set(link, { to: other, toLink: otherLink, probation: new Probation() })
      other.#endByLink.set(otherLink, { to: this, toLink: link, probation: new Probation() })
      other.#later((events) => events.opened(otherLink, this.self, 'them', NOBODY_BETWEEN)) // before anything said on it
      events.opened(link, member, 'us', NOBODY_BETWEEN)
    })
  }

  send(link: LinkId, message: Uint8Array): void {
    const end = this.#endByLink.get(link)
    if (!end) return
    const copy = message.slice()
    this.#later(
      (events) => this.#endByLink.has(link) && message.length > 0 && events.sent(link, message.length),
    )
    end.to.#later((events) => {
      const theirs = end.to.#endByLink.get(end.toLink)
      if (theirs?.probation.admits(copy.length) === false) end.to.hangUp(end.toLink)
      else if (theirs) events.received(end.toLink, copy)
    })
  }

  trust(link: LinkId): void {
    this.#endByLink.get(link)?.probation.end()
  }

  hangUp(link: LinkId): void {
    const end = this.#endByLink.get(link)
    if (!end) return
    this.#endByLink.delete(link)
    this.#later((events) => events.closed(link))
    end.to.#later(() => end.to.hangUp(end.toLink))
  }

  refresh(): void {
    this.#later((events) => {
      if (this.#network.signalingUp) events.members(this.#network.members().filter((id) => id !== this.self))
    })
  }

  renew(): void {
    this.refresh()
  }

  /** What was sent arrives when the network runs on. */
  stop(): Promise<void> {
    for (const link of [...this.#endByLink.keys()]) this.hangUp(link)
    this.#events = undefined
    this.#dialling.clear()
    return Promise.resolve()
  }

  /** @internal */
  announceSignaling(): void {
    const up = this.#network.signalingUp
    this.#later((events) => events.signaling(up ? 'up' : 'down'))
    if (up) this.refresh()
  }

  /** @internal Both ends of a link hear of it each from its own machine. */
  breakLinks(isCut: (name: string) => boolean): void {
    for (const [link, { to }] of [...this.#endByLink]) if (isCut(to.name)) this.hangUp(link)
  }

  /** Unless we stopped, or started anew, in between. */
  #later(event: (events: TransportEvents) => void): void {
    const listening = this.#events
    if (listening) {
      this.#network.later(() => {
        if (this.#events === listening) event(listening)
      })
    }
  }

  #newLink(): LinkId {
    this.#linkCount += 1
    return this.#linkCount
  }
}

function pair(one: string, other: string): string {
  return [one, other].sort().join(' ')
}
