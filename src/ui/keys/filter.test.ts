import { expect, it } from 'vitest'
import { filtered } from './filter'

it('keys are filtered by what they contain, whatever its case', () => {
  const keys = ['Cor', 'cor/1', 'decor', 'x']
  expect(filtered(keys, 'COR')).toEqual(['Cor', 'cor/1', 'decor'])
  expect(filtered(keys, '')).toBe(keys)
})
