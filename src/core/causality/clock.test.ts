import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isTime, nextTime } from './clock'

const LAST = 8.64e15

describe('the time of a write', () => {
  it.each([
    ['the wall, where the key has no version', 1000, undefined, 1000],
    ['the wall, where it is ahead', 1000, 500, 1000],
    ['one more than the latest, where that is ahead', 1000, 5000, 5001],
    ['one more than the latest, where they are equal', 1000, 1000, 1001],
    ['whole milliseconds', 1000.9, 999, 1000],
    ['0 before 1970', -5, undefined, 0],
    ['0 without a clock', Number.NaN, undefined, 0],
    ['the last date, at it', LAST, LAST - 1, LAST],
    ['the last date, where the latest is there', 1000, LAST, LAST],
    ['the last date, where the wall is past it', Infinity, undefined, LAST],
    ['the last date, from one before', 0, LAST - 1, LAST],
  ])('is %s', (_, now, latestSeen, time) => {
    expect(nextTime(now, latestSeen)).toBe(time)
  })

  it('is a time whatever the wall says, and later than what was seen while there is room', () => {
    fc.assert(
      fc.property(
        fc.double(),
        fc.option(fc.integer({ min: 0, max: LAST }), { nil: undefined }),
        (now, latestSeen) => {
          const time = nextTime(now, latestSeen)
          expect(isTime(time) && !Object.is(time, -0)).toBe(true)
          if (latestSeen !== undefined) expect(time > latestSeen || latestSeen === LAST).toBe(true)
        },
      ),
    )
  })

  it.each([-1, 0.5, LAST + 1, Number.NaN, '0', null])('is malformed as %s', (raw) => {
    expect(isTime(raw)).toBe(false)
  })
})
