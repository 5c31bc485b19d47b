import { describe, expect, it } from 'vitest'
import { en } from './en'
import { chooseLocale } from './locale'
import { ptBr } from './pt-br'

describe('the language', () => {
  it.each([
    [null, ['pt-BR', 'en'], 'pt-BR'],
    [null, ['pt'], 'pt-BR'],
    [null, ['de', 'en-GB', 'pt'], 'en'],
    [null, ['de'], 'en'],
    [null, [], 'en'],
    ['en', ['pt-BR'], 'en'],
    ['pt-BR', ['en'], 'pt-BR'],
    ['xx', ['pt-BR'], 'pt-BR'],
  ] as const)('chosen %j, browser %j: %s', (chosen, languages, locale) => {
    expect(chooseLocale(chosen, languages)).toBe(locale)
  })
})

it('says nothing with empty words, in either language', () => {
  const wordsOf = (messages: object): unknown[] =>
    Object.values(messages).flatMap((message: unknown) =>
      typeof message === 'object' && message !== null ? wordsOf(message) : [message],
    )
  for (const message of [...wordsOf(en), ...wordsOf(ptBr)]) {
    if (typeof message === 'function') expect(message.length).toBeGreaterThan(0)
    else expect(message).toMatch(/\S/)
  }
})

it('counts in the right number', () => {
  expect([en.keyCount(1), en.keyCount(2), en.keyCount(50_000)]).toEqual(['1 key', '2 keys', '50,000 keys'])
  expect([ptBr.keyCount(1), ptBr.keyCount(50_000)]).toEqual(['1 chave', '50.000 chaves'])
})
