import { describe, expect, it } from 'vitest'
import { twoDigits, wholeNumbers } from './whole-numbers'

describe.each(['en', 'pt-BR'])('whole numbers in %s', (locale) => {
  const inWords = wholeNumbers(locale)

  it.each([0, 7, 999, -999, 1_000, -1_000, 1_234_567, 1.5])('are as Intl writes them: %d', (value) => {
    expect(inWords(value)).toBe(new Intl.NumberFormat(locale).format(value))
  })
})

it.each([
  [0.04, 0],
  [2.16, 2.2],
  [9.96, 10],
  [17.4, 17],
  [340.5, 341],
])('%d is short as %d', (value, short) => {
  expect(twoDigits(value)).toBe(short)
})
