import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { filtered, indexOfKey, withChanges } from './sorted-keys'

const keySets = fc.uniqueArray(fc.string({ maxLength: 4 }))

describe('the sorted keys', () => {
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

  it('find a key, or its place', () => {
    fc.assert(
      fc.property(keySets, fc.string(), (keys, key) => {
        const sorted = keys.sort()
        expect(indexOfKey(sorted, key)).toBe(sorted.filter((other) => other < key).length)
      }),
    )
  })

  it('are filtered by what they contain, whatever its case', () => {
    const keys = ['Cor', 'cor/1', 'decor', 'x']
    expect(filtered(keys, 'COR')).toEqual(['Cor', 'cor/1', 'decor'])
    expect(filtered(keys, '')).toBe(keys)
  })
})
