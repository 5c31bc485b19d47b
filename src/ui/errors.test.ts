import { expect, it } from 'vitest'
import { parseRoomCode } from '../adapters/browser/room'
import { KvError } from '../core/errors'
import { parseJsonFile } from '../core/json-file'
import { parseKey, parseValue } from '../core/store/value'
import { troubleOf } from './errors'
import { en } from './i18n/en'
import { ptBr } from './i18n/pt-br'

function thrown(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

function nested(levels: number): unknown {
  return levels === 0 ? 1 : [nested(levels - 1)]
}

it.each([
  [() => parseKey('k'.repeat(1_025)), /^Uma chave tem de 1 a 1\.024 bytes/],
  [() => parseKey('k'.repeat(1_025), ['entries', 3, 0]), /^entries\[3]\[0]: Uma chave/],
  [() => parseValue('v'.repeat(1_048_577)), /^Um valor tem no máximo 1\.048\.576 bytes/],
  [() => parseValue({ list: nested(64) }), /^value\.list(\[0])+: Um valor tem no máximo 64 níveis/],
  [() => parseRoomCode('c'.repeat(257)), /^Um código tem de 1 a 256 bytes/],
])('a limit that is passed is told in the reader’s language', (act, detail) => {
  expect(troubleOf(thrown(act), ptBr).detail).toMatch(detail)
})

it('what the disk does not take is told with what to do, and why a room does not open with its cause', () => {
  const error = new KvError('not-saved', 'the disk fails')
  expect(troubleOf(error, ptBr)).toEqual({ title: ptBr.errors['not-saved'], detail: ptBr.notSavedHelp })
  expect(troubleOf(error, ptBr, true).detail).toBe('the disk fails')
})

it('other details are the store’s own words, with nothing hidden in them', () => {
  const broken = thrown(() => parseJsonFile('{"a": 1,\n'))
  expect(troubleOf(broken, ptBr)).toEqual({
    title: ptBr.errors['bad-snapshot'],
    detail: (broken as KvError).message.replaceAll('\n', '␊'),
  })
  expect(troubleOf(new KvError('bad-key', 'a\u202eb'), en).detail).toBe('a\ufffdb')
})

it('what is no error of the store did not work, for its own reason', () => {
  expect(troubleOf(new TypeError('x is not a function'), en)).toEqual({
    title: en.errors.unknown,
    detail: 'x is not a function',
  })
  expect(troubleOf('why', en).detail).toBe('why')
})
