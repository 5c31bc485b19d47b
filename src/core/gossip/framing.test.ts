import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CHANNEL_FRAME_BYTES_MAX,
  MESSAGE_BYTES_MAX,
  UNPROVEN_MESSAGE_BYTES_MAX,
  UNPROVEN_MESSAGES_MAX,
} from '../limits'
import { FRAME_PAYLOAD_BYTES, frameAt, Reassembler } from './framing'

const PART = 1
const LAST = 2

function bytes(length: number, seed = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + seed * 7 + (index >> 8)) & 0xff)
}

function frames(message: Uint8Array): Uint8Array[] {
  const count = Math.max(1, Math.ceil(message.length / FRAME_PAYLOAD_BYTES))
  return Array.from({ length: count }, (_, index) => frameAt(message, index * FRAME_PAYLOAD_BYTES))
}

function typed(type: number, payload: Uint8Array): Uint8Array {
  return Uint8Array.of(type, ...payload)
}

/** Of a peer that has proven itself. */
function trusting(): Reassembler {
  const reassembler = new Reassembler()
  reassembler.trust()
  return reassembler
}

/** The messages that came out, up to the first malformed frame. */
function reassembled(
  stream: readonly Uint8Array[],
  reassembler = trusting(),
): { messages: Uint8Array[]; malformed?: string } {
  const messages: Uint8Array[] = []
  for (const frame of stream) {
    const taken = reassembler.take(frame)
    if (taken.type === 'malformed') return { messages, malformed: taken.why }
    if (taken.type === 'message') messages.push(taken.message)
  }
  return { messages }
}

describe('framing', () => {
  const length = fc.oneof(
    fc.nat(100),
    fc
      .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: -2, max: 2 }))
      .map(([frameCount, off]) => frameCount * FRAME_PAYLOAD_BYTES + off),
  )

  it('brings back any messages, in order, from frames within the bound', () => {
    fc.assert(
      fc.property(fc.array(length, { maxLength: 6 }), (lengths) => {
        const messages = lengths.map((length, index) => bytes(length, index))
        const stream = messages.flatMap(frames)
        expect(stream.every((frame) => frame.length <= CHANNEL_FRAME_BYTES_MAX)).toBe(true)
        const back = reassembled(stream)
        expect(back.malformed).toBeUndefined()
        expect(back.messages.map((message) => Buffer.from(message).toString('hex'))).toEqual(
          messages.map((message) => Buffer.from(message).toString('hex')),
        )
      }),
      { numRuns: 60 },
    )
  })

  it('makes a whole message a view of its frame', () => {
    const frame = frameAt(bytes(10), 0)
    const taken = new Reassembler().take(frame)
    expect(taken.type === 'message' && taken.message.buffer === frame.buffer).toBe(true)
  })

  it('takes a message of the largest size, and refuses one byte more', () => {
    const largest = reassembled(frames(bytes(MESSAGE_BYTES_MAX)))
    expect(largest.messages[0]?.length).toBe(MESSAGE_BYTES_MAX)
    const larger = reassembled(frames(bytes(MESSAGE_BYTES_MAX + 1)))
    expect(larger).toEqual({ messages: [], malformed: 'a message that is too large' })
  })

  it('holds no more than the largest message of a stream that never ends', () => {
    const part = typed(PART, bytes(FRAME_PAYLOAD_BYTES))
    const reassembler = trusting()
    let taken = 0
    while (reassembler.take(part).type === 'more') taken += 1
    expect(taken * FRAME_PAYLOAD_BYTES).toBeLessThan(MESSAGE_BYTES_MAX)
  })

  it('takes two short messages of who has not proven itself, of which one byte more is too much', () => {
    const short = Array.from({ length: UNPROVEN_MESSAGES_MAX }, () => bytes(UNPROVEN_MESSAGE_BYTES_MAX))
    const untrusting = new Reassembler()
    expect(reassembled(short.flatMap(frames), untrusting).messages).toHaveLength(UNPROVEN_MESSAGES_MAX)
    expect(reassembled(frames(bytes(0)), untrusting).malformed).toBe('too much before its proof')
    const long = frames(bytes(UNPROVEN_MESSAGE_BYTES_MAX + 1))
    expect(reassembled(long, new Reassembler()).malformed).toBe('too much before its proof')
  })

  it('takes no message in parts of who has not proven itself, and any once it has', () => {
    const inParts = frames(bytes(FRAME_PAYLOAD_BYTES + 1))
    expect(new Reassembler().take(inParts[0] as Uint8Array)).toEqual({
      type: 'malformed',
      why: 'a message in parts before its proof',
    })
    const reassembler = new Reassembler()
    for (let count = 0; count < UNPROVEN_MESSAGES_MAX; count++) reassembled(frames(bytes(1)), reassembler)
    reassembler.trust()
    expect(reassembled(inParts, reassembler).messages).toHaveLength(1)
  })

  const full = bytes(FRAME_PAYLOAD_BYTES)
  it.each([
    ['an empty frame', [new Uint8Array()]],
    ['an unknown type', [typed(3, bytes(4))]],
    ['a frame one byte too long', [typed(0, bytes(CHANNEL_FRAME_BYTES_MAX))]],
    ['a part that is not full', [typed(PART, bytes(FRAME_PAYLOAD_BYTES - 1))]],
    ['a last part with none before it', [typed(LAST, bytes(4))]],
    ['an empty last part', [typed(PART, full), typed(LAST, new Uint8Array())]],
    ['a whole message within another', [typed(PART, full), typed(0, bytes(4))]],
  ])('refuses %s', (_, stream) => {
    expect(reassembled(stream).malformed).toBeDefined()
  })

  it('is total: any frames give messages or malformed, and nothing is thrown', () => {
    const frame = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom(typed(PART, full), typed(LAST, bytes(5)), typed(0, bytes(5))),
    )
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 8 }), fc.boolean(), (stream, trusted) => {
        reassembled(stream, trusted ? trusting() : new Reassembler())
      }),
    )
  })
})
