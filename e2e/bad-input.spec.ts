/** What must not get in: from the page that embeds the store, from files, and from peers. */
import { BROKEN_FILES, GOOD_SNAPSHOT } from '../src/core/snapshot.fixtures'
import type { KvError } from '../src/core/errors'
import type { Json } from '../src/runtime/contract'
import { chooseFile } from './hands'
import { openStranger } from './stranger'
import { expect, inSync, test } from './support'

interface Refusal {
  code: string | undefined
  message: string
}

test('keys and values at each limit are taken, one past it is refused, and nothing changes then', async ({
  context,
  openTab,
}) => {
  const page = await openTab(context)
  const taken = await page.evaluate(async () => {
    const { kv } = window
    const nested = (levels: number): Json => (levels === 0 ? 1 : [nested(levels - 1)])
    const good: [string, Json][] = [
      ['k', null],
      ['k'.repeat(1_024), 1],
      ['é'.repeat(512), 1],
      ['😀'.repeat(256), 1],
      ['__proto__', JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}') as Json],
      ['constructor', 'text'],
      ['1 MiB', 'v'.repeat(1_048_574)],
      ['64 levels', nested(64)],
      ['-0', -0],
      ['', 0],
    ]
    const wrong: string[] = []
    for (const [key, value] of good.slice(0, -1)) {
      await kv.set(key, value)
      if (JSON.stringify(kv.get(key)) !== JSON.stringify(value)) wrong.push(key)
    }
    const proto = kv.get('__proto__') as Record<string, Json>
    return {
      wrong,
      keys: kv.size,
      polluted: 'polluted' in {},
      ownProto: Object.hasOwn(proto, '__proto__'),
      protoKeys: Object.keys(proto),
    }
  })
  expect(taken).toEqual({
    wrong: [],
    keys: 9,
    polluted: false,
    ownProto: true,
    protoKeys: ['__proto__', 'constructor'],
  })

  const { refused, unchanged, events } = await page.evaluate(async () => {
    const { kv } = window
    let events = 0
    kv.subscribe(() => (events += 1))
    const { digest } = kv.status()
    const nested = (levels: number): Json => (levels === 0 ? 1 : { a: nested(levels - 1) })
    const cycle: unknown[] = []
    cycle.push({ deep: cycle })
    const loose = (value: unknown) => value as Json
    const attempts: Record<string, () => unknown> = {
      'bad-key empty': () => kv.set('', 1),
      'bad-key lone surrogate': () => kv.set('\ud83d', 1),
      'bad-key no text': () => kv.set(7 as unknown as string, 1),
      'bad-key overlong': () => kv.set('k'.repeat(1_025), 1),
      'bad-key overlong, of two bytes a letter': () => kv.set(`k${'é'.repeat(512)}`, 1),
      'too-large value': () => kv.set('a', 'v'.repeat(1_048_575)),
      'too-large 65 levels': () => kv.set('a', nested(65)),
      'bad-value undefined': () => kv.set('a', loose(undefined)),
      'bad-value undefined inside': () => kv.set('a', loose({ b: [1, undefined] })),
      'bad-value NaN': () => kv.set('a', NaN),
      'bad-value infinity': () => kv.set('a', [-Infinity]),
      'bad-value function': () =>
        kv.set(
          'a',
          loose(() => 1),
        ),
      'bad-value symbol': () => kv.set('a', loose(Symbol('a'))),
      'bad-value bigint': () => kv.set('a', loose(1n)),
      'bad-value date': () => kv.set('a', loose(new Date(0))),
      'bad-value map': () => kv.set('a', loose(new Map())),
      // oxlint-disable-next-line no-sparse-arrays
      'bad-value hole': () => kv.set('a', loose([1, , 2])),
      'bad-value cycle': () => kv.set('a', loose(cycle)),
      'bad-value lone surrogate': () => kv.set('a', 'a\udc00'),
      'bad-value lone surrogate in a name': () => kv.set('a', { '\ud800': 1 }),
      'bad-option merge': () => kv.set('a', 1, { merge: 'best' as 'auto' }),
      'bad-value in setMany': () =>
        kv.setMany([
          ['fine', 1],
          ['a', loose(undefined)],
        ]),
      'bad-key in setMany': () =>
        kv.setMany([
          ['fine', 1],
          ['', 1],
        ]),
      'bad-key get': () => kv.get(''),
      'bad-key overlong, get': () => kv.get('k'.repeat(1_025)),
      'bad-key has': () => kv.has('\udc00'),
      'bad-key inspect': () => kv.inspect(''),
      'bad-key delete': () => kv.delete(''),
      'bad-option keys': () => kv.keys({ prefix: 1 as unknown as string }),
      'bad-option keys conflicts': () => kv.keys({ conflicts: 1 as unknown as boolean }),
    }
    const refused: Record<string, Refusal> = {}
    for (const [name, attempt] of Object.entries(attempts)) {
      try {
        await attempt()
        refused[name] = { code: undefined, message: 'was taken' }
      } catch (error) {
        const { code, message } = error as KvError
        refused[name] = { code, message }
      }
    }
    return { refused, unchanged: kv.status().digest === digest && kv.size === 9, events }
  })
  for (const [name, { code, message }] of Object.entries(refused)) {
    expect.soft(code, `${name}: ${message}`).toBe(name.split(' ')[0])
    expect.soft(message).not.toBe('')
  }
  expect(unchanged).toBe(true)
  expect(events).toBe(0)
})

test(`${BROKEN_FILES.length} broken and hostile files are refused whole, each with its place and reason`, async ({
  context,
  openTab,
}) => {
  const page = await openTab(context)
  await page.evaluate((good) => window.kv.importSnapshot(good), GOOD_SNAPSHOT)
  const before = await page.evaluate(() => window.kv.status().digest)
  for (const { name, code, place, text } of BROKEN_FILES) {
    const refusals = await page.evaluate(async (text) => {
      const refusal = (work: Promise<unknown>): Promise<Refusal> =>
        work.then(
          () => ({ code: undefined, message: 'was taken' }),
          ({ code, message }: KvError) => ({ code, message }),
        )
      return [
        await refusal(window.kv.previewImport(text)),
        await refusal(window.kv.importSnapshot(text)),
        await refusal(window.kv.importSnapshot(new Blob([text]))),
      ]
    }, text())
    for (const refusal of refusals) {
      expect.soft(refusal.code, `${name}: ${refusal.message}`).toBe(code)
      // Half of a surrogate pair can't be in a file's bytes: there it stands as an escape.
      expect.soft(refusal.message, name).toContain(place)
    }
    expect.soft(await page.evaluate(() => window.kv.status().digest), name).toBe(before)
  }
})

test('one value of 100 MB and a file over the largest size are refused', async ({ context, openTab }) => {
  const page = await openTab(context)
  const codes = await page.evaluate(async (good) => {
    const huge = good.replace('"valor"', () => `"${'v'.repeat(100_000_000)}"`)
    const spaces = new Blob([' '.repeat(2 ** 20)]) // one megabyte for all of them: 256 take seconds to hand over
    const tooLong = new Blob([good, ...Array.from({ length: 256 }, () => spaces)])
    const codeOf = (work: Promise<unknown>) =>
      work.then(
        () => 'was taken',
        ({ code }: KvError) => code,
      )
    return [
      await codeOf(window.kv.importSnapshot(huge)),
      await codeOf(window.kv.importSnapshot(new Blob([huge]))),
      await codeOf(window.kv.importSnapshot(tooLong)),
      await codeOf(window.kv.previewImport(tooLong)),
      window.kv.size,
    ]
  }, GOOD_SNAPSHOT)
  expect(codes).toEqual(['too-large', 'too-large', 'too-large', 'too-large', 0])
})

test('the page says what is wrong with a file, and where', async ({ context, openTab }) => {
  const page = await openTab(context)
  const file = BROKEN_FILES.find(({ name }) => name === 'a dot outside the context')!
  await chooseFile(page, { text: file.text() })
  const trouble = page.getByTestId('import').getByRole('alert')
  await expect(trouble).toContainText('not a snapshot that can be read')
  await expect(trouble).toContainText(file.place)
  expect(await page.evaluate(() => window.kv.size)).toBe(0)
})

test('a peer that knows the room and speaks nonsense after a proper beginning: dropped, and nobody is disturbed', async ({
  context,
  openTab,
  server,
}) => {
  const room = 'malformed'
  const [a, b] = [await openTab(context, room), await openTab(context, room)]
  await a.evaluate(() => window.kv.set('chave', 'valor'))
  await inSync(a, b)
  const before = await a.evaluate(() => window.kv.status().digest)
  const stranger = await openStranger(context, server.url)
  const members = await stranger.evaluate((room) => window.stranger.members(room), room)
  expect(members).toHaveLength(2)
  for (const what of await stranger.evaluate(() => window.stranger.nonsense)) {
    for (const member of members) {
      const outcome = await stranger.evaluate(
        ([room, member, what]) => window.stranger.harass(room, member, what),
        [room, member, what] as const,
      )
      expect.soft(outcome, what).toBe('dropped')
    }
    for (const page of [a, b]) {
      const state = await page.evaluate(() => {
        const { digest, linked } = window.kv.status()
        return { digest, linked }
      })
      expect.soft(state, what).toEqual({ digest: before, linked: 1 })
    }
  }
  await b.evaluate(() => window.kv.set('chave', 'outro'))
  await a.waitForFunction(() => window.kv.get('chave') === 'outro')

  // It was the nonsense: the same peer stays while it is polite.
  for (const member of members) {
    const outcome = await stranger.evaluate(
      ([room, member]) => window.stranger.harass(room, member, 'a proper ping'),
      [room, member] as const,
    )
    expect(outcome).toBe('answered')
  }
})
