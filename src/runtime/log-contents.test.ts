import { describe, expect, it } from 'vitest'
import type { Actor } from '../core/causality/dot'
import { EMPTY_VECTOR } from '../core/causality/version-vector'
import type { EntryChange } from '../core/store/effects'
import type { Key } from '../core/store/value'
import { LogContents } from './log-contents'

const MIB = 1_048_576
const dot = { actor: 'a.0' as Actor, counter: 1 }
const PUT: EntryChange = {
  key: 'k' as Key,
  added: { ...dot, context: EMPTY_VECTOR, time: 1, merge: 'auto', value: 'v' },
}
const DROP: EntryChange = { key: 'k' as Key, dropped: dot }
const changes = (count: number, kind: 'added' | 'dropped') =>
  Array.from({ length: count }, (): EntryChange => (kind === 'added' ? PUT : DROP))

function logOf(records: number, recordBytes: number, entries: EntryChange[]): LogContents {
  const log = new LogContents()
  log.add(
    Array.from({ length: records }, () => new Uint8Array(recordBytes)),
    { entries },
  )
  return log
}

const NOTHING = new LogContents()

describe('a log', () => {
  it('stays while it is small, whatever is in it', () => {
    expect(logOf(1, MIB, changes(1_000, 'dropped')).isWorthCompacting(NOTHING)).toBe(false)
  })

  it('stays while nearly all of it is alive, and packed', () => {
    expect(logOf(100, MIB, changes(50_000, 'added')).isWorthCompacting(NOTHING)).toBe(false)
  })

  it('goes when much of it is undone', () => {
    const entries = [...changes(10_000, 'added'), ...changes(5_100, 'dropped')]
    expect(logOf(20, MIB, entries).isWorthCompacting(NOTHING)).toBe(true)
  })

  it('goes, however small, when it undoes much of a large checkpoint', () => {
    const checkpoint = logOf(20, MIB, changes(10_000, 'added'))
    expect(logOf(1, 200_000, changes(4_900, 'dropped')).isWorthCompacting(checkpoint)).toBe(false)
    expect(logOf(1, 200_000, changes(5_100, 'dropped')).isWorthCompacting(checkpoint)).toBe(true)
  })

  it('goes when it is in small pieces', () => {
    expect(logOf(10_000, 200, changes(10_000, 'added')).isWorthCompacting(NOTHING)).toBe(true)
  })

  it('stays while it is smaller than the checkpoint', () => {
    expect(
      logOf(10_000, 200, changes(10_000, 'added')).isWorthCompacting(logOf(3, MIB, changes(1, 'added'))),
    ).toBe(false)
  })
})
