import { expect, it } from 'vitest'
import { History } from './history'

it('walks back and forth, and keeps the line that was being typed', () => {
  const history = new History()
  for (const line of ['set a 1', 'get a', 'get a', '  ']) history.add(line)
  expect(history.older('ge')).toBe('get a')
  expect(history.older('get a')).toBe('set a 1')
  expect(history.older('set a 1')).toBeUndefined()
  expect(history.newer()).toBe('get a')
  expect(history.newer()).toBe('ge')
  expect(history.newer()).toBeUndefined()
})
