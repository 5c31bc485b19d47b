/**
 * Links over WebRTC, brought together by the unmodified PeerJS client. It is used for what it is good at, finding and
 * negotiating; sending, closing and reconnecting, at which it loses data or waits for ever, are done here:
 * `broker.ts` keeps signaling, `link.ts` a data channel, `session.ts` one life of the two.
 */
import type { LinkId, MemberId, Transport, TransportEvents } from '../../runtime/ports'
import type { BrokerOptions } from './broker'
import { Session } from './session'

export type PeerJsTransportOptions = BrokerOptions

export class PeerJsTransport implements Transport {
  readonly #options: PeerJsTransportOptions
  #session: Session | undefined
  #stopped: Promise<void> = Promise.resolve()
  #linkCount = 0

  constructor(options: PeerJsTransportOptions) {
    this.#options = options
  }

  /** Another one after each `start`, and where somebody took it at the server; empty before the first. */
  get self(): MemberId {
    return this.#session?.self ?? ''
  }

  start(events: TransportEvents): void {
    void this.stop()
    const session = new Session(
      this.#options,
      events,
      () => (this.#linkCount += 1),
      () => {
        const report = session.abandon()
        if (this.#session === session) this.start(events)
        report() // to who may dial at once
      },
    )
    this.#session = session
    session.start()
  }

  dial(member: MemberId): void {
    this.#session?.dial(member)
  }

  send(link: LinkId, message: Uint8Array): void {
    this.#session?.send(link, message)
  }

  trust(link: LinkId): void {
    this.#session?.trust(link)
  }

  hangUp(link: LinkId): void {
    this.#session?.hangUp(link)
  }

  refresh(): void {
    this.#session?.refresh()
  }

  renew(): void {
    this.#session?.renew()
  }

  stop(): Promise<void> {
    const session = this.#session
    this.#session = undefined
    if (session) this.#stopped = session.stop()
    return this.#stopped
  }
}
