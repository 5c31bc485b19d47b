import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CausalContext, differenceOfRows, type Rows, rowsHave } from '../causality/context'
import type { Actor } from '../causality/dot'
import { Malformed, Reader, Writer } from '../codec/bytes'
import { SKETCH_ATTEMPTS_MAX } from '../limits'
import { Replica } from '../store/replica'
import type { Key } from '../store/value'
import { type Element, Sketch } from './sketch'
import { compareWith, type LiveSummary, readSummary, SKETCHING, summarize, writeSummary } from './summary'

const ACTORS = ['a.1', 'b.1', 'c.1'] as Actor[]

/** Per dot of 90: alive on neither side, on theirs, on ours, on both, or on both with other contents. */
const fates = fc.array(fc.constantFrom('none', 'theirs', 'ours', 'both', 'both', 'both', 'other' as const), {
  maxLength: 90,
})

function sidesOf(given: readonly string[]) {
  const [theirs, ours, context] = [new Replica(0), new Replica(0), new CausalContext()]
  for (const [at, fate] of given.entries()) {
    const dot = { actor: ACTORS[at % 3]!, counter: 1 + Math.floor(at / 3) }
    context.add(dot.actor, dot.counter, dot.counter)
    for (const [side, isTheirs] of [
      [theirs, true],
      [ours, false],
    ] as const) {
      if (fate === 'none' || fate === (isTheirs ? 'ours' : 'theirs')) continue
      const value = fate === 'other' && isTheirs ? 'theirs' : 'ours'
      side.apply(`k${at}` as Key, { ...dot, context: [], time: 1, merge: 'auto', value })
    }
  }
  return { theirs, ours, both: context.copyRows() }
}

const hashOf = (rows: Rows) => CausalContext.from(rows).hash()

function asked(replica: Replica, both: Rows, withContents: boolean, attempt: number, salt = 1) {
  return { replica, both, withContents, differences: 0, attempt, salt }
}

function sent(summary: LiveSummary): LiveSummary {
  const writer = new Writer()
  writeSummary(writer, summary)
  return Reader.decode(writer.bytes(), readSummary)
}

describe('a summary of what is alive', () => {
  it('tells what is dead and what differs, by list and by sketch alike, or the sketch says that it cannot', () => {
    const seen = { told: 0, mute: 0 }
    const options = fc.record({
      cells: fc.constantFrom(3, 30, 90),
      withContents: fc.boolean(),
      salt: fc.nat(),
    })
    fc.assert(
      fc.property(fates, options, (given, { cells, withContents, salt }) => {
        const { theirs, ours, both } = sidesOf(given)
        const list = summarize(asked(theirs, both, withContents, SKETCH_ATTEMPTS_MAX, salt), {
          cells,
          listWeight: 0,
        })
        expect(list.kind).toBe('list')
        const exact = compareWith(sent(list), ours, both)!
        for (const [at, fate] of given.entries()) {
          const [actor, counter] = [ACTORS[at % 3]!, 1 + Math.floor(at / 3)]
          expect(rowsHave(exact.dead, actor, counter)).toBe(fate === 'theirs')
          expect(rowsHave(exact.differing, actor, counter)).toBe(fate === 'other' && withContents)
        }
        let attempt = 0
        for (; attempt < SKETCH_ATTEMPTS_MAX; attempt++) {
          const sketch = summarize(asked(theirs, both, withContents, attempt, salt + attempt), {
            cells,
            listWeight: 0,
          })
          expect(sketch.kind).toBe('sketch')
          const found = compareWith(sent(sketch), ours, both)
          seen[found === undefined ? 'mute' : 'told']++
          if (found === undefined) continue
          expect(hashOf(found.dead)).toEqual(hashOf(exact.dead))
          expect(hashOf(found.differing)).toEqual(hashOf(exact.differing))
          break
        }
      }),
      { numRuns: 500 },
    )
    expect(Math.min(seen.told, seen.mute)).toBeGreaterThan(50)
  })

  it('is the list where that is smaller, and the sketch where it is not', () => {
    const kindOf = (everyNth: number, attempt = 0) => {
      const [replica, context] = [new Replica(0), new CausalContext()]
      for (let counter = 1; counter <= 3_000; counter += everyNth) {
        const version = { counter, context: [], time: 1, merge: 'auto', value: counter } as const
        replica.apply(`k${counter}` as Key, { ...version, actor: ACTORS[0]! })
      }
      context.add(ACTORS[0]!, 1, 3_000)
      return summarize(asked(replica, context.rows(), false, attempt), SKETCHING).kind
    }
    expect(kindOf(1)).toBe('list')
    expect(kindOf(100)).toBe('list')
    expect(kindOf(2)).toBe('sketch')
    expect(kindOf(2, 2)).toBe('list') // 16 times as many cells
  })

  it('finds dots with counters beyond 32 bits', () => {
    const { theirs, ours } = { theirs: new Replica(0), ours: new Replica(0) }
    const counters = [1, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER]
    for (const counter of counters)
      theirs.apply('k' as Key, { actor: ACTORS[0]!, counter, context: [], time: 1, merge: 'auto', value: 1 })
    const both = new Map([[ACTORS[0]!, [1, Number.MAX_SAFE_INTEGER]]])
    const summary = summarize(asked(theirs, both, false, 0), { cells: 45, listWeight: 0 })
    expect(summary.kind).toBe('sketch')
    const found = compareWith(sent(summary), ours, both)!
    expect(counters.every((counter) => rowsHave(found.dead, ACTORS[0]!, counter))).toBe(true)
  })

  it('of what was not offered is refused', () => {
    const both = new Map([[ACTORS[0]!, [1, 5]]])
    const list: LiveSummary = { kind: 'list', live: new Map([[ACTORS[0]!, [5, 6]]]), contents: undefined }
    expect(differenceOfRows(list.live, both).size).toBe(1)
    expect(() => compareWith(list, new Replica(0), both)).toThrow(Malformed)
    const elements: Element[] = [
      [0, 6, 0, 0],
      [1, 1, 0, 0],
      [0, 1, 1, 0],
      [0, 0, 0, 0],
    ]
    for (const element of elements) {
      const sketch = new Sketch(45, 1)
      sketch.add(...element)
      const summary = { kind: 'sketch', withContents: false, sketch } as const
      expect(() => compareWith(summary, new Replica(0), both)).toThrow(Malformed)
    }
    const contents = { ...list, live: both, contents: [] }
    expect(() => compareWith(contents, new Replica(0), both)).toThrow(Malformed)
  })
})
