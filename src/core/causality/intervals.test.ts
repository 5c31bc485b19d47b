import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addInterval,
  countOf,
  difference,
  hasCounter,
  hasInterval,
  intersection,
  type Intervals,
  isIntervals,
  union,
} from './intervals'

const UNIVERSE = 40
const counters = fc.uniqueArray(fc.integer({ min: 1, max: UNIVERSE }), { maxLength: UNIVERSE })

/** The model: a plain set of counters. */
const setOf = (row: Intervals) => {
  const set = new Set<number>()
  for (let at = 0; at < row.length; at += 2)
    for (let counter = row[at]!; counter <= row[at + 1]!; counter++) set.add(counter)
  return set
}
const rowOf = (set: Iterable<number>) => {
  const row: number[] = []
  for (const counter of set) addInterval(row, counter, counter)
  return row
}
const sorted = (set: Iterable<number>) => [...set].sort((a, b) => a - b)

describe('a set of counters as intervals', () => {
  it('holds what was added, in whatever order, in its one form', () => {
    fc.assert(
      fc.property(counters, (added) => {
        const row = rowOf(added)
        expect(isIntervals(row)).toBe(true)
        expect(sorted(setOf(row))).toEqual(sorted(added))
        expect(row).toEqual(rowOf(sorted(added)))
        expect(countOf(row)).toBe(added.length)
      }),
    )
  })

  it('grows by whole intervals as by their counters one by one', () => {
    const interval = fc.tuple(fc.integer({ min: 1, max: UNIVERSE }), fc.integer({ min: 0, max: 12 }))
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 12 }), (intervals) => {
        const row: number[] = []
        const model = new Set<number>()
        for (const [from, length] of intervals) {
          addInterval(row, from, from + length)
          for (let counter = from; counter <= from + length; counter++) model.add(counter)
          expect(isIntervals(row)).toBe(true)
          expect(sorted(setOf(row))).toEqual(sorted(model))
        }
      }),
    )
  })

  it('is asked, joined and subtracted as the plain set is', () => {
    fc.assert(
      fc.property(counters, counters, (a, b) => {
        const [rowA, rowB] = [rowOf(a), rowOf(b)]
        const joined = union(rowA, rowB)
        const rest = difference(rowA, rowB)
        expect(joined).toEqual(rowOf(new Set([...a, ...b])))
        expect(rest).toEqual(rowOf(a.filter((counter) => !b.includes(counter))))
        expect(intersection(rowA, rowB)).toEqual(rowOf(a.filter((counter) => b.includes(counter))))
        expect([rowA, rowB]).toEqual([rowOf(a), rowOf(b)])
        for (let from = 1; from <= UNIVERSE; from += 3) {
          expect(hasCounter(rowA, from)).toBe(a.includes(from))
          for (let to = from; to <= UNIVERSE; to += 5) {
            const all = Array.from({ length: to - from + 1 }, (_, at) => from + at)
            expect(hasInterval(rowA, from, to)).toBe(all.every((counter) => a.includes(counter)))
          }
        }
      }),
    )
  })

  it.each([
    [[1]],
    [[0, 1]],
    [[2, 1]],
    [[1, 2, 2, 3]],
    [[1, 2, 3, 4]],
    [[5, 6, 1, 2]],
    [[1, 2 ** 53]],
    [[1.5, 2]],
    [['1', 2]],
    [[1, Number.NaN]],
  ])('is malformed as %j', (raw) => {
    expect(isIntervals(raw)).toBe(false)
  })

  it('may reach the last counter there is', () => {
    expect(isIntervals([1, 1, 3, Number.MAX_SAFE_INTEGER])).toBe(true)
    expect(isIntervals([])).toBe(true)
  })
})
