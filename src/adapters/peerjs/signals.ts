/**
 * What signaling brings, before PeerJS sees it. PeerJS opens a connection for every offer, whoever makes it, ends a
 * link at the server's word, and keeps for ever what belongs to no connection. Here only members are heard, only what
 * they need to be linked, and only so much of what belongs to nothing.
 */
import { SIGNAL_STRAY_LENGTH_MAX, SIGNAL_STRAYS_MAX } from '../../core/limits'

export interface Signals {
  /** Somebody who knows the room's code has that name. */
  isMember(id: string): boolean
  /** There is a connection to that member under that id. */
  isKnown(member: string, connectionId: string): boolean
  /** The member's offer finds room. */
  isWelcome(member: string): boolean
}

/** What the server says of itself. */
const OF_THE_SERVER: ReadonlySet<unknown> = new Set(['OPEN', 'ERROR', 'ID-TAKEN', 'INVALID-KEY', 'EXPIRE'])

/** Of one place at the server. */
export class SignalFilter {
  readonly #signals: Signals
  #strays = 0

  constructor(signals: Signals) {
    this.#signals = signals
  }

  /** Whether PeerJS may have what the server sent, parsed. Never throws. */
  admits(signal: unknown): boolean {
    if (typeof signal !== 'object' || signal === null) return false
    const { type, src, payload } = signal as Record<string, unknown>
    if (OF_THE_SERVER.has(type)) return true
    if (typeof src !== 'string' || typeof payload !== 'object' || payload === null) return false
    const { connectionId } = payload as Record<string, unknown>
    if (typeof connectionId !== 'string' || !this.#signals.isMember(src)) return false
    const isKnown = this.#signals.isKnown(src, connectionId)
    switch (type) {
      case 'OFFER':
        return !isKnown && isOurs(payload) && this.#signals.isWelcome(src)
      case 'ANSWER':
        return isKnown
      case 'CANDIDATE':
        return isKnown || this.#admitsStray(payload)
      default: // a LEAVE above all: whether a link lives, its own pings tell
        return false
    }
  }

  /** It may have overtaken its offer. PeerJS keeps it until that comes, or for ever. */
  #admitsStray(payload: object): boolean {
    if (lengthOf(payload) > SIGNAL_STRAY_LENGTH_MAX) return false
    this.#strays += 1
    return this.#strays <= SIGNAL_STRAYS_MAX
  }
}

/** As JSON, in characters. */
function lengthOf(payload: object): number {
  try {
    return JSON.stringify(payload).length
  } catch {
    return Number.POSITIVE_INFINITY // so deep that it can be read, and not be written again
  }
}

/** An offer of what we ask of others ourselves: an ordered, reliable, raw channel. */
function isOurs(payload: object): boolean {
  const { type, serialization, reliable } = payload as Record<string, unknown>
  return type === 'data' && serialization === 'raw' && reliable === true
}
