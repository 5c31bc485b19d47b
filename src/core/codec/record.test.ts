import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Actor } from '../causality/dot'
import { EMPTY_VECTOR } from '../causality/version-vector'
import { RECORD_BYTES, RECORD_ENTRIES } from '../limits'
import type { Effects, EntryChange } from '../store/effects'
import type { Key } from '../store/value'
import * as any from './arbitraries.fixtures'
import { Malformed } from './bytes'
import { encodeEffects } from './record'
import { decodeEffects } from './record.fixtures'

const actor = 'a.1' as Actor
const put = (counter: number, value: string): EntryChange => ({
  key: `k${counter}` as Key,
  added: { actor, counter, context: EMPTY_VECTOR, time: 0, merge: 'auto', value },
})
const ofEntries = (entries: EntryChange[]): Effects => ({
  entries,
  context: new Map(),
  ghosts: new Map(),
  named: EMPTY_VECTOR,
})

describe('effects as records', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(any.effects, (effects) => {
        const records = [...encodeEffects(effects)]
        expect(records).toHaveLength(1)
        expect(decodeEffects(records[0]!)).toEqual(effects)
      }),
    )
  })

  it('are cut where a record is full, in order, with the context, the ghosts and what was named in the first', () => {
    const entries = Array.from({ length: 2 * RECORD_ENTRIES + 1 }, (_, at) => put(at + 1, 'v'))
    const context = new Map([[actor, [1, entries.length]]])
    const ghosts = new Map([['k1' as Key, ['b.1' as Actor, 1]]])
    const named = [actor, 3]
    const read = [...encodeEffects({ entries, context, ghosts, named })].map(decodeEffects)
    expect(read.map((record) => record.entries.length)).toEqual([RECORD_ENTRIES, RECORD_ENTRIES, 1])
    expect(read.flatMap((record) => record.entries)).toEqual(entries)
    expect(read.map((record) => record.context.size + record.ghosts.size + record.named.length)).toEqual([
      4, 0, 0,
    ])
    expect(read[0]).toEqual({ entries: entries.slice(0, RECORD_ENTRIES), context, ghosts, named })
  })

  it('are cut where the values are large', () => {
    const entries = [1, 2, 3].map((counter) => put(counter, 'x'.repeat(RECORD_BYTES)))
    expect([...encodeEffects(ofEntries(entries))].map((record) => decodeEffects(record).entries)).toEqual(
      entries.map((entry) => [entry]),
    )
  })

  it('are one empty record when there are none', () => {
    const [record, ...more] = encodeEffects(ofEntries([]))
    expect(more).toEqual([])
    expect(decodeEffects(record!)).toEqual(ofEntries([]))
  })

  it('are refused when they are of another format, cut off, or longer than they say', () => {
    const record = [...encodeEffects(ofEntries([put(1, 'v')]))][0]!
    for (const format of [0, 3]) expect(() => decodeEffects(record.with(0, format))).toThrow(Malformed)
    for (let length = 0; length < record.length; length++)
      expect(() => decodeEffects(record.slice(0, length))).toThrow(Malformed)
    expect(() => decodeEffects(Uint8Array.from([...record, 0]))).toThrow(Malformed)
  })
})
