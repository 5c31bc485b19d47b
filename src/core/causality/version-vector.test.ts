import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Actor } from './dot'
import {
  counterOf,
  covers,
  dominates,
  EMPTY_VECTOR,
  filterVector,
  join,
  joinDot,
  sameVector,
  vectorEntries,
  vectorOf,
  vectorSize,
} from './version-vector'

const ACTORS = ['a.1', 'a.2', 'b.1', 'c.1', 'ca.1'] as Actor[]
const pairs = fc.array(fc.tuple(fc.constantFrom(...ACTORS), fc.integer({ min: 1, max: 6 })), { maxLength: 8 })
const vectors = pairs.map(vectorOf)
const dots = fc.record({ actor: fc.constantFrom(...ACTORS), counter: fc.integer({ min: 1, max: 7 }) })

describe('a version vector', () => {
  it('is the least that covers what it is made of, sorted, whatever their order', () => {
    fc.assert(
      fc.property(pairs, (given) => {
        const vector = vectorOf(given)
        const actors = [...vectorEntries(vector)].map(([actor]) => actor)
        expect(actors).toEqual([...new Set(given.map(([actor]) => actor))].sort())
        expect(vectorSize(vector)).toBe(actors.length)
        expect(vectorOf([...given].reverse())).toEqual(vector)
        for (const actor of ACTORS) {
          const counters = given.filter(([of]) => of === actor).map(([, counter]) => counter)
          expect(counterOf(vector, actor)).toBe(Math.max(0, ...counters))
        }
      }),
    )
  })

  it('joins commutatively, associatively, idempotently, to the least that dominates both', () => {
    fc.assert(
      fc.property(vectors, vectors, vectors, (a, b, c) => {
        expect(join(a, b)).toEqual(join(b, a))
        expect(join(join(a, b), c)).toEqual(join(a, join(b, c)))
        expect(join(a, a)).toEqual(a)
        expect(join(a, EMPTY_VECTOR)).toEqual(a)
        expect(join(a, b)).toEqual(vectorOf([...vectorEntries(a), ...vectorEntries(b)]))
        expect(dominates(join(a, b), a) && dominates(join(a, b), b)).toBe(true)
        if (dominates(c, a) && dominates(c, b)) expect(dominates(c, join(a, b))).toBe(true)
      }),
    )
  })

  it('is ordered partially by what it covers', () => {
    fc.assert(
      fc.property(vectors, vectors, vectors, (a, b, c) => {
        expect(dominates(a, a)).toBe(true)
        expect(sameVector(a, b)).toBe(dominates(a, b) && dominates(b, a))
        if (dominates(a, b) && dominates(b, c)) expect(dominates(a, c)).toBe(true)
        expect(dominates(a, b)).toBe(
          [...vectorEntries(b)].every(([actor, counter]) => covers(a, { actor, counter })),
        )
      }),
    )
  })

  it('grows by a dot to the least that covers that too', () => {
    fc.assert(
      fc.property(vectors, dots, (a, dot) => {
        const grown = joinDot(a, dot)
        expect(covers(grown, dot)).toBe(true)
        expect(grown).toEqual(vectorOf([...vectorEntries(a), [dot.actor, dot.counter]]))
        if (covers(a, dot)) expect(grown).toBe(a)
      }),
    )
  })

  it('keeps the entries that it is told to keep', () => {
    fc.assert(
      fc.property(vectors, fc.integer({ min: 0, max: 7 }), (a, least) => {
        const kept = filterVector(a, (_, counter) => counter >= least)
        expect(kept).toEqual(vectorOf([...vectorEntries(a)].filter(([, counter]) => counter >= least)))
      }),
    )
  })
})
