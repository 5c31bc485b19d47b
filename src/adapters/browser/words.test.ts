import { expect, it } from 'vitest'
import { randomWord } from './words'

it('a word has 12 letters and digits, each as likely as any other', () => {
  const bytes = Array.from({ length: 256 }, (_, byte) => byte)
  let at = 0
  const random = { bytes: (count: number) => Uint8Array.from(bytes.slice(at, (at += count))) }
  const words = Array.from({ length: 21 }, () => randomWord(random))
  expect(words.every((word) => /^[a-z0-9]{12}$/.test(word))).toBe(true)
  const countByLetter = new Map<string, number>()
  for (const letter of words.join('')) countByLetter.set(letter, (countByLetter.get(letter) ?? 0) + 1)
  expect([...countByLetter.values()]).toEqual(Array.from({ length: 36 }, () => 7)) // 252 = 36 × 7
})

it('draws again for the bytes that would make some letters likelier', () => {
  const drawn = [Uint8Array.from({ length: 12 }, () => 255), Uint8Array.from({ length: 12 }, () => 0)]
  expect(randomWord({ bytes: () => drawn.shift() ?? new Uint8Array(0) })).toBe('a'.repeat(12))
})
