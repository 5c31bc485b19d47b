/**
 * A transport that needs signaling, and beside it the tabs of this browser, which don't: while signaling can't be
 * reached, they are members that may be dialled all the same. Both know us under one name, so nobody is linked twice.
 */
import type { Clock, LinkId, MemberId, Transport, TransportEvents } from '../../runtime/ports'

/** Signaling that isn't up for so long can't be reached. */
const UNREACHABLE_AFTER_MS = 1_500

export interface BesideOptions {
  readonly far: Transport
  /** Takes its name from `far`, which is started first. */
  readonly tabs: Transport
  readonly clock: Clock
}

export class TransportBesideTabs implements Transport {
  readonly #far: Transport
  readonly #tabs: Transport
  readonly #clock: Clock
  #cancelWait = () => {}
  #nearby = new Set<MemberId>()
  #unreachable = false

  constructor({ far, tabs, clock }: BesideOptions) {
    this.#far = far
    this.#tabs = tabs
    this.#clock = clock
  }

  get self(): MemberId {
    return this.#far.self
  }

  start(events: TransportEvents): void {
    this.#far.start({
      ...relayed(events, farLink),
      signaling: (state) => {
        if (state === 'up') this.#reached(events)
        else if (!this.#unreachable) this.#await()
        events.signaling(state)
      },
    })
    this.#tabs.start({
      ...relayed(events, tabLink),
      signaling: () => undefined,
      members: (ids) => {
        this.#nearby = new Set(ids)
        if (this.#unreachable) events.nearby(ids)
      },
    })
    this.#await()
  }

  dial(member: MemberId): void {
    if (this.#unreachable && this.#nearby.has(member)) this.#tabs.dial(member)
    else this.#far.dial(member)
  }

  send(link: LinkId, message: Uint8Array): void {
    this.#carrierOf(link).send(ownLink(link), message)
  }

  trust(link: LinkId): void {
    this.#carrierOf(link).trust(ownLink(link))
  }

  hangUp(link: LinkId): void {
    this.#carrierOf(link).hangUp(ownLink(link))
  }

  refresh(): void {
    this.#far.refresh()
  }

  renew(): void {
    this.#far.renew()
    this.#tabs.renew()
  }

  async stop(): Promise<void> {
    this.#cancelWait()
    this.#unreachable = false
    await Promise.all([this.#far.stop(), this.#tabs.stop()])
  }

  #await(): void {
    this.#cancelWait()
    this.#cancelWait = this.#clock.wake(UNREACHABLE_AFTER_MS, () => {
      this.#unreachable = true
      this.#tabs.refresh()
    })
  }

  #reached(events: TransportEvents): void {
    this.#cancelWait()
    if (this.#unreachable) events.nearby([])
    this.#unreachable = false
  }

  #carrierOf(link: LinkId): Transport {
    return link % 2 === 0 ? this.#far : this.#tabs
  }
}

/** The numbers of `far`'s links are even, those between tabs odd. */
const farLink = (link: LinkId): LinkId => 2 * link
const tabLink = (link: LinkId): LinkId => 2 * link + 1
const ownLink = (link: LinkId): LinkId => Math.floor(link / 2)

function relayed(events: TransportEvents, numbered: (link: LinkId) => LinkId): TransportEvents {
  return {
    signaling: (state) => events.signaling(state),
    members: (ids) => events.members(ids),
    nearby: (ids) => events.nearby(ids),
    opened: (link, member, dialledBy, channel) => events.opened(numbered(link), member, dialledBy, channel),
    closed: (link) => events.closed(numbered(link)),
    dialFailed: (member) => events.dialFailed(member),
    received: (link, message) => events.received(numbered(link), message),
    sent: (link, bytes) => events.sent(numbered(link), bytes),
  }
}
