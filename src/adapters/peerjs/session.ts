/** One life of the transport, from `start` to `stop`: who we are at the server, our dials and our links. */
import type { DataConnection } from 'peerjs'
import { LINKS_MAX, UNPROVEN_LINKS_MAX } from '../../core/limits'
import type { LinkId, MemberId, TransportEvents } from '../../runtime/ports'
import { Broker, type BrokerOptions } from './broker'
import { Link } from './link'

export class Session {
  readonly #broker: Broker
  readonly #options: BrokerOptions
  readonly #nextLinkId: () => LinkId
  #events: TransportEvents | undefined
  readonly #linkById = new Map<LinkId, Link>()
  readonly #dialByMember = new Map<MemberId, Link>()
  /** All that hold a connection: dialling, being dialled, open, closing. */
  readonly #links = new Set<Link>()
  /** Those of them that others dialled, with who did. */
  readonly #memberByIncoming = new Map<Link, MemberId>()
  readonly #ended = new AbortController()

  /** `displaced`: our id is somebody else's now; called once, and nothing but `abandon` is of use then. */
  constructor(
    options: BrokerOptions,
    events: TransportEvents,
    nextLinkId: () => LinkId,
    displaced: () => void,
  ) {
    this.#options = options
    this.#events = events
    this.#nextLinkId = nextLinkId
    this.#broker = new Broker(options, {
      signaling: (state) => this.#events?.signaling(state),
      members: (ids) => this.#events?.members(ids),
      isWelcome: (member) => this.#isWelcome(member),
      incoming: (connection) => this.#answer(connection),
      unavailable: (member) => this.#dialByMember.get(member)?.close(),
      displaced,
    })
  }

  get self(): MemberId {
    return this.#broker.self
  }

  /** What the page's own `pagehide` listeners hang up or stop has to be gone with them: `capture` is before them. */
  start(): void {
    const hurry = () => this.#links.forEach((link) => link.hurry())
    globalThis.addEventListener('pagehide', hurry, { capture: true, signal: this.#ended.signal })
    this.#broker.start()
  }

  /** While a dial to the member is under way, its outcome is this one's too. */
  dial(member: MemberId): void {
    if (this.#dialByMember.has(member)) return
    const connection =
      member === this.self || this.#links.size >= LINKS_MAX ? undefined : this.#broker.dial(member)
    if (connection) this.#dialByMember.set(member, this.#follow(connection, 'us'))
    else queueMicrotask(() => this.#events?.dialFailed(member))
  }

  send(link: LinkId, message: Uint8Array): void {
    this.#linkById.get(link)?.send(message)
  }

  trust(link: LinkId): void {
    this.#linkById.get(link)?.trust()
  }

  hangUp(link: LinkId): void {
    this.#linkById.get(link)?.close()
  }

  refresh(): void {
    this.#broker.refresh()
  }

  renew(): void {
    for (const link of this.#links) link.check()
    this.#broker.renew()
  }

  /** Stops. Returns what reports the end of all that was under way. */
  abandon(): () => void {
    const events = this.#events
    const [links, dials] = [[...this.#linkById.keys()], [...this.#dialByMember.keys()]]
    void this.stop()
    return () => {
      for (const link of links) events?.closed(link)
      for (const member of dials) events?.dialFailed(member)
    }
  }

  /** What can be done at once is done before it returns, for a page that vanishes with it. */
  async stop(): Promise<void> {
    this.#events = undefined
    this.#broker.leave()
    const links = [...this.#links]
    for (const link of links) link.finish()
    await Promise.all(links.map((link) => link.released))
    this.#ended.abort()
    this.#broker.destroy()
  }

  /**
   * Whether there is room for one more that nobody has proven yet. Those that we dial ourselves have room of their own,
   * so that who only dials us keeps nobody out; and who dials anew gave up what it began before.
   */
  #isWelcome(member: MemberId): boolean {
    const unproven = [...this.#memberByIncoming].filter(([link]) => !link.trusted)
    const former = unproven.filter(([, by]) => by === member)
    for (const [link] of former) link.close()
    return this.#links.size < LINKS_MAX && unproven.length - former.length < UNPROVEN_LINKS_MAX
  }

  #answer(connection: DataConnection): void {
    const link = this.#follow(connection, 'them')
    this.#memberByIncoming.set(link, connection.peer)
    void link.released.then(() => this.#memberByIncoming.delete(link))
  }

  #follow(connection: DataConnection, dialledBy: 'us' | 'them'): Link {
    const member = connection.peer
    let id: LinkId | undefined
    const link = new Link(connection, dialledBy, this.#options.clock, {
      opened: (channel) => {
        if (dialledBy === 'us') this.#dialByMember.delete(member)
        id = this.#nextLinkId()
        this.#linkById.set(id, link)
        this.#events?.opened(id, member, dialledBy, channel)
      },
      closed: () => {
        if (id !== undefined) {
          this.#linkById.delete(id)
          this.#events?.closed(id)
        } else if (dialledBy === 'us') {
          this.#dialByMember.delete(member)
          this.#events?.dialFailed(member)
        }
      },
      received: (message) => id !== undefined && this.#events?.received(id, message),
      sent: (bytes) => id !== undefined && this.#events?.sent(id, bytes),
    })
    this.#links.add(link)
    void link.released.then(() => this.#links.delete(link))
    return link
  }
}
