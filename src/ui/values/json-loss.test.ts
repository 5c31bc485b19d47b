import fc from 'fast-check'
import { expect, it } from 'vitest'
import { lossOf } from './json-loss'

it.each([
  ['12345678901234567890', '12345678901234567890', '12345678901234567000'],
  ['9007199254740993', '9007199254740993', '9007199254740992'],
  ['-9007199254740993', '-9007199254740993', '-9007199254740992'],
  ['{"a": [1, {"id": 9007199254740993}]}', '9007199254740993', '9007199254740992'],
  [`1${'0'.repeat(29)}1`, `1${'0'.repeat(29)}1`, '1e+30'],
])('an integer in %s is stored as another', (text, typed, stored) => {
  expect(lossOf(text)).toEqual({ kind: 'rounded', typed, stored })
})

it.each([
  ['{"a": 1, "b": 2, "a": 3}', 'a'],
  ['{"a": 1, "\\u0061": 2}', 'a'],
  ['[{"a": {"c": 1, "b": [], "b": {}}}]', 'b'],
  ['{"": 1, "": 2}', ''],
  ['{"__proto__": 1, "__proto__": 2}', '__proto__'],
])('a field of %s is stored once', (text, field) => {
  expect(lossOf(text)).toEqual({ kind: 'repeated', field })
})

it.each([
  '9007199254740992',
  '42',
  '-100',
  '0',
  '-0',
  '1.5',
  `1${'0'.repeat(30)}`,
  '123e30',
  '"12345678901234567890"',
  '{"a": {"a": 1}, "b": [{"a": 2}, {"a": 3}]}',
  '{"a": "\\"a\\": 1, {", "b": "a"}',
  '[9007199254740993',
  'text, 9007199254740993',
])('all of %s is kept', (text) => {
  expect(lossOf(text)).toBeUndefined()
})

it('nothing is lost of what is written as JSON', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => lossOf(JSON.stringify(value)) === undefined))
})
