import { describe, expect, it } from 'vitest'
import { ACTOR_LENGTH_MAX } from '../limits'
import { isCounter, nodeOf, parseActor } from './dot'

describe('an actor', () => {
  it('is a node id and an incarnation, and no longer than so many characters', () => {
    const longest = `${'n'.repeat(ACTOR_LENGTH_MAX - 3)}.1z`
    expect(parseActor(longest)).toBe(longest)
    expect(parseActor(`n${longest}`)).toBeUndefined()
    expect(nodeOf(parseActor('abc.7')!)).toBe('abc')
  })

  it.each(['', '.', 'a', 'a.', '.1', 'a.1.2', 'A.1', 'a.1 ', 'a-b.1', 'é.1', 'a.1\n'])(
    'is not %j',
    (text) => {
      expect(parseActor(text)).toBeUndefined()
    },
  )
})

describe('a counter', () => {
  it('is a whole number from 1 to 2^53 - 1', () => {
    expect([1, Number.MAX_SAFE_INTEGER].every(isCounter)).toBe(true)
    expect([0, -1, 1.5, Number.MAX_SAFE_INTEGER + 1, Number.NaN, '1', undefined].some(isCounter)).toBe(false)
  })
})
