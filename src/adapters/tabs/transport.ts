/**
 * Links between the tabs of one browser, without a network: over `BroadcastChannel`. The members are the tabs that
 * answered when they were last asked.
 */
import { LINKS_MAX } from '../../core/limits'
import type { ChannelBinding, Clock, LinkId, MemberId, Transport, TransportEvents } from '../../runtime/ports'
import { Channel, type RoomMessage } from './channel'
import { TabLink } from './link'

/** Tabs that are awake answer sooner. */
const ANSWER_MS_MAX = 200

/** Nothing comes between tabs of one origin. */
const WITHIN_THE_BROWSER: ChannelBinding = { ours: '', theirs: '' }

export interface TabTransportOptions {
  readonly roomId: string
  readonly clock: Clock
  /** Our name from this start on; random, never used before. */
  readonly newSelf: () => MemberId
  readonly open?: (name: string) => BroadcastChannel
}

export class TabTransport implements Transport {
  readonly #options: TabTransportOptions
  readonly #open: (name: string) => BroadcastChannel
  #self: MemberId = ''
  #session: Session | undefined
  #linkCount = 0

  constructor(options: TabTransportOptions) {
    this.#options = options
    this.#open = options.open ?? ((name) => new BroadcastChannel(name))
  }

  /** Another one after each `start`, and the same until the next; empty before the first. */
  get self(): MemberId {
    return this.#self
  }

  start(events: TransportEvents): void {
    void this.stop()
    this.#self = this.#options.newSelf()
    this.#session = new Session(this.#self, this.#options, this.#open, events, () => (this.#linkCount += 1))
  }

  dial(member: MemberId): void {
    this.#session?.dial(member)
  }

  send(link: LinkId, message: Uint8Array): void {
    this.#session?.linkById.get(link)?.send(message)
  }

  trust(link: LinkId): void {
    this.#session?.linkById.get(link)?.trust()
  }

  hangUp(link: LinkId): void {
    this.#session?.linkById.get(link)?.close()
  }

  refresh(): void {
    this.#session?.ask()
  }

  /** Those who slept heard nothing of us, nor we of them. */
  renew(): void {
    this.#session?.ask()
  }

  stop(): Promise<void> {
    this.#session?.stop()
    this.#session = undefined
    return Promise.resolve()
  }
}

/** From a start to its stop. */
class Session {
  readonly linkById = new Map<LinkId, TabLink>()
  readonly #channel: Channel<RoomMessage>
  #events: TransportEvents | undefined
  readonly #links = new Set<TabLink>()
  readonly #dialling = new Set<MemberId>()
  /** Those who are here, as far as they said so since we last asked. */
  #present = new Set<MemberId>()
  #cancelAnswer: (() => void) | undefined
  #dials = 0

  constructor(
    readonly self: MemberId,
    private readonly options: TabTransportOptions,
    private readonly openChannel: (name: string) => BroadcastChannel,
    events: TransportEvents,
    private readonly nextLinkId: () => LinkId,
  ) {
    this.#events = events
    this.#channel = new Channel(openChannel, `fofoca/${options.roomId}/tabs`, (message) =>
      this.#take(message),
    )
    queueMicrotask(() => this.#events?.signaling('up'))
    this.ask()
  }

  /** Asks who is here; answered by `members`. */
  ask(): void {
    this.#present = new Set()
    this.#post({ type: 'here', from: this.self, asks: true })
    this.#cancelAnswer ??= this.options.clock.wake(ANSWER_MS_MAX, () => {
      this.#cancelAnswer = undefined
      this.#tellMembers()
    })
  }

  dial(member: MemberId): void {
    if (this.#dialling.has(member)) return
    if (member === this.self || this.#links.size >= LINKS_MAX) {
      queueMicrotask(() => this.#events?.dialFailed(member))
      return
    }
    this.#dialling.add(member)
    const name = `fofoca/${this.options.roomId}/${this.self}/${(this.#dials += 1)}`
    this.#follow(name, member, 'us')
    this.#post({ type: 'dial', from: this.self, to: member, link: name })
  }

  stop(): void {
    this.#events = undefined
    this.#cancelAnswer?.()
    for (const link of this.#links) link.finish()
    this.#post({ type: 'gone', from: this.self })
    this.#channel.close()
  }

  #post(message: RoomMessage): void {
    this.#channel.post(message)
  }

  #take(message: RoomMessage): void {
    if (this.#events === undefined || ('to' in message && message.to !== this.self)) return
    switch (message.type) {
      case 'here':
        if (message.asks) this.#post({ type: 'here', from: this.self, to: message.from, asks: false })
        return this.#appeared(message.from)
      case 'gone':
        this.#present.delete(message.from)
        return
      case 'dial':
        if (this.#links.size < LINKS_MAX) this.#follow(message.link, message.from, 'them')
    }
  }

  #appeared(member: MemberId): void {
    if (this.#present.has(member)) return
    this.#present.add(member)
    if (this.#cancelAnswer === undefined) this.#tellMembers()
  }

  #tellMembers(): void {
    this.#events?.members([...this.#present])
  }

  #follow(name: string, member: MemberId, dialledBy: 'us' | 'them'): void {
    let id: LinkId | undefined
    const link = new TabLink(this.openChannel, name, dialledBy, this.options.clock, {
      opened: () => {
        if (dialledBy === 'us') this.#dialling.delete(member)
        id = this.nextLinkId()
        this.linkById.set(id, link)
        this.#events?.opened(id, member, dialledBy, WITHIN_THE_BROWSER)
      },
      closed: () => {
        this.#links.delete(link)
        if (id !== undefined) {
          this.linkById.delete(id)
          this.#events?.closed(id)
        } else if (dialledBy === 'us') {
          this.#dialling.delete(member)
          this.#present.delete(member)
          this.#events?.dialFailed(member)
        }
      },
      received: (message) => id !== undefined && this.#events?.received(id, message),
      sent: (bytes) => id !== undefined && this.#events?.sent(id, bytes),
    })
    this.#links.add(link)
  }
}
