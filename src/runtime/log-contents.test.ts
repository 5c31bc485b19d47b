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

describe('a log', () => {
  it('stays while it is small, whatever is in it', () => {
    expect(logOf(1, MIB, changes(1_000, 'dropped')).isWorthCompacting(0)).toBe(false)
  })

  it('stays while nearly all of it is alive, and packed', () => {
    expect(logOf(100, MIB, changes(50_000, 'added')).isWorthCompacting(0)).toBe(false)
  })

  it('goes when much of it is undone', () => {
    const entries = [...changes(7_400, 'added'), ...changes(2_600, 'dropped')]
    expect(logOf(20, MIB, entries).isWorthCompacting(0)).toBe(true)
  })

  it('goes when it is in small pieces', () => {
    expect(logOf(10_000, 200, changes(10_000, 'added')).isWorthCompacting(0)).toBe(true)
  })

  it('stays while it is smaller than the checkpoint', () => {
    expect(logOf(10_000, 200, changes(10_000, 'added')).isWorthCompacting(3 * MIB)).toBe(false)
  })
})
