import { readFileSync } from 'node:fs'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeKv } from '../fake-kv'
import { en } from '../i18n/en'
import { ptBr } from '../i18n/pt-br'
import { COMMAND_NAMES, type Context, type Line } from './command'
import { runLine } from './run'

const NAMES: Record<string, string> = { me: 'amber-otter', other: 'jade-heron' }

let kv: FakeKv
let context: Context

beforeEach(() => {
  kv = new FakeKv()
  context = {
    kv,
    t: en,
    nodeName: (id) => NAMES[id] ?? id,
    page: {
      exportFile: vi.fn(),
      importFile: vi.fn(),
      leave: vi.fn(),
      newRoom: vi.fn(),
      goToRoom: vi.fn(),
      rooms: () => [{ code: 'festa', size: 2, lastUsed: 0 }],
      forget: vi.fn(async () => undefined),
      clear: vi.fn(),
      statusWords: () => 'saved · with 3 of 3 peers',
      age: () => 'yesterday',
    },
  }
})

function textOf(line: Line): string {
  return line
    .map((piece) => (typeof piece === 'string' ? piece : 'node' in piece ? NAMES[piece.node] : piece.text))
    .join('')
}

async function run(line: string): Promise<string[]> {
  return (await runLine(line, context)).map(textOf)
}

describe('the commands of the program that this comes from', () => {
  it('sets and gets text with spaces', async () => {
    expect(await run('set chave um valor qualquer')).toEqual(['OK'])
    expect(await run('get chave')).toEqual(['um valor qualquer'])
  })

  it('says what JSON does not keep', async () => {
    expect(await run('set id {"n": 9007199254740993}')).toEqual([
      'OK',
      '9007199254740993 is stored as 9007199254740992',
    ])
    expect(await run('set id {"n": 1, "n": 2}')).toEqual(['OK', '“n” stands twice: the last one is stored'])
  })

  it('says that a missing key has no value', async () => {
    expect(await run('get nada')).toEqual(['“nada” has no value.'])
  })

  it.each(['sair', 'exit', 'quit'])('leaves with %s', async (word) => {
    expect(await run(word)).toEqual(['Bye.'])
    expect(context.page.leave).toHaveBeenCalledOnce()
  })
})

describe('set', () => {
  it('takes JSON where it parses, text otherwise, and quotes for text that would read as JSON', async () => {
    await run('set n 42')
    await run('set s "42"')
    await run('set o {"a": [1, null]}')
    await run('set t {a: 1}')
    expect(kv.entries()).toEqual([
      ['n', 42],
      ['o', { a: [1, null] }],
      ['s', '42'],
      ['t', '{a: 1}'],
    ])
    expect(await run('get s')).toEqual(['"42"'])
    expect(await run('get t')).toEqual(['{a: 1}'])
  })

  it('takes a key with spaces in quotes, and a merge policy', async () => {
    await run('set --merge=union "my key" x')
    expect(kv.inspect('my key')?.versions[0]).toMatchObject({ value: 'x', merge: 'union' })
  })

  it.each([
    ['set', /^Usage: set/],
    ['set key', /^Usage: set/],
    ['set "open value', /quote is open/],
    ['set --merge=best k v', /no merge policy “best”/],
    ['set --merge=max', /set \[--merge=union\] <key> <value…>/],
    ['set --merge union k v', /set \[--merge=union\] <key> <value…>/],
    ['set --merge=max --merge=min k v', /set \[--merge=union\] <key> <value…>/],
    ['set -- k v', /set \[--merge=union\] <key> <value…>/],
  ])('explains %j', async (line, message) => {
    expect((await run(line))[0]).toMatch(message)
    expect(kv.size).toBe(0)
  })

  it("shows the store's refusal with its detail", async () => {
    expect(await run('set "" x')).toEqual(['That key can’t be used', 'a key is 1 to 1,024 bytes long'])
  })
})

describe('what others removed', () => {
  const removedAt = '2026-01-01T00:00:00.000Z'

  beforeEach(() => {
    kv.removedList = [
      { key: 'my key', value: [1], removedAt, how: 'delete', by: 'other' },
      { key: 'k', value: 'v', removedAt, how: 'import' },
    ]
  })

  it('is listed with who did it, and when', async () => {
    expect(await run('removed')).toEqual([
      '"my key"  [1]  deleted by jade-heron, yesterday',
      'k  v  removed by an imported file, yesterday',
    ])
  })

  it('is put back, one key or all', async () => {
    expect(await run('restore "my key"')).toEqual(['“my key” is back.'])
    expect(kv.get('my key')).toEqual([1])
    expect((await run('restore "my key"'))[0]).toMatch(/can’t be put back/)
    expect(await run('restore')).toEqual(['1 value is back.'])
    expect(await run('restore')).toEqual(['Others removed nothing that could be put back.'])
    expect(await run('removed')).toEqual(['Others removed nothing that could be put back.'])
  })

  it('is not listed by the thousand', async () => {
    kv.removedList = Array.from({ length: 1_000 }, (_, at) => ({
      key: `k${at}`,
      value: 1,
      removedAt,
      how: 'tab',
    }))
    const lines = await run('removed')
    expect(lines).toHaveLength(201)
    expect(lines.at(-1)).toMatch(/800 more/)
  })
})

describe('the others', () => {
  it('delete a key once', async () => {
    await kv.set('a', 1)
    expect(await run('del a')).toEqual(['“a” deleted.'])
    expect(await run('del a')).toEqual(['“a” has no value.'])
  })

  it('list keys by prefix, and quote those that need it', async () => {
    await kv.setMany(Object.entries({ 'a b': 1, abc: 2, z: 3 }))
    expect(await run('keys a')).toEqual(['"a b"', 'abc'])
    expect(await run('keys nothing')).toEqual(['No keys.'])
  })

  it('do not print a hundred thousand keys', async () => {
    await kv.setMany(Array.from({ length: 1_000 }, (_, index) => [`k${index}`, 1] as const))
    const lines = await run('keys')
    expect(lines).toHaveLength(201)
    expect(lines.at(-1)).toMatch(/800 more/)
  })

  it('show the clock of a key, and its versions when there are several', async () => {
    kv.write('me', 'color', 'azul', { at: 1 })
    kv.write('other', 'color', 'verde', { at: 2, beside: true })
    const lines = await run('clock color')
    expect(lines.slice(0, 2)).toEqual(['amber-otter 1', 'jade-heron  1'])
    expect(lines).toContain('jade-heron 1  verde  wins')
    expect(lines).toContain('amber-otter 1  azul  ')
  })

  it('list the peers, ourselves first', async () => {
    kv.peerList = [
      {
        id: 'other',
        name: 'jade-heron',
        state: 'linked',
        inSync: true,
        rttMs: 0.72,
        bytesIn: 0,
        bytesOut: 0,
      },
    ]
    expect(await run('peers')).toEqual(['amber-otter (you)', 'jade-heron  linked · in sync · 0.7 ms away'])
  })

  it('tell the status in words', async () => {
    expect((await run('status'))[0]).toBe('saved · with 3 of 3 peers')
  })

  it('go offline and online', async () => {
    await run('offline')
    expect(kv.status().online).toBe(false)
    await run('online')
    expect(kv.status().online).toBe(true)
  })

  it('forget a room only when its code is typed', async () => {
    expect((await run('forget'))[0]).toMatch(/code/)
    expect((await run('forget unknown'))[0]).toMatch(/not among the rooms/)
    expect(context.page.forget).not.toHaveBeenCalled()
    await run('forget festa')
    expect(context.page.forget).toHaveBeenCalledWith('festa')
  })

  it('export and import files', async () => {
    await run('export')
    await run('import')
    expect(context.page.exportFile).toHaveBeenCalledOnce()
    expect(context.page.importFile).toHaveBeenCalledOnce()
  })
})

describe('what is not a command', () => {
  it('is told so, with the nearest one there is', async () => {
    expect(await run('gett x')).toEqual(['There is no command “gett”. Did you mean get?'])
    expect(await run('frobnicate')).toEqual([
      'There is no command “frobnicate”. Type help for those there are.',
    ])
    expect(await run('constructor')).toEqual([
      'There is no command “constructor”. Type help for those there are.',
    ])
  })

  it('is nothing when it is empty', async () => {
    expect(await run('   ')).toEqual([])
  })
})

describe('help', () => {
  it.each([
    ['English', en],
    ['Portuguese', ptBr],
  ])('has a line for every command in %s', async (_language, t) => {
    context = { ...context, t }
    const lines = await run('help')
    expect(lines).toHaveLength(COMMAND_NAMES.length)
    for (const [index, name] of COMMAND_NAMES.entries()) expect(lines[index]).toContain(t.commands[name])
  })
})

it('keys --conflicts lists those of several versions, with a prefix too', async () => {
  expect(await run('keys --conflicts')).toEqual(['No key has several versions.'])
  for (const key of ['cor', 'total', 'uma']) kv.write('me', key, 1)
  for (const key of ['cor', 'total']) kv.write('other', key, 2, { beside: true })
  expect(await run('keys --conflicts')).toEqual(['cor', 'total'])
  expect(await run('keys --conflicts c')).toEqual(['cor'])
  expect(await run('keys --conf')).toEqual(['No keys.'])
})

it('are all listed in the README', () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')
  const [, list = ''] = /\*\*The console\*\*[^`]*(?:`\w+`[^`]*)*```\n([^]*?)```/.exec(readme) ?? []
  const words = new Set(list.match(/[a-z]+/g))
  expect(COMMAND_NAMES.filter((name) => !words.has(name))).toEqual([])
})
