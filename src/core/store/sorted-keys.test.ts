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
        const sorted = new SortedKeys()
        const model = new Set<Key>()
        for (const [key, ask, prefix] of turns) {
          if (model.delete(key)) sorted.remove(key)
          else {
            model.add(key)
            sorted.add(key)
          }
          if (!ask) continue
          const expected = [...model].sort(byCodeUnit)
          expect(sorted.all()).toEqual(expected)
          expect(sorted.withPrefix(prefix)).toEqual(expected.filter((key) => key.startsWith(prefix)))
        }
      }),
      { numRuns: 500 },
    )
  })
})
