import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CausalContext, rowsHave } from '../causality/context'
import type { Actor } from '../causality/dot'
import { isIntervals } from '../causality/intervals'
import { LiveDots } from './live-dots'
import type { Key } from './value'
import type { Version } from './version'
import { versionsByDot } from './versions-by-dot'

const actor = fc.constantFrom('a.1', 'b.1', 'c.1') as fc.Arbitrary<Actor>
/** Near the ends of words, of 30 counters each, and as far out as counters go. */
const counter = fc.oneof(
  fc.integer({ min: 1, max: 130 }),
  fc.integer({ min: 29_990, max: 30_010 }),
  fc.constantFrom(2 ** 31, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER),
)
const changes = fc.array(fc.tuple(fc.boolean(), actor, counter), { maxLength: 150 })
const spans = fc.array(fc.tuple(actor, counter, fc.oneof(fc.nat(70), fc.constant(2 ** 53))), { maxLength: 6 })
const textOf = (of: Actor, at: number) => `${of}:${at}`

function rowsOf(ranges: readonly (readonly [Actor, number, number])[]) {
  const context = new CausalContext()
  for (const [of, from, length] of ranges)
    context.add(of, from, Math.min(from + length, Number.MAX_SAFE_INTEGER))
  return context
}

describe('the dots alive', () => {
  it('within some rows are those that were added, not removed, and in the rows', () => {
    fc.assert(
      fc.property(changes, spans, (given, ranges) => {
        const dots = new LiveDots()
        const alive = new Map<string, [Actor, number]>()
        for (const [isAdded, of, at] of given) {
          if (isAdded) alive.set(textOf(of, at), [of, at])
          else alive.delete(textOf(of, at))
          if (isAdded) dots.add({ actor: of, counter: at })
          else dots.remove({ actor: of, counter: at })
        }
        const rows = rowsOf(ranges)
        const expected = [...alive.values()].filter(([of, at]) => rows.hasCounter(of, at))
        const found = dots.within(rows.rows())
        for (const row of found.values()) {
          expect(isIntervals(row)).toBe(true)
          expect(row.length).toBeGreaterThan(0)
        }
        const same = rowsOf(expected.map(([of, at]) => [of, at, 0]))
        expect(CausalContext.from(found).hash()).toEqual(same.hash())
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('versions', () => {
  it('are found by their dots, and come in the order of those', () => {
    const dot = fc.tuple(actor, fc.integer({ min: 1, max: 40 }))
    const all = fc.uniqueArray(dot, { maxLength: 60, selector: (of) => textOf(...of) })
    fc.assert(
      fc.property(all, spans, fc.integer({ min: 1, max: 20 }), (dots, ranges, keys) => {
        const entries = new Map<Key, Version[]>()
        const alive = new LiveDots()
        for (const [place, [of, at]] of dots.entries()) {
          const version: Version = {
            actor: of,
            counter: at,
            context: [],
            time: 0,
            merge: 'auto',
            value: place,
          }
          const key = `k${place % keys}` as Key
          entries.set(key, [...(entries.get(key) ?? []), version])
          alive.add(version)
        }
        const rows = rowsOf(ranges).rows()
        const found = versionsByDot(entries, alive.within(rows))
        const expected = dots.flatMap(([of, at], place) => {
          return rowsHave(rows, of, at)
            ? [{ actor: of, counter: at, value: place, key: `k${place % keys}` }]
            : []
        })
        const order = [...rows.keys()]
        expected.sort((a, b) => order.indexOf(a.actor) - order.indexOf(b.actor) || a.counter - b.counter)
        expect(
          found.map(({ key, event }) => ({
            actor: event.actor,
            counter: event.counter,
            value: event.value,
            key,
          })),
        ).toEqual(expected)
      }),
    )
  })
})

it('finds the version of the largest counter in its place, after any number of others', () => {
  const version = (counter: number) => ({ actor: 'a.1', counter }) as Version
  const versions = [1, 2, 3, Number.MAX_SAFE_INTEGER].map(version)
  for (let count = 1; count <= versions.length; count++) {
    const last = versions.slice(-count)
    const dots = rowsOf(last.map(({ actor, counter }) => [actor, counter, 0])).rows()
    const found = versionsByDot(new Map([['k' as Key, last]]), dots)
    expect(found.map(({ event }) => event)).toEqual(last)
  }
})
