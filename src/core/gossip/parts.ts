/**
 * Messages of anti-entropy grow with the state. What is too large to go at once goes in parts, as the link has room
 * for them, so that live events and pings pass between; the receiver holds no more than the largest such message.
 */
import { Malformed } from '../codec/bytes'
import { PARTED_BYTES_MAX } from '../limits'
import { decodeMessage, encodeMessage } from './codec'
import type { ClaimMessage, Differing, Inquiry, Message, Outline, Part, RowsOffer, Want } from './messages'

/** What may go in parts. */
export type Parted = RowsOffer | Outline | Inquiry | Differing | Want | ClaimMessage

/**
 * The message in parts of so many bytes, the last one shorter; none if it is short enough to go whole, and nothing that
 * it must not overtake is waiting.
 */
export function partsOf(message: Parted, partBytes: number, isBehind: boolean): Part[] {
  const whole = encodeMessage(message)
  const parts: Part[] = []
  if (whole.length <= partBytes && !isBehind) return parts
  for (let from = 0; from < whole.length; from += partBytes) {
    const last = from + partBytes >= whole.length
    parts.push({ type: 'part', index: parts.length, last, bytes: whole.subarray(from, from + partBytes) })
  }
  return parts
}

/** One direction of one link. */
export class PartsIn {
  private parts: Uint8Array[] = []
  private bytes = 0

  /** Some of a message has come, and not yet all. */
  get isOpen(): boolean {
    return this.parts.length > 0
  }

  /** The message, if this was its last part. Throws `Malformed`. */
  take({ index, last, bytes }: Part): Parted | undefined {
    if (index !== this.parts.length) throw new Malformed('a part out of place')
    if (bytes.length === 0) throw new Malformed('an empty part')
    this.bytes += bytes.length
    if (this.bytes > PARTED_BYTES_MAX) throw new Malformed('too much in parts')
    this.parts.push(bytes)
    if (!last) return undefined
    const whole = new Uint8Array(this.bytes)
    let at = 0
    for (const part of this.parts) {
      whole.set(part, at)
      at += part.length
    }
    this.parts = []
    this.bytes = 0
    return parted(decodeMessage(whole))
  }
}

function parted(message: Message): Parted {
  switch (message.type) {
    case 'rows':
    case 'outline':
    case 'inquiry':
    case 'differing':
    case 'want':
    case 'claim':
      return message
    default:
      throw new Malformed('in parts what never is')
  }
}
