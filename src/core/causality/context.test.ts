import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CausalContext, countOfRows, differenceOfRows, rowsHave, unionOfRows } from './context'
import type { Actor } from './dot'
import { hashToHex } from './hash'

const ACTORS = ['a.1', 'a.2', 'b.1'] as Actor[]
const dots = fc.array(
  fc.record({ actor: fc.constantFrom(...ACTORS), counter: fc.integer({ min: 1, max: 9 }) }),
  { maxLength: 24 },
)
const contextOf = (of: { actor: Actor; counter: number }[]) => {
  const context = new CausalContext()
  for (const { actor, counter } of of) context.add(actor, counter, counter)
  return context
}
const all = ACTORS.flatMap((actor) =>
  Array.from({ length: 10 }, (_, at) => ({ actor, counter: at + 1, text: `${actor}:${at + 1}` })),
)

describe('a causal context', () => {
  it('knows the dots that were added, and its hash is a function of them alone', () => {
    fc.assert(
      fc.property(dots, fc.integer({ min: 0, max: 24 }), (added, hashedAt) => {
        const texts = new Set(added.map(({ actor, counter }) => `${actor}:${counter}`))
        const context = contextOf(added.slice(0, hashedAt))
        context.hash() // kept incrementally from here on
        for (const { actor, counter } of added.slice(hashedAt)) context.add(actor, counter, counter)
        const recomputed = CausalContext.from([...context.rows()].reverse())
        expect(hashToHex(context.hash())).toBe(hashToHex(recomputed.hash()))
        expect(hashToHex(context.hash())).toBe(hashToHex(contextOf([...added].reverse()).hash()))
        for (const dot of all) {
          expect(context.has(dot)).toBe(texts.has(dot.text))
          expect(rowsHave(context.rows(), dot.actor, dot.counter)).toBe(texts.has(dot.text))
        }
        for (const actor of ACTORS) {
          const counters = all.filter((dot) => dot.actor === actor && texts.has(dot.text))
          expect(context.highest(actor)).toBe(counters.at(-1)?.counter ?? 0)
          let upTo = 0
          while (texts.has(`${actor}:${upTo + 1}`)) upTo++
          expect(context.gapFreeUpTo(actor)).toBe(upTo)
          for (let to = 1; to <= 10; to++) expect(context.hasUpTo(actor, to)).toBe(to <= upTo)
        }
      }),
    )
  })

  it('has another hash than every other context', () => {
    fc.assert(
      fc.property(dots, dots, (a, b) => {
        const textOf = (of: typeof a) => [...new Set(of.map((dot) => `${dot.actor}:${dot.counter}`))].sort()
        const same = textOf(a).join() === textOf(b).join()
        expect(hashToHex(contextOf(a).hash()) === hashToHex(contextOf(b).hash())).toBe(same)
      }),
    )
  })

  it('differs from another by the dots that only it has', () => {
    fc.assert(
      fc.property(dots, dots, (a, b) => {
        const rest = differenceOfRows(contextOf(a).rows(), contextOf(b).rows())
        for (const dot of all) {
          const expected = contextOf(a).has(dot) && !contextOf(b).has(dot)
          expect(rowsHave(rest, dot.actor, dot.counter)).toBe(expected)
        }
        expect(countOfRows(rest)).toBe(all.filter((dot) => rowsHave(rest, dot.actor, dot.counter)).length)
        for (const row of rest.values()) expect(row.length).toBeGreaterThan(0)
      }),
    )
  })

  it('has a union with another', () => {
    fc.assert(
      fc.property(dots, dots, (a, b) => {
        const [inA, inB] = [contextOf(a), contextOf(b)]
        const joined = unionOfRows(inA.rows(), inB.rows())
        for (const dot of all) {
          expect(rowsHave(joined, dot.actor, dot.counter)).toBe(inA.has(dot) || inB.has(dot))
        }
      }),
    )
  })

  it('gives copies of its rows that later additions leave as they are', () => {
    const context = contextOf([{ actor: ACTORS[0]!, counter: 1 }])
    const copy = context.copyRows()
    context.add(ACTORS[0]!, 2, 5)
    expect([...copy]).toEqual([['a.1', [1, 1]]])
  })
})
