/**
 * A link between two tabs, on a `BroadcastChannel` of its own. Such a channel queues without bound and tells nothing of
 * the other side, so messages are acknowledged, and no more than `TAB_WINDOW_BYTES` are on their way at a time.
 * A tab that vanishes says nothing: that it is silent, the node finds out by its pings.
 */
import { Probation } from '../../core/gossip/probation'
import { TAB_WINDOW_BYTES } from '../../core/limits'
import type { Clock } from '../../runtime/ports'
import { Channel, type LinkMessage } from './channel'

/** A tab that has not answered for so long is gone, or frozen. */
const OPENING_MS_MAX = 2_000

/** Called from the channel's events and from microtasks, never from within a method of the link. */
export interface LinkEvents {
  opened(): void
  /** Exactly once, whether it opened before or not. */
  closed(): void
  received(message: Uint8Array): void
  /** So many more bytes of messages have been taken by the other side. */
  sent(bytes: number): void
}

export class TabLink {
  readonly #channel: Channel<LinkMessage>
  readonly #events: LinkEvents
  readonly #dialledBy: 'us' | 'them'
  readonly #cancelTimeout: () => void
  readonly #probation = new Probation()
  #phase: 'opening' | 'open' | 'closed' = 'opening'
  #queue: Uint8Array[] = []
  #underWayBytes = 0

  constructor(
    open: (name: string) => BroadcastChannel,
    name: string,
    dialledBy: 'us' | 'them',
    clock: Clock,
    events: LinkEvents,
  ) {
    this.#events = events
    this.#dialledBy = dialledBy
    this.#channel = new Channel(open, name, (message) => this.#take(message))
    this.#cancelTimeout = clock.wake(OPENING_MS_MAX, () => this.close())
    if (dialledBy === 'them') this.#channel.post({ type: 'open' })
  }

  send(message: Uint8Array): void {
    if (this.#phase !== 'open') return
    this.#queue.push(message)
    this.#pump()
  }

  trust(): void {
    this.#probation.end()
  }

  /** Ends the link; what waits is dropped, what is on its way arrives. */
  close(): void {
    if (this.#phase === 'closed') return
    this.#channel.post({ type: 'close' })
    this.#end()
  }

  /** Ends the link; all that was sent arrives. */
  finish(): void {
    this.#pump(Number.POSITIVE_INFINITY)
    this.close()
  }

  #take(message: LinkMessage): void {
    if (this.#phase === 'closed') return
    switch (message.type) {
      case 'open':
        return this.#open()
      case 'message':
        if (!this.#probation.admits(message.bytes.length)) return this.close()
        this.#channel.post({ type: 'taken', bytes: message.bytes.length })
        return this.#events.received(message.bytes)
      case 'taken':
        this.#underWayBytes -= message.bytes
        this.#pump()
        return this.#events.sent(message.bytes)
      case 'close':
        return this.#end()
    }
  }

  #open(): void {
    if (this.#phase === 'open') return
    this.#phase = 'open'
    this.#cancelTimeout()
    if (this.#dialledBy === 'us') this.#channel.post({ type: 'open' })
    this.#events.opened()
  }

  #pump(windowBytes = TAB_WINDOW_BYTES): void {
    while (this.#queue.length > 0 && this.#underWayBytes < windowBytes) {
      const bytes = this.#queue.shift() as Uint8Array
      this.#underWayBytes += bytes.length
      this.#channel.post({ type: 'message', bytes: standingAlone(bytes) })
    }
  }

  #end(): void {
    this.#phase = 'closed'
    this.#queue = []
    this.#cancelTimeout()
    this.#channel.close()
    queueMicrotask(() => this.#events.closed())
  }
}

/** A part of a larger buffer would be copied with all of that buffer. */
function standingAlone(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice()
}
