import { describe, expect, it } from 'vitest'
import type { Rows } from '../causality/context'
import type { Actor } from '../causality/dot'
import { ANNOUNCED_INTERVALS_MAX, ANNOUNCEMENTS_MAX, MISSING_AFTER_MS } from '../limits'
import { Missing } from './missing'

const dots = (...row: number[]): Rows => new Map([['a.1' as Actor, row]])
const nothing: Rows = new Map()

describe('what was announced', () => {
  it('is asked for when it is still missing after a while', () => {
    const missing = new Missing()
    missing.announce(1, dots(1, 5), 0)
    expect(missing.dueAt).toBe(MISSING_AFTER_MS)
    expect(missing.takeDue(nothing, MISSING_AFTER_MS - 1)).toEqual([])
    expect(missing.takeDue(dots(1, 3), MISSING_AFTER_MS)).toEqual([{ link: 1, rows: dots(4, 5) }])
    expect(missing.dueAt).toBe(Number.POSITIVE_INFINITY)
  })

  it('is not asked for when it came', () => {
    const missing = new Missing()
    missing.announce(1, dots(1, 5), 0)
    expect(missing.takeDue(dots(1, 9), MISSING_AFTER_MS)).toEqual([])
  })

  it('is asked of the second who announced it if the first does not bring it', () => {
    const missing = new Missing()
    for (const link of [1, 2]) missing.announce(link, dots(1, 1), 0)
    expect(missing.takeDue(nothing, MISSING_AFTER_MS)).toEqual([{ link: 1, rows: dots(1, 1) }])
    expect(missing.takeDue(nothing, 2 * MISSING_AFTER_MS)).toEqual([{ link: 2, rows: dots(1, 1) }])
    expect(missing.dueAt).toBe(Number.POSITIVE_INFINITY)
  })

  it('is not asked on a link that ended', () => {
    const missing = new Missing()
    missing.announce(1, dots(1, 1), 0)
    missing.ended(1)
    expect(missing.dueAt).toBe(Number.POSITIVE_INFINITY)
  })

  it('is remembered up to a bound', () => {
    const missing = new Missing()
    for (let counter = 1; counter <= 2 * ANNOUNCEMENTS_MAX + 2; counter += 2)
      missing.announce(1, dots(counter, counter), 0)
    expect(missing.takeDue(nothing, MISSING_AFTER_MS)).toHaveLength(ANNOUNCEMENTS_MAX)
  })

  it('is remembered up to a bound of all that it names, and again when that is asked for or its link has ended', () => {
    const many = (intervals: number, from = 1) =>
      new Map([['a.1' as Actor, Array.from({ length: 2 * intervals }, (_, at) => from + 2 * (at >> 1))]])
    const missing = new Missing()
    missing.announce(1, many(ANNOUNCED_INTERVALS_MAX), 0)
    missing.announce(2, many(1, 1e9 + 1), 0)
    expect(missing.takeDue(nothing, MISSING_AFTER_MS).map(({ link }) => link)).toEqual([1])
    missing.announce(1, many(ANNOUNCED_INTERVALS_MAX + 1), 2e6)
    expect(missing.dueAt).toBe(Number.POSITIVE_INFINITY)
    missing.announce(1, many(ANNOUNCED_INTERVALS_MAX), 2e6)
    missing.ended(1)
    missing.announce(2, many(1, 1e9 + 1), 2e6)
    expect(missing.takeDue(nothing, 3e6).map(({ link }) => link)).toEqual([2])
  })
})
