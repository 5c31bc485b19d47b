import { describe, expect, it } from 'vitest'
import { wholeNumbers } from './whole-numbers'

describe.each(['en', 'pt-BR'])('whole numbers in %s', (locale) => {
  const inWords = wholeNumbers(locale)

  it.each([0, 7, 999, -999, 1_000, -1_000, 1_234_567, 1.5])('are as Intl writes them: %d', (value) => {
    expect(inWords(value)).toBe(new Intl.NumberFormat(locale).format(value))
  })
})
