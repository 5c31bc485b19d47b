import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Malformed, Reader, Writer } from '../codec/bytes'
import { SKETCH_CELLS_MAX } from '../limits'
import { type Element, Sketch } from './sketch'

const word = fc.oneof(fc.nat(3), fc.integer({ min: 0, max: 2 ** 32 - 1 }))
const elements: fc.Arbitrary<Element> = fc.tuple(word, word, word, word)
const sets = fc.uniqueArray(elements, { maxLength: 60, selector: (element) => element.join() })
const textsOf = (list: readonly Element[]) => list.map((element) => element.join()).sort()

function sketchOf(cells: number, salt: number, list: Iterable<Element>): Sketch {
  const sketch = new Sketch(cells, salt)
  for (const element of list) sketch.add(...element)
  return sketch
}

function encoded(sketch: Sketch): Uint8Array {
  const writer = new Writer()
  Sketch.write(sketch, writer)
  return writer.bytes()
}

const decoded = (bytes: Uint8Array) => Reader.decode(bytes, (reader) => Sketch.read(reader))

/** Of so many trials with fresh salts, those that decode; each that does must be right. */
function decodes(cells: number, differences: number, trials: number, common = 0): number {
  let good = 0
  for (let salt = 0; salt < trials; salt++) {
    const [theirs, ours] = [new Sketch(cells, salt), new Sketch(cells, salt)]
    for (let at = 0; at < common; at++) for (const side of [theirs, ours]) side.add(0, at, 0, 0)
    for (let at = 0; at < differences; at++) (at % 2 === 0 ? theirs : ours).add(1, salt, at, 0)
    const difference = Sketch.difference(theirs, ours)
    if (difference === undefined) continue
    good++
    expect([difference.theirs.length, difference.ours.length]).toEqual([
      Math.ceil(differences / 2),
      Math.floor(differences / 2),
    ])
  }
  return good / trials
}

describe('two sketches', () => {
  it('give the difference of their sets, or say that they cannot', () => {
    const cells = fc.constantFrom(3, 6, 12, 66, 264)
    let some = 0
    fc.assert(
      fc.property(sets, sets, sets, cells, fc.nat(), (onlyA, onlyB, both, size, salt) => {
        const unique = new Map([...both, ...onlyA, ...onlyB].map((element) => [element.join(), element]))
        const a = [...unique.values()].filter((_, at) => at % 3 !== 0)
        const b = [...unique.values()].filter((_, at) => at % 3 !== 1 && (at < 120 || at % 3 === 0))
        const difference = Sketch.difference(sketchOf(size, salt, a), sketchOf(size, salt, b))
        if (difference === undefined) return
        some++
        const [inA, inB] = [new Set(textsOf(a)), new Set(textsOf(b))]
        expect(textsOf(difference.theirs)).toEqual([...inA].filter((text) => !inB.has(text)).sort())
        expect(textsOf(difference.ours)).toEqual([...inB].filter((text) => !inA.has(text)).sort())
      }),
      { numRuns: 500 },
    )
    expect(some).toBeGreaterThan(50)
  })

  it('of equal sets, however large, have no difference', () => {
    expect(decodes(66, 0, 3, 50_000)).toBe(1)
  })

  it.each([
    [66, 10, 0.98],
    [66, 20, 0.95],
    [264, 150, 0.94],
    [1_056, 700, 0.9],
  ])('of %i cells give %i differences away nearly always', (cells, differences, share) => {
    expect(decodes(cells, differences, 200)).toBeGreaterThan(share)
  })

  it('far too small for the difference never give a wrong one', () => {
    expect(decodes(66, 500, 100)).toBe(0)
  })

  it('notice a cell, a number or a fingerprint that is wrong', () => {
    const [a, b] = [
      [1, 2, 3].map((at): Element => [at, 0, 0, 0]),
      [2, 3, 4, 5].map((at): Element => [at, 0, 0, 0]),
    ]
    const bytes = encoded(sketchOf(12, 7, a))
    const ours = sketchOf(12, 7, b)
    expect(Sketch.difference(decoded(bytes), ours)).toBeDefined()
    for (let at = 2; at < bytes.length; at++) {
      for (const bit of [1, 2, 64]) {
        const wrong = Uint8Array.from(bytes)
        wrong[at] = (wrong[at] as number) ^ bit
        const sketch = attempt(wrong)
        if (sketch === undefined || sketch.cells !== 12) continue
        expect(Sketch.difference(sketch, ours)).toBeUndefined()
      }
    }
  })

  const attempt = (bytes: Uint8Array): Sketch | undefined => {
    try {
      return decoded(bytes)
    } catch (error) {
      if (error instanceof Malformed) return undefined
      throw error
    }
  }

  it('made of noise are taken apart in bounded time, and never into more than they have cells', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 30, maxLength: 400 }), fc.nat(5), (noise, bias) => {
        const bytes = [7, 12, 3, ...noise].map((byte) => (bias === 0 ? byte : byte % (bias + 1)))
        const sketch = attempt(Uint8Array.from(bytes))
        if (sketch === undefined) return
        const difference = Sketch.difference(sketch, new Sketch(sketch.cells, sketch.salt))
        if (difference !== undefined) expect(difference.theirs.length).toBeLessThanOrEqual(sketch.cells)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('a sketch as bytes', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(
        sets,
        fc.constantFrom(3, 12, 66),
        fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        (set, cells, salt) => {
          const sketch = sketchOf(cells, salt, set)
          expect(decoded(encoded(sketch))).toEqual(sketch)
        },
      ),
    )
  })

  it('of small integers takes some 12 bytes a cell, of any at most 27', () => {
    const small = sketchOf(
      66,
      1,
      Array.from({ length: 50_000 }, (_, at): Element => [at % 4, at, 0, 0]),
    )
    expect(encoded(small).length / 66).toBeLessThan(13)
    const large = sketchOf(
      66,
      1,
      Array.from({ length: 50_000 }, (_, at): Element => [at * 77_777, ~at >>> 0, at * 99_999, at * 88_888]),
    )
    expect(encoded(large).length / 66).toBeLessThan(27)
  })

  it('is refused when its size is none, or beyond the bytes or the limit', () => {
    const head = (cells: number, more: number) =>
      decoded(Uint8Array.from([...new Writer().uint(1).uint(cells).bytes(), ...new Uint8Array(more)]))
    expect(head(3, 1 + 16 + 27).cells).toBe(3)
    expect(head(SKETCH_CELLS_MAX, 1 + 16 + SKETCH_CELLS_MAX * 9).cells).toBe(SKETCH_CELLS_MAX)
    expect(() => head(SKETCH_CELLS_MAX + 3, 1 + 16 + (SKETCH_CELLS_MAX + 3) * 9)).toThrow(Malformed)
    expect(() => head(0, 17)).toThrow(Malformed)
    expect(() => head(4, 1 + 16 + 36)).toThrow(Malformed)
    expect(() => head(2 ** 40, 100)).toThrow(Malformed)
    expect(() => head(3, 1 + 16 + 26)).toThrow(Malformed)
    expect(() =>
      decoded(
        new Writer()
          .uint(2 ** 32)
          .uint(3)
          .bytes(),
      ),
    ).toThrow(Malformed)
  })
})
