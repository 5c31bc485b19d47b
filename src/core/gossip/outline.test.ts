import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CausalContext, type Rows } from '../causality/context'
import type { Actor } from '../causality/dot'
import { Malformed, Reader, Writer } from '../codec/bytes'
import { compareWithOutline, completed, outlineOf, rowsOf } from './outline'
import { Sketch } from './sketch'

const ACTORS = Array.from({ length: 12 }, (_, at) => `n${at}.1` as Actor)

/** Per actor: how far theirs and ours go, and whether ours has a gap. */
const rows = fc.array(fc.tuple(fc.nat(3), fc.nat(3), fc.boolean()), {
  minLength: ACTORS.length,
  maxLength: ACTORS.length,
})

function sidesOf(given: readonly (readonly [number, number, boolean])[]) {
  const [theirs, ours] = [new CausalContext(), new CausalContext()]
  for (const [at, [upTo, upToOurs, gap]] of given.entries()) {
    const actor = ACTORS[at] as Actor
    if (upTo > 0) theirs.add(actor, 1, upTo)
    if (upToOurs > 0) ours.add(actor, gap ? upToOurs : 1, upToOurs)
  }
  return { theirs, ours }
}

function sent(outline: Sketch): Sketch {
  const writer = new Writer()
  Sketch.write(outline, writer)
  return Reader.decode(writer.bytes(), Sketch.read)
}

describe('an outline', () => {
  it('and the rows that differ are all of the rows, whatever is learnt meanwhile; or it does not tell', () => {
    const seen = { told: 0, mute: 0, same: 0 }
    fc.assert(
      fc.property(rows, fc.constantFrom(3, 6, 63), fc.nat(), (given, cells, salt) => {
        const { theirs, ours } = sidesOf(given)
        const offered = theirs.copyRows()
        const compared = compareWithOutline(sent(outlineOf(offered, cells, salt)), ours.rows())
        if (compared === undefined) {
          seen.mute++
          return
        }
        seen.told++
        seen.same += compared.same.size
        const differing = [...offered].filter(([actor, row]) => ours.row(actor).join() !== row.join())
        expect(compared.differing).toHaveLength(differing.length)
        const asked = rowsOf(offered, compared.differing)
        expect(asked).toEqual(new Map(differing))
        for (const actor of ACTORS) ours.add(actor, 1, 9)
        expect(completed(compared, asked)).toEqual(offered)
      }),
      { numRuns: 1_000 },
    )
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(100)
  })

  it('grows with the actors, so that many of them may differ', () => {
    const many = (count: number) =>
      new Map(Array.from({ length: count }, (_, at) => [`n${at}.1` as Actor, [1, 1]]))
    expect([2, 2_016, 2_017, 9_600].map((count) => outlineOf(many(count), 63, 1).cells)).toEqual([
      63, 63, 66, 300,
    ])
  })
})

describe('rows that belong to an outline', () => {
  const theirs = new Map<Actor, number[]>([
    ['a.1' as Actor, [1, 2]],
    ['b.1' as Actor, [1, 5]],
    ['c.1' as Actor, [1, 3]],
  ])
  const ours = new Map<Actor, number[]>([
    ['a.1' as Actor, [1, 2]],
    ['b.1' as Actor, [1, 4]],
  ])
  const compared = compareWithOutline(outlineOf(theirs, 63, 7), ours)!
  const asked = rowsOf(theirs, compared.differing)
  const other = (name: string, row: number[]) => new Map([...asked, [name as Actor, row]])

  it.each<[string, Rows]>([
    ['one is missing', new Map([...asked].slice(1))],
    ['one more', other('d.1', [1, 1])],
    ['one is there already', other('a.1', [1, 2])],
    ['one is another', other('b.1', [1, 6])],
  ])('are refused if %s', (_, wrong) => {
    expect(completed(compared, asked)).toEqual(theirs)
    expect(() => completed(compared, wrong)).toThrow(Malformed)
  })

  it('are refused to who asks for one that is not there', () => {
    expect(() => rowsOf(theirs, [...compared.differing, [1, 2, 3, 4]])).toThrow(Malformed)
  })
})
