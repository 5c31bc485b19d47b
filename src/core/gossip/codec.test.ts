import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Actor } from '../causality/dot'
import { EMPTY_VECTOR } from '../causality/version-vector'
import { effects, keptValues, messages } from '../codec/arbitraries.fixtures'
import { Malformed, Writer } from '../codec/bytes'
import { encodeEffects } from '../codec/record'
import { decodeEffects } from '../codec/record.fixtures'
import { decodeRemoved, encodeRemoved } from '../codec/undo-record'
import {
  DOTS_SHOWN_MAX,
  KEY_BYTES_MAX,
  NODE_ID_LENGTH_MAX,
  TIME_MS_MAX,
  VALUE_BYTES_MAX,
  VALUE_DEPTH_MAX,
} from '../limits'
import type { Json, Key } from '../store/value'
import { decodeMessage, encodeMessage } from './codec'
import type { Message, Root } from './messages'
import { NONCE_BYTES, PROOF_BYTES } from './proof'

const utf8 = (text: string) => new TextEncoder().encode(text)
const TYPE_OF = {
  hello: 0,
  intro: 1,
  root: 2,
  rows: 3,
  want: 4,
  events: 5,
  claim: 6,
  ping: 7,
  bye: 9,
  outline: 17,
  inquiry: 18,
  differing: 19,
}

/** Events that we would not send: one put by `a.1`, its counter, time and texts as given. */
function eventsFrame(texts: string, { heads = 1, flags = 0, counter = 1, time = 0, timeBase = 0 } = {}) {
  const writer = new Writer().byte(TYPE_OF.events).uint(0).uint(0).uint(0)
  writer.uint(1).text('a.1').uint(0)
  writer.uint(timeBase).uint(heads)
  for (let head = 0; head < heads; head++) {
    writer
      .byte(flags)
      .uint(0)
      .uint(counter + head)
    if ((flags & 3) === 0) writer.uint(time)
  }
  return writer.tail(utf8(texts)).bytes()
}

function eventOf(key: string, value: Json): Message {
  const actor = 'a.1' as Actor
  const event = { actor, counter: 1, context: EMPTY_VECTOR, time: 0, merge: 'auto', value } as const
  return { type: 'events', transfer: 0, total: 0, hops: 0, events: [{ key: key as Key, event }] }
}

const helloWith = (bytes: number): Message => ({
  type: 'hello',
  lowestVersion: 1,
  highestVersion: 1,
  nonce: new Uint8Array(bytes),
})

const proofOf = (bytes: number): Message => ({
  type: 'proof',
  bound: new Uint8Array(PROOF_BYTES),
  unbound: new Uint8Array(bytes),
})

const deep = (levels: number): Json => {
  let value: Json = 0
  for (let level = 0; level < levels; level++) value = [value]
  return value
}

describe('messages as bytes', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(messages, (message) => {
        expect(decodeMessage(encodeMessage(message))).toEqual(message)
      }),
      { numRuns: 500 },
    )
  })

  it('carry keys and values at their limits', () => {
    const key = 'é'.repeat(KEY_BYTES_MAX / 2)
    for (const value of ['x'.repeat(VALUE_BYTES_MAX - 2), deep(VALUE_DEPTH_MAX)])
      expect(decodeMessage(encodeMessage(eventOf(key, value)))).toEqual(eventOf(key, value))
    expect(decodeMessage(eventsFrame('["k",1]', { time: TIME_MS_MAX })).type).toBe('events')
    expect(decodeMessage(eventsFrame('["k",1]', { counter: Number.MAX_SAFE_INTEGER })).type).toBe('events')
  })

  it('show of the latest dots as many as the limit', () => {
    const { yours } = decodeMessage(rootShowing(DOTS_SHOWN_MAX)) as Root
    expect(yours?.latest).toHaveLength(DOTS_SHOWN_MAX)
  })

  it('let a later version say more in its Hello', () => {
    const hello: Message = {
      type: 'hello',
      lowestVersion: 1,
      highestVersion: 9,
      nonce: new Uint8Array(NONCE_BYTES),
    }
    expect(decodeMessage(Uint8Array.from([...encodeMessage(hello), 1, 2, 3]))).toEqual(hello)
  })
})

/** A first Root that shows so many dots. */
function rootShowing(count: number): Uint8Array {
  const latest = Array.from({ length: count }, (_, at) => ({ counter: at + 1, content: at }))
  const yours = { row: [1, count], ghosts: 0, latest }
  return encodeMessage({ type: 'root', context: [1, 2, 3, 4], live: undefined, yours })
}

describe('bytes that are no message', () => {
  it.each<[string, Uint8Array]>([
    ['a key one byte too long', encodeMessage(eventOf('k'.repeat(KEY_BYTES_MAX + 1), 1))],
    ['an empty key', encodeMessage(eventOf('', 1))],
    ['a nonce one byte short', encodeMessage(helloWith(NONCE_BYTES - 1))],
    ['a nonce one byte too long', encodeMessage(helloWith(NONCE_BYTES + 1))],
    ['a proof one byte short', encodeMessage(proofOf(PROOF_BYTES - 1))],
    ['a proof one byte too long', encodeMessage(proofOf(PROOF_BYTES + 1))],
    ['a value one byte too large', encodeMessage(eventOf('k', 'x'.repeat(VALUE_BYTES_MAX - 1)))],
    ['a value one level too deep', encodeMessage(eventOf('k', deep(VALUE_DEPTH_MAX + 1)))],
    ['100,000 levels', eventsFrame(`["k",${'['.repeat(100_000)}${']'.repeat(100_000)}]`)],
    ['half of a surrogate pair in a key', eventsFrame(String.raw`["\ud800",1]`)],
    ['half of a surrogate pair in a value', eventsFrame(String.raw`["k","\ud800"]`)],
    ['half of a surrogate pair in a name', eventsFrame(String.raw`["k",{"\udc00":1}]`)],
    ['a number that overflows', eventsFrame('["k",1e999]')],
    ['a key that is a number', eventsFrame('[1,1]')],
    ['too few texts', eventsFrame('["k"]')],
    ['too many texts', eventsFrame('["k",1,2]')],
    ['texts for one of two', eventsFrame('["k",1]', { heads: 2 })],
    ['texts that are an object', eventsFrame('{"length":2}')],
    ['texts that are no JSON', eventsFrame('["k",1')],
    ['texts that are not UTF-8', Uint8Array.from([...eventsFrame('["k","'), 0xff, 0x22, 0x5d])],
    ['a byte-order mark', eventsFrame('\ufeff["k",1]')],
    ['a drop among events', eventsFrame('["k"]', { flags: 2 })],
    ['an unknown kind', eventsFrame('["k",1]', { flags: 3 })],
    ['an unknown merge policy', eventsFrame('["k",1]', { flags: 5 << 2 })],
    ['an unknown flag', eventsFrame('["k",1]', { flags: 1 << 6 })],
    ['a counter of 0', eventsFrame('["k",1]', { counter: 0 })],
    ['a time too late', eventsFrame('["k",1]', { time: TIME_MS_MAX + 1 })],
    ['a time too late by its base', eventsFrame('["k",1]', { timeBase: TIME_MS_MAX, time: 1 })],
    ['an unknown message', Uint8Array.of(11)],
    ['nothing', Uint8Array.of()],
    ['another magic', Uint8Array.of(TYPE_OF.hello, 1, 1, 1)],
    ['one dot too many shown', rootShowing(DOTS_SHOWN_MAX + 1)],
    [
      'a root cut short',
      encodeMessage({ type: 'root', context: [1, 2, 3, 4], live: [1, 2, 3, 4], yours: undefined }).slice(
        0,
        -1,
      ),
    ],
    ['an unknown kind of summary', Uint8Array.of(TYPE_OF.want, 1, 1, 0, ...new Uint8Array(16), 4, 0)],
    ['an unknown farewell', Uint8Array.of(TYPE_OF.bye, 3)],
    ['a farewell without a reason', Uint8Array.of(TYPE_OF.bye)],
    ['an integer beyond 2^53', Uint8Array.of(TYPE_OF.ping, 255, 255, 255, 255, 255, 255, 255, 255, 1)],
    ['a byte too many', Uint8Array.of(TYPE_OF.ping, 1, 0)],
    [
      'a node id one too long',
      new Writer()
        .byte(1)
        .text('n'.repeat(NODE_ID_LENGTH_MAX + 1))
        .byte(0)
        .bytes(),
    ],
    ['an actor of one part', new Writer().byte(1).text('n').byte(1).text('actor').bytes()],
    ['a flag that is neither', new Writer().byte(1).text('n').byte(7).text('n.1').bytes()],
    ['an empty row', new Writer().byte(TYPE_OF.rows).uint(1).uint(1).text('a.1').uint(0).bytes()],
    [
      'a row twice',
      new Writer()
        .byte(TYPE_OF.rows)
        .uint(1)
        .uint(2)
        .text('a.1')
        .intervals([1, 1])
        .text('a.1')
        .intervals([1, 1])
        .bytes(),
    ],
    [
      'intervals that touch',
      new Writer().byte(TYPE_OF.rows).uint(1).uint(1).text('a.1').intervals([1, 1, 2, 2]).bytes(),
    ],
    [
      'an interval from 0',
      new Writer().byte(TYPE_OF.rows).uint(1).uint(1).text('a.1').intervals([0, 1]).bytes(),
    ],
  ])('%s', (_, frame) => {
    expect(() => decodeMessage(frame)).toThrow(Malformed)
  })

  it('a context that covers its own dot, or a sibling of the same batch', () => {
    const head = (upTo: number) =>
      new Writer()
        .byte(TYPE_OF.events)
        .uint(0)
        .uint(0)
        .uint(0)
        .uint(1)
        .text('a.1')
        .uint(0)
        .uint(0)
        .uint(1)
        .byte(1 | (1 << 5))
        .uint(0)
        .uint(5)
        .uint(1)
        .uint(0)
        .uint(upTo)
        .tail(utf8('["k"]'))
        .bytes()
    expect(decodeMessage(head(4)).type).toBe('events')
    expect(() => decodeMessage(head(5))).toThrow(Malformed)
  })

  it('a count of 2^40, without making room for so much', () => {
    const count = new Writer().uint(2 ** 40).bytes()
    const before = process.memoryUsage().heapUsed
    const zeros = Array.from<number>({ length: 16 }).fill(0)
    for (const start of [
      [TYPE_OF.rows, 1],
      [TYPE_OF.want, 1, 1],
      [TYPE_OF.outline, 1, 1],
      [TYPE_OF.inquiry, 1],
      [TYPE_OF.differing, 1],
      [TYPE_OF.events, 0, 0, 0],
      [TYPE_OF.events, 0, 0, 0, 0, 0],
      [TYPE_OF.claim, 1],
      [TYPE_OF.claim, 1, 0, 0, 0],
      [TYPE_OF.want, 1, 1, 0, ...zeros, 0],
      [TYPE_OF.want, 1, 1, 0, ...zeros, 1, 0],
      [TYPE_OF.want, 1, 1, 0, ...zeros, 2, 1],
      [TYPE_OF.intro],
    ]) {
      expect(() => decodeMessage(Uint8Array.from([...start, ...count]))).toThrow(Malformed)
      expect(() => decodeMessage(Uint8Array.from([...start, ...count, 0, 0, 0]))).toThrow(Malformed)
    }
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(32 * 2 ** 20)
  })

  it('every message that is cut off anywhere', () => {
    fc.assert(
      fc.property(messages, fc.double({ min: 0, max: 1, noNaN: true }), (message, part) => {
        const whole = encodeMessage(message)
        const cut = whole.slice(0, Math.floor(part * (whole.length - 1)))
        expect(() => decodeMessage(cut)).toThrow(Malformed)
      }),
      { numRuns: 1_000 },
    )
  })

  it('whatever they are, they decode or are Malformed, and what decodes is what it encodes to', () => {
    const change = fc.record({
      at: fc.nat(),
      byte: fc.nat(255),
      kind: fc.constantFrom('set', 'insert', 'cut'),
    })
    const mutated = (whole: Uint8Array, changes: { at: number; byte: number; kind: string }[]) => {
      const bytes = [...whole]
      for (const { at, byte, kind } of changes) {
        const place = at % (bytes.length + 1)
        if (kind === 'set') bytes[place] = byte
        else if (kind === 'insert') bytes.splice(place, 0, byte)
        else bytes.splice(place, 1 + (byte % 5))
      }
      return Uint8Array.from(bytes)
    }
    const attempt = <T>(decode: (bytes: Uint8Array) => T, bytes: Uint8Array): T | undefined => {
      try {
        return decode(bytes)
      } catch (error) {
        if (error instanceof Malformed) return undefined
        throw error
      }
    }
    const changes = fc.array(change, { minLength: 1, maxLength: 4 })
    const random = fc.uint8Array({ maxLength: 60 })
    const kept = fc.array(keptValues, { maxLength: 4 })
    fc.assert(
      fc.property(messages, effects, kept, changes, random, (message, effect, kept, changes, noise) => {
        for (const bytes of [
          mutated(encodeMessage(message), changes),
          Uint8Array.from([noise.length % 20, ...noise]),
        ]) {
          const decoded = attempt(decodeMessage, bytes)
          if (decoded !== undefined) expect(decodeMessage(encodeMessage(decoded))).toEqual(decoded)
        }
        for (const record of encodeEffects(effect)) attempt(decodeEffects, mutated(record, changes))
        for (const record of encodeRemoved(kept)) attempt(decodeRemoved, mutated(record, changes))
        attempt(decodeEffects, noise)
      }),
      { numRuns: 5_000 },
    )
  })
})
