import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SortedKeys } from './sorted-keys'
import type { Key } from './value'

const keys = fc.constantFrom(
  '',
  'a',
  'ab',
  'abc',
  'b',
  'Z',
  'é',
  '\ud83d\ude00',
  '\uffff',
  'ab\uffff',
) as fc.Arbitrary<Key>
const byCodeUnit = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

describe('sorted keys', () => {
  it('are those that were added and not removed, by code unit, whenever they are asked for', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(keys, fc.boolean(), keys), { maxLength: 40 }), (turns) => {
        const live = new Map<Key, number>()
        const sorted = new SortedKeys(live)
        for (const [key, ask, prefix] of turns) {
          if (!live.delete(key)) live.set(key, 1)
          sorted.changed(key)
          if (!ask) continue
          const expected = [...live.keys()].sort(byCodeUnit)
          expect(sorted.all()).toEqual(expected)
          expect(sorted.withPrefix(prefix)).toEqual(expected.filter((key) => key.startsWith(prefix)))
        }
      }),
      { numRuns: 500 },
    )
  })

  it('are right after more changes than are merged', () => {
    const live = new Map<Key, number>()
    const sorted = new SortedKeys(live)
    for (let number = 0; number < 3_000; number += 1) {
      const key = `k${(number * 7) % 2_000}` as Key
      if (!live.delete(key)) live.set(key, 1)
      sorted.changed(key)
    }
    expect(sorted.all()).toEqual([...live.keys()].sort(byCodeUnit))
    live.delete('k1' as Key)
    sorted.changed('k1' as Key)
    expect(sorted.all()).toEqual([...live.keys()].sort(byCodeUnit))
  })
})
