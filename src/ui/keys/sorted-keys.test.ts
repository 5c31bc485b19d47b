import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { byCodeUnit, filtered, indexOfKey, withChanges } from './sorted-keys'

const keySets = fc.uniqueArray(fc.string({ maxLength: 4 }))

describe('the sorted keys', () => {
  it('after changes are those of a set, sorted anew', () => {
    fc.assert(
      fc.property(keySets, keySets, keySets, (before, added, removed) => {
        const gone = new Set(removed)
        const fresh = added.filter((key) => !gone.has(key))
        const expected = [...new Set([...before.filter((key) => !gone.has(key)), ...fresh])].sort(byCodeUnit)
        expect(withChanges(before.sort(byCodeUnit), fresh, gone)).toEqual(expected)
      }),
    )
  })

  it('find a key, or its place', () => {
    fc.assert(
      fc.property(keySets, fc.string(), (keys, key) => {
        const sorted = keys.sort(byCodeUnit)
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
