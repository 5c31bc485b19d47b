import { describe, expect, it } from 'vitest'
import { parseLine, quotedWord, takeWord } from './parse'

describe('a line', () => {
  it.each([
    ['set chave valor', { name: 'set', rest: 'chave valor' }],
    ['  GET   chave  ', { name: 'get', rest: 'chave' }],
    ['sair', { name: 'sair', rest: '' }],
    ['   ', { name: '', rest: '' }],
    ['set a {"b":\n1}', { name: 'set', rest: 'a {"b":\n1}' }],
  ])('%j is a name and the rest', (line, parsed) => {
    expect(parseLine(line)).toEqual(parsed)
  })
})

it('what cannot be seen in a word is escaped', () => {
  expect(quotedWord('a\u202egnp \u009b1m')).toBe(String.raw`"a\u202egnp \u009b1m"`)
})

describe('a word', () => {
  it.each([
    ['chave valor com espaços', { word: 'chave', rest: 'valor com espaços' }],
    ['"my key" 1', { word: 'my key', rest: '1' }],
    [`'it is "so"' 1`, { word: 'it is "so"', rest: '1' }],
    [String.raw`"a \"quote\" and \u00e9" x`, { word: 'a "quote" and é', rest: 'x' }],
    ['"" empty', { word: '', rest: 'empty' }],
    ['it’s 1', { word: 'it’s', rest: '1' }],
  ])('%s is taken off', (text, taken) => {
    expect(takeWord(text)).toEqual(taken)
  })

  it.each(['"open', "'open", '"glued"word', String.raw`"bad \escape"`, '', '  '])('%j is none', (text) => {
    expect(takeWord(text)).toBeUndefined()
  })

  it.each([
    'plain',
    'two words',
    'a"b',
    String.raw`back\slash`,
    '',
    '--merge=max',
    "'",
    'tab\there',
    'a\u202egnp.exe',
    '\u001b[31m',
  ])('%j is taken as it was, when it is typed as quoted', (word) => {
    expect(takeWord(`${quotedWord(word)} rest`)).toEqual({ word, rest: 'rest' })
  })
})
