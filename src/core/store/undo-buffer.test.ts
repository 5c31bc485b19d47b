import { describe, expect, it } from 'vitest'
import { TIME_MS_MAX, UNDO_BYTES_MAX, UNDO_MS_MAX, UNDO_VALUES_MAX, VALUE_BYTES_MAX } from '../limits'
import { EMPTY_VECTOR } from '../causality/version-vector'
import type { Actor } from '../causality/dot'
import type { EntryChange } from './effects'
import type { RemovedValue } from './removal'
import { UndoBuffer } from './undo-buffer'
import type { Json, Key } from './value'

const removed = (key: string, value: Json = 1): RemovedValue => ({
  key: key as Key,
  value,
  merge: 'auto',
  by: { how: 'delete', node: 'bbb' },
})
const put = (key: string): EntryChange => ({
  key: key as Key,
  added: { actor: 'b.1' as Actor, counter: 1, context: EMPTY_VECTOR, time: 0, merge: 'auto', value: 2 },
})
const drop = (key: string): EntryChange => ({
  key: key as Key,
  dropped: { actor: 'b.1' as Actor, counter: 1 },
})
const keysOf = (buffer: UndoBuffer) => buffer.values().map(({ key }) => key)

describe('what others removed', () => {
  it('is kept in the order in which it was removed, with the time', () => {
    const buffer = new UndoBuffer()
    buffer.keep([removed('b', ['old']), removed('a')], 1_000.9)
    buffer.keep([removed('c')], 2_000)
    expect(keysOf(buffer)).toEqual(['b', 'a', 'c'])
    expect(buffer.values()[0]).toEqual({ ...removed('b', ['old']), removedAtMs: 1_000 })
  })

  it.each([
    [-5, 0],
    [Number.NaN, 0],
    [9e15, TIME_MS_MAX],
  ])('has a time that can be written when the clock says %s', (now, time) => {
    const buffer = new UndoBuffer()
    buffer.keep([removed('a')], now)
    expect(buffer.values()[0]?.removedAtMs).toBe(time)
  })

  it('is the last value of each key, as late as that', () => {
    const buffer = new UndoBuffer()
    buffer.keep([removed('a', 'first'), removed('b')], 1_000)
    buffer.keep([removed('a', 'second')], 2_000)
    expect(buffer.values().map(({ key, value }) => [key, value])).toEqual([
      ['b', 1],
      ['a', 'second'],
    ])
  })

  it('is let go as soon as its key has a value again', () => {
    const buffer = new UndoBuffer()
    buffer.keep([removed('a'), removed('b')], 1_000)
    buffer.noteValues([put('a'), drop('b')])
    expect(keysOf(buffer)).toEqual(['b'])
  })

  it('is let go after 24 hours, not at 24 hours', () => {
    const buffer = new UndoBuffer()
    buffer.keep([removed('a')], 1_000)
    buffer.expire(1_000 + UNDO_MS_MAX)
    expect(buffer.size).toBe(1)
    buffer.expire(1_001 + UNDO_MS_MAX)
    expect(buffer.size).toBe(0)
  })

  it('is let go too when the clock that dated it was a day ahead, not when it was put back an hour', () => {
    const buffer = new UndoBuffer()
    buffer.keep([removed('a')], 2 * UNDO_MS_MAX)
    buffer.expire(2 * UNDO_MS_MAX - 3_600_000)
    expect(buffer.size).toBe(1)
    buffer.expire(0)
    expect(buffer.size).toBe(0)
  })

  it('is what its bound of number has room for: one more, and what was removed first is gone', () => {
    const buffer = new UndoBuffer()
    const many = Array.from({ length: UNDO_VALUES_MAX }, (_, at) => removed(`k${at}`))
    buffer.keep(many, 1_000)
    expect(buffer.size).toBe(UNDO_VALUES_MAX)
    buffer.keep([removed('one more')], 2_000)
    expect(buffer.size).toBe(UNDO_VALUES_MAX)
    expect(keysOf(buffer)).not.toContain('k0')
    expect(keysOf(buffer)).toContain('k1')
    buffer.keep([removed('first'), ...many], 3_000) // more at once than there is room for
    expect(buffer.size).toBe(UNDO_VALUES_MAX)
    expect(keysOf(buffer)[0]).toBe('k0')
  })

  it('is what its bound of bytes has room for: one more, and what was removed first is gone', () => {
    const buffer = new UndoBuffer()
    const parts = UNDO_BYTES_MAX / VALUE_BYTES_MAX
    // Key of one letter in UTF-8, value with its quotes.
    for (let at = 0; at < parts; at++) {
      const key = String.fromCharCode(97 + at)
      buffer.keep([removed(key, 'x'.repeat(VALUE_BYTES_MAX - 2 - new TextEncoder().encode(key).length))], at)
    }
    expect(buffer.size).toBe(parts)
    buffer.keep([removed('a', 'x'.repeat(VALUE_BYTES_MAX - 3))], parts) // in its own place there is room
    expect(buffer.size).toBe(parts)
    buffer.keep([removed('a', 'x'.repeat(VALUE_BYTES_MAX - 2))], parts)
    expect(keysOf(buffer)).toEqual([...'cdefghijklmnopqrstuvwxyz{|}~\u007f\u0080', 'a'])
  })
})

describe('what is to be written', () => {
  it('is what has been kept since and still is', () => {
    const buffer = new UndoBuffer()
    buffer.replay([{ ...removed('on disk'), removedAtMs: 1 }])
    buffer.keep([removed('a'), removed('b'), removed('c', 'first')], 1_000)
    buffer.noteValues([put('a')])
    buffer.keep([removed('c', 'second')], 1_001)
    expect(buffer.takeUnwritten().map(({ key, value }) => [key, value])).toEqual([
      ['b', 1],
      ['c', 'second'],
    ])
    expect(buffer.takeUnwritten()).toEqual([])
  })

  it('is counted when it is let go, if a disk may hold it', () => {
    const buffer = new UndoBuffer()
    buffer.replay([{ ...removed('on disk'), removedAtMs: 1 }])
    buffer.keep([removed('a'), removed('b')], 1_000)
    buffer.noteValues([put('a'), put('on disk')])
    expect(buffer.takeLetGo()).toBe(1)
    buffer.takeUnwritten()
    buffer.noteValues([put('b')])
    expect(buffer.takeLetGo()).toBe(1)
    expect(buffer.takeLetGo()).toBe(0)
  })
})
