import { expect, it } from 'vitest'
import { bytesInWords } from './bytes'

it.each([
  [0, '0 B'],
  [940, '940 B'],
  [1_000, '1 kB'],
  [12_345, '12.3 kB'],
  [999_600, '1 MB'],
  [4_000_000, '4 MB'],
  [268_435_456, '268 MB'],
])('%i bytes are %s', (bytes, words) => {
  expect(bytesInWords(bytes, 'en')).toBe(words.replace(' ', '\u00a0'))
})
