import { describe, expect, it } from 'vitest'
import { isMemberId, mintMemberId } from './member-id'

const KEY = new Uint8Array(32).fill(7)
const counting = (start: number) => ({
  bytes: (count: number) => Uint8Array.from({ length: count }, (_, at) => start + at),
})

describe('a member’s name', () => {
  it('is 32 hexadecimal digits, other ones for other random bytes, and known to who has the key', () => {
    const names = [1, 2, 3].map((start) => mintMemberId(KEY, counting(start)))
    expect(new Set(names).size).toBe(3)
    for (const name of names) {
      expect(name).toMatch(/^[0-9a-f]{32}$/)
      expect(isMemberId(KEY, name)).toBe(true)
    }
  })

  it('is none of another room', () => {
    expect(isMemberId(new Uint8Array(32).fill(8), mintMemberId(KEY, counting(1)))).toBe(false)
  })

  const name = mintMemberId(KEY, counting(1))
  it.each([
    ['another digit at the beginning', `f${name.slice(1)}`],
    ['another digit at the end', name.slice(0, -1) + (name.endsWith('0') ? '1' : '0')],
    ['a digit less', name.slice(1)],
    ['a digit more', `${name}0`],
    ['upper case', name.toUpperCase()],
    ['a line end', `${name}\n`],
    ['nothing', ''],
    ['no text', 7],
    ['a list', [name]],
    ['null', null],
  ])('has exactly one form: %s', (_, wrong) => {
    expect(isMemberId(KEY, wrong)).toBe(false)
  })
})
