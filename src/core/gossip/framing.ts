/**
 * Messages to the frames of a data channel and back. A channel with large messages or much in its buffer stalls for
 * seconds, so that what is long goes in parts, each with one byte before it that says what it is.
 *
 * There is exactly one way to cut a message: every part but the last is full. Whatever else comes in is
 * malformed; so a peer can make us hold no more than one message of the largest size, and no bookkeeping for it. One
 * that has not proven to know the room's code can make us hold nothing at all.
 */
import { CHANNEL_FRAME_BYTES_MAX, MESSAGE_BYTES_MAX } from '../limits'
import { Probation } from './probation'

/** A message that fits one frame; a full part with more behind it; the last part of those before it. */
const WHOLE = 0
const PART = 1
const LAST = 2

/** What one frame carries of a message. */
export const FRAME_PAYLOAD_BYTES = CHANNEL_FRAME_BYTES_MAX - 1

/** The frame that carries `message` from offset `from` on: made when it is due, with the one copy that this takes. */
export function frameAt(message: Uint8Array, from: number): Uint8Array<ArrayBuffer> {
  const to = Math.min(message.length, from + FRAME_PAYLOAD_BYTES)
  const frame = new Uint8Array(1 + to - from)
  frame[0] = to < message.length ? PART : from === 0 ? WHOLE : LAST
  frame.set(message.subarray(from, to), 1)
  return frame
}

export type Taken =
  /** The frame completed a message. A whole one is a view of its frame, not a copy. */
  | { type: 'message'; message: Uint8Array }
  /** The frame was fine; its message goes on. */
  | { type: 'more' }
  /** Not what `frameAt` makes, or too large: the link must be dropped. */
  | { type: 'malformed'; why: string }

const MORE: Taken = { type: 'more' }

/** One direction of one link. After `malformed` it must not be used again. */
export class Reassembler {
  #parts: Uint8Array[] = []
  readonly #probation = new Probation()

  /** The peer has proven itself: from now on it may send messages of any size. */
  trust(): void {
    this.#probation.end()
  }

  take(frame: Uint8Array): Taken {
    if (frame.length > CHANNEL_FRAME_BYTES_MAX) return malformed(`a frame of ${frame.length} bytes`)
    const payload = frame.subarray(1)
    if (!this.#probation.isOver && frame[0] !== WHOLE) return malformed('a message in parts before its proof')
    switch (frame[0]) {
      case WHOLE:
        if (!this.#probation.admits(payload.length)) return malformed('too much before its proof')
        return this.#parts.length > 0
          ? malformed('a message within another')
          : { type: 'message', message: payload }
      case PART:
        return this.#part(payload)
      case LAST:
        return this.#last(payload)
      default:
        return malformed(frame.length === 0 ? 'an empty frame' : `a frame of type ${frame[0]}`)
    }
  }

  #part(payload: Uint8Array): Taken {
    if (payload.length < FRAME_PAYLOAD_BYTES) return malformed('a part that is not full')
    if (this.#bytes + payload.length >= MESSAGE_BYTES_MAX) return malformed('a message that is too large')
    this.#parts.push(payload)
    return MORE
  }

  #last(payload: Uint8Array): Taken {
    if (this.#parts.length === 0) return malformed('a last part with none before it')
    if (payload.length === 0) return malformed('an empty last part')
    const bytes = this.#bytes + payload.length
    if (bytes > MESSAGE_BYTES_MAX) return malformed('a message that is too large')
    const message = new Uint8Array(bytes)
    for (const [index, part] of this.#parts.entries()) message.set(part, index * FRAME_PAYLOAD_BYTES)
    message.set(payload, this.#bytes)
    this.#parts = []
    return { type: 'message', message }
  }

  get #bytes(): number {
    return this.#parts.length * FRAME_PAYLOAD_BYTES
  }
}

function malformed(why: string): Taken {
  return { type: 'malformed', why }
}
