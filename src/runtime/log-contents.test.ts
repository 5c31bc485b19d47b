import { describe, expect, it } from 'vitest'
import { LogContents } from './log-contents'

const MIB = 1_048_576

function logOf(records: number, recordBytes: number, added: number, dropped = 0): LogContents {
  const log = new LogContents()
  log.add(
    Array.from({ length: records }, () => new Uint8Array(recordBytes)),
    added,
    dropped,
  )
  return log
}

const NOTHING = new LogContents()

describe('a log', () => {
  it('stays while it is small, whatever is in it', () => {
    expect(logOf(1, MIB, 0, 1_000).isWorthCompacting(NOTHING)).toBe(false)
  })

  it('stays while nearly all of it is alive, and packed', () => {
    expect(logOf(100, MIB, 50_000).isWorthCompacting(NOTHING)).toBe(false)
  })

  it('goes when much of it is undone', () => {
    expect(logOf(20, MIB, 10_000, 5_100).isWorthCompacting(NOTHING)).toBe(true)
  })

  it('goes, however small, when it undoes much of a large checkpoint', () => {
    const checkpoint = logOf(20, MIB, 10_000)
    expect(logOf(1, 200_000, 0, 4_900).isWorthCompacting(checkpoint)).toBe(false)
    expect(logOf(1, 200_000, 0, 5_100).isWorthCompacting(checkpoint)).toBe(true)
  })

  it('goes when it is in small pieces', () => {
    expect(logOf(10_000, 200, 10_000).isWorthCompacting(NOTHING)).toBe(true)
  })

  it('stays while it is smaller than the checkpoint', () => {
    expect(logOf(10_000, 200, 10_000).isWorthCompacting(logOf(3, MIB, 1))).toBe(false)
  })
})
