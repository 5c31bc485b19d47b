import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { placeOf, withChanges } from './sorted-texts'

const keySets = fc.uniqueArray(fc.string({ maxLength: 4 }))

describe('sorted texts', () => {
  it.each([
    ['one or none', fc.uniqueArray(fc.string({ maxLength: 2 }), { maxLength: 1 })],
    ['several', keySets],
  ])('after %s changes are those of a set, sorted anew', (_, changes) => {
    fc.assert(
      fc.property(keySets, changes, changes, (before, added, removed) => {
        const gone = new Set(removed)
        const fresh = added.filter((key) => !gone.has(key))
        const expected = [...new Set([...before.filter((key) => !gone.has(key)), ...fresh])].sort()
        expect(withChanges(before.sort(), fresh, gone)).toEqual(expected)
      }),
    )
  })

  it('have a place for each text', () => {
    fc.assert(
      fc.property(keySets, fc.string(), (keys, key) => {
        const sorted = keys.sort()
        expect(placeOf(sorted, key)).toBe(sorted.filter((other) => other < key).length)
      }),
    )
  })
})
