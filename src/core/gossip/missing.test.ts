import { describe, expect, it } from 'vitest'
import type { Rows } from '../causality/context'
import type { Actor } from '../causality/dot'
import { ANNOUNCEMENTS_MAX, MISSING_AFTER_MS } from '../limits'
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
})
