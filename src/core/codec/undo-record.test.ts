import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RECORD_BYTES, RECORD_ENTRIES, TIME_MS_MAX } from '../limits'
import type { KeptValue } from '../store/undo-buffer'
import type { Json, Key } from '../store/value'
import * as any from './arbitraries.fixtures'
import { Malformed, Writer } from './bytes'
import { encodeEffects } from './record'
import { decodeRemoved, encodeRemoved, isUndoRecord } from './undo-record'

const kept = (key: string, value: Json = 1): KeptValue => ({
  key: key as Key,
  value,
  merge: 'union',
  by: { how: 'delete', node: 'bbb' },
  removedAtMs: 1_700_000_000_000,
})

describe('removed values as records', () => {
  it('come back as they were, and are none of effects', () => {
    fc.assert(
      fc.property(fc.array(any.keptValues, { minLength: 1, maxLength: 9 }), (values) => {
        const records = [...encodeRemoved(values)]
        expect(records).toHaveLength(1)
        expect(isUndoRecord(records[0]!)).toBe(true)
        expect(decodeRemoved(records[0]!)).toEqual(values)
      }),
    )
  })

  it('are told from those of effects', () => {
    fc.assert(
      fc.property(any.effects, (effects) => {
        for (const record of encodeEffects(effects)) expect(isUndoRecord(record)).toBe(false)
      }),
      { numRuns: 20 },
    )
  })

  it('are cut where a record is full, in order, and where the values are large; none are no record', () => {
    expect([...encodeRemoved([])]).toEqual([])
    const many = Array.from({ length: 2 * RECORD_ENTRIES + 1 }, (_, at) => kept(`k${at}`))
    const read = [...encodeRemoved(many)].map(decodeRemoved)
    expect(read.map((part) => part.length)).toEqual([RECORD_ENTRIES, RECORD_ENTRIES, 1])
    expect(read.flat()).toEqual(many)
    const large = ['a', 'b'].map((key) => kept(key, 'x'.repeat(RECORD_BYTES)))
    expect([...encodeRemoved(large)].map((record) => decodeRemoved(record).length)).toEqual([1, 1])
  })

  it('say once for a run of values who removed it and when', () => {
    const alone = [...encodeRemoved([kept('a')])][0]!
    const run = [...encodeRemoved([kept('a'), kept('b')])][0]!
    expect(run.length - alone.length).toBe(',"b",1'.length + 1)
  })

  it('are refused when they are of another format, cut off, longer than they say, or out of range', () => {
    const record = [...encodeRemoved([kept('a'), kept('b')])][0]!
    expect(() => decodeRemoved(record.with(0, 2))).toThrow(Malformed)
    for (let length = 0; length < record.length; length++)
      expect(() => decodeRemoved(record.slice(0, length))).toThrow(Malformed)
    expect(() => decodeRemoved(Uint8Array.from([...record, 0]))).toThrow(Malformed)
    const of = (timeMs: number, how: number, node: string, merge: number, texts = '["a",1]') =>
      new Writer()
        .byte(129)
        .uint(1)
        .uint(timeMs)
        .byte(how)
        .text(node)
        .uint(1)
        .byte(merge)
        .tail(new TextEncoder().encode(texts))
        .bytes()
    expect(decodeRemoved(of(TIME_MS_MAX, 0, 'bbb', 0))).toHaveLength(1)
    for (const broken of [
      of(TIME_MS_MAX + 1, 0, 'bbb', 0),
      of(0, 4, 'bbb', 0),
      of(0, 0, 'B b', 0),
      of(0, 0, 'b'.repeat(65), 0),
      of(0, 0, 'bbb', 5),
      of(0, 0, 'bbb', 0, '["a"]'),
      of(0, 0, 'bbb', 0, '["a",1,"b",2]'),
      of(0, 0, 'bbb', 0, '["",1]'),
    ])
      expect(() => decodeRemoved(broken)).toThrow(Malformed)
  })
})
