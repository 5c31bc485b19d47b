import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../runtime/contract'
import { kindOf, lengthOf, textFromValue, valueFromText } from './value-text'

describe('values as text', () => {
  it('come back as they were, whatever they are', () => {
    const values = fc.oneof(
      fc.jsonValue() as fc.Arbitrary<Json>,
      fc.string({ unit: 'binary' }),
      fc.json(), // text that reads as JSON
    )
    fc.assert(
      fc.property(values, (value) => {
        const plain = JSON.parse(JSON.stringify(value)) as Json // −0 is 0
        expect(valueFromText(textFromValue(plain))).toEqual(plain)
      }),
    )
  })

  it.each<[Json, string]>([
    ['azul', 'azul'],
    ['42', '"42"'],
    ['null', '"null"'],
    ['', ''],
    [42, '42'],
    [[1], '[\n  1\n]'],
    ['{broken', '{broken'],
  ])('%j reads %j', (value, text) => {
    expect(textFromValue(value)).toBe(text)
  })
})

it('knows kinds and lengths', () => {
  const values: Json[] = ['ab', 1, true, null, [1, 2, 3], { a: 1 }]
  expect(values.map(kindOf)).toEqual(['text', 'number', 'boolean', 'null', 'list', 'object'])
  expect(values.map(lengthOf)).toEqual([2, undefined, undefined, undefined, 3, 1])
})
