import canonicalize from 'canonicalize'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runInNewContext } from 'node:vm'
import { KvError } from '../errors'
import {
  canonicalBytes,
  canonicalText,
  equal,
  freezeParsed,
  type Json,
  MERGE_POLICIES,
  parseKey,
  parseMergePolicy,
  parseValue,
} from './value'

/** Lists inside each other, so many of them. */
const nested = (levels: number, inside: unknown = 1): unknown =>
  levels === 0 ? inside : [nested(levels - 1, inside)]
/** Text whose canonical JSON has so many bytes. */
const textOfBytes = (bytes: number): string => 'v'.repeat(bytes - 2)

const anyJson = fc.jsonValue({ stringUnit: 'grapheme' }) as fc.Arbitrary<Json>

function refusal(parse: () => unknown): KvError {
  try {
    parse()
  } catch (error) {
    if (error instanceof KvError) return error
    throw error
  }
  throw new Error('was taken')
}

function isDeepFrozen(value: Json): boolean {
  return (
    typeof value !== 'object' ||
    value === null ||
    (Object.isFrozen(value) && Object.values(value).every(isDeepFrozen))
  )
}

describe('a key', () => {
  it.each(['k', ' ', '__proto__', 'é'.repeat(512), '👋'.repeat(256), 'k'.repeat(1_024)])(
    'may be %.20s',
    (key) => {
      expect(parseKey(key)).toBe(key)
    },
  )

  it.each([
    ['', '1 to 1024 UTF-8 bytes; this one has 0'],
    ['k'.repeat(1_025), '1 to 1024 UTF-8 bytes; this one has 1025'],
    [`${'é'.repeat(512)}k`, 'this one has 1025'],
    ['\ud83d', 'well-formed'],
    [7, 'not number'],
    [null, 'not null'],
    [undefined, 'not undefined'],
    [new String('k'), 'not object'],
  ])('must not be %.20s', (raw, reason) => {
    expect(refusal(() => parseKey(raw))).toMatchObject({
      code: 'bad-key',
      message: expect.stringContaining(reason) as string,
    })
  })
})

describe('a merge policy', () => {
  it('is one of five names', () => {
    expect(MERGE_POLICIES.map((name) => parseMergePolicy(name))).toEqual(MERGE_POLICIES)
    for (const raw of ['sum', 'toString', '', undefined, null, ['auto'], 0]) {
      expect(refusal(() => parseMergePolicy(raw))).toMatchObject({ code: 'bad-option' })
    }
  })
})

describe('a value', () => {
  it('that JSON can make is copied and frozen, and is the same in canonical JSON', () => {
    fc.assert(
      fc.property(anyJson, (raw) => {
        const before = JSON.stringify(raw)
        const value = parseValue(raw)
        expect(canonicalText(value)).toBe(canonicalize(raw))
        expect(isDeepFrozen(value)).toBe(true)
        if (typeof raw === 'object' && raw !== null) expect(value).not.toBe(raw)
        expect(JSON.stringify(raw)).toBe(before)
        expect(freezeParsed(JSON.parse(before))).toEqual(value)
      }),
    )
  })

  it('has 0 where it had -0', () => {
    expect(parseValue(-0)).toBe(0)
    expect(parseValue([-0, { a: -0 }])).toEqual([0, { a: 0 }])
    expect(freezeParsed(JSON.parse('-0'))).toBe(0)
    expect(freezeParsed(JSON.parse('[-0,{"a":-0,"__proto__":-0}]'))).toEqual(
      JSON.parse('[0,{"a":0,"__proto__":0}]'),
    )
  })

  it('may have a field `__proto__` like any other', () => {
    const raw: unknown = JSON.parse('{"__proto__":{"x":1},"constructor":2}')
    for (const value of [parseValue(raw), freezeParsed(raw)]) {
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
      expect(canonicalText(value)).toBe('{"__proto__":{"x":1},"constructor":2}')
    }
  })

  it('may come from another realm, have no prototype, and hold one object twice', () => {
    const shared = { a: 1 }
    expect(parseValue([shared, shared])).toEqual([{ a: 1 }, { a: 1 }])
    expect(parseValue(runInNewContext('({ a: [1] })'))).toEqual({ a: [1] })
    expect(parseValue(Object.assign(Object.create(null), shared))).toEqual(shared)
  })

  class Point {
    readonly x = 1
  }
  const cycle: { list: unknown[] } = { list: [] }
  cycle.list.push([cycle])

  it.each([
    ['undefined', undefined, 'value: undefined is not JSON'],
    [
      'undefined in a field',
      { list: [0, 0, 0, { name: undefined }] },
      'value.list[3].name: undefined is not JSON',
    ],
    ['NaN', [Number.NaN], 'value[0]: NaN is not JSON'],
    [
      'an infinity',
      { 'a b': -Infinity },
      'value["a b"]: -Infinity is not JSON; a number is 1.7976931348623157e+308 at most',
    ],
    ['a bigint', 1n, 'value: bigint is not JSON'],
    ['a symbol', [Symbol('s')], 'value[0]: symbol is not JSON'],
    ['a field named by a symbol', { [Symbol('s')]: 1 }, 'value: a field named by a symbol'],
    ['a function', () => 1, 'value: function is not JSON'],
    ['a toJSON', { toJSON: () => 1 }, 'value.toJSON: function is not JSON'],
    ['a date', { at: new Date(0) }, 'value.at: an instance of a class'],
    ['a boxed string', new String('x'), 'value: an instance of a class'],
    ['a map', new Map(), 'value: an instance of a class'],
    ['bytes', new Uint8Array(2), 'value: an instance of a class'],
    ['an instance', [new Point()], 'value[0]: an instance of a class'],
    ['an heir', Object.create({ a: 1 }), 'value: an instance of a class'],
    ['a list of a class', new (class Sublist extends Array {})(), 'value: an instance of a class'],
    ['a hole', [1, , 3], 'value[1]: a hole'], // eslint-disable-line no-sparse-arrays
    ['a list with a name', Object.assign([1], { name: 1 }), 'value: a list with named fields'],
    [
      'a getter',
      {
        get a() {
          return 1
        },
      },
      'value.a: a getter',
    ],
    ['a hidden field', Object.defineProperty({}, 'a', { value: 1 }), 'value.a: a hidden field'],
    ['a cycle', cycle, 'value.list[0][0]: contains itself'],
    ['half of a pair', 'a\ud83d', 'value: half of a surrogate pair'],
    ['half of a pair in a name', { '\udc4b': 1 }, 'half of a surrogate pair'],
  ])('must not be %s', (_, raw, message) => {
    const error = refusal(() => parseValue(raw))
    expect(error).toMatchObject({ code: 'bad-value', message: expect.stringContaining(message) as string })
  })

  it.each(['"a\\ud83d"', '[1e999]', '{"\\udc4b":1}'])('parsed from %s must not be', (text) => {
    expect(refusal(() => freezeParsed(JSON.parse(text)))).toMatchObject({ code: 'bad-value' })
  })

  it('that throws when it is looked at is refused with its error as the cause', () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    expect(refusal(() => parseValue([proxy]))).toMatchObject({
      code: 'bad-value',
      cause: expect.any(TypeError) as TypeError,
    })
  })

  it('has an error of bounded length, whatever its names are', () => {
    const deep = nested(60, { ['n'.repeat(1_000)]: undefined })
    expect(refusal(() => parseValue(deep)).message.length).toBeLessThan(300)
  })
})

describe.each([
  ['parseValue', parseValue],
  ['freezeParsed', freezeParsed],
])('the limits of %s', (_, parse) => {
  it('are 64 levels', () => {
    expect(canonicalText(parse(nested(64)))).toBe(canonicalText(nested(64) as Json))
    expect(refusal(() => parse(nested(65)))).toMatchObject({
      code: 'too-large',
      message: expect.stringContaining('64 levels') as string,
    })
    expect(refusal(() => parse(nested(5_000)))).toMatchObject({ code: 'too-large' })
  })

  it.each([
    ['text', (bytes: number) => textOfBytes(bytes)],
    ['text with escapes', (bytes: number) => `\u0000\n"é👋${textOfBytes(bytes - 16)}`],
    ['a list', (bytes: number) => [1, textOfBytes(bytes - 4)]],
    ['an object', (bytes: number) => ({ é: textOfBytes(bytes - 14), n: 10 })],
  ])('are 1 MiB of canonical JSON: %s', (_, valueOfBytes) => {
    const value = parse(valueOfBytes(1_048_576))
    expect(Buffer.byteLength(canonicalText(value))).toBe(1_048_576)
    const error = refusal(() => parse(valueOfBytes(1_048_577)))
    expect(error).toMatchObject({
      code: 'too-large',
      message: expect.stringContaining('1048576 bytes (1 MiB)') as string,
    })
  })

  it('end the work early on what is far too large', () => {
    let branches: unknown = 'v'
    for (let level = 0; level < 60; level += 1) branches = [branches, branches] // 2^60 leaves, were it written out
    expect(refusal(() => parse(branches))).toMatchObject({ code: 'too-large' })
  })
})

describe('canonical JSON', () => {
  it.each([
    [{ b: 1, a: 2, '\u20ac': 3, '\r': 4, 1: 5 }, '{"\\r":4,"1":5,"a":2,"b":1,"€":3}'],
    [[1e21, 1e-7, 0.1, 100, 4.5], '[1e+21,1e-7,0.1,100,4.5]'],
    ['\u0007"\\/\u2028é', '"\\u0007\\"\\\\/\u2028é"'],
    [-0, '0'],
  ])('of %j', (value, text) => {
    expect(canonicalText(value)).toBe(text)
  })

  it('has its size told without being made', () => {
    fc.assert(
      fc.property(fc.oneof(anyJson, fc.string({ unit: 'binary' })), (value) => {
        expect(canonicalBytes(value)).toBe(Buffer.byteLength(canonicalText(value)))
      }),
    )
  })

  it('decides equality', () => {
    const small = fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>
    fc.assert(
      fc.property(small, small, (a, b) => {
        expect(equal(a, b)).toBe(canonicalText(a) === canonicalText(b))
        expect(equal(a, JSON.parse(JSON.stringify(a)) as Json)).toBe(true)
      }),
    )
    expect(equal({ a: 1, b: [2] }, { b: [2], a: 1 })).toBe(true)
    expect(equal([], {})).toBe(false)
    expect(equal({ toString: 1 }, { a: 1 })).toBe(false)
  })
})
