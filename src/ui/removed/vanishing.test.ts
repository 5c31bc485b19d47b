import { describe, expect, it } from 'vitest'
import { Vanishing } from './vanishing'

describe('a wipe', () => {
  it.each([
    { removed: 10, size: 1_000, told: 10, what: 'ten values at once' },
    { removed: 9, size: 1_000, told: 0, what: 'nine of a large room are none' },
    { removed: 3, size: 3, told: 3, what: 'half of a small room' },
    { removed: 3, size: 4, told: 0, what: 'less than half is none' },
    { removed: 2, size: 0, told: 0, what: 'all of a tiny room is none' },
  ])('is told: $what', ({ removed, size, told }) => {
    expect(new Vanishing(0).look({ removed, size }, 0)).toBe(told)
  })

  it('may come one by one, and each value is told once, as long as it goes on', () => {
    const vanishing = new Vanishing(0)
    const told = Array.from({ length: 12 }, (_, at) =>
      vanishing.look({ removed: at + 1, size: 1_000 }, at * 1_000),
    )
    expect(told).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 1, 1])
    expect(vanishing.look({ removed: 13, size: 1_000 }, 100_000)).toBe(0)
  })

  it('is not what goes bit by bit over a long time', () => {
    const vanishing = new Vanishing(0)
    for (let at = 1; at <= 100; at++) expect(vanishing.look({ removed: at, size: 1_000 }, at * 2_000)).toBe(0)
  })

  it('is not what was removed before we looked, nor what comes back', () => {
    const vanishing = new Vanishing(500)
    expect(vanishing.look({ removed: 500, size: 10 }, 0)).toBe(0)
    expect(vanishing.look({ removed: 0, size: 510 }, 1)).toBe(0)
    expect(vanishing.look({ removed: 9, size: 501 }, 2)).toBe(0)
  })
})
