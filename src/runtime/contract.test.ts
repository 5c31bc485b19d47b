/** What the contract says of each method in the same way, and its smaller promises. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Json, Kv, Long } from './contract'
import { TestBrowser, World } from './world.fixtures'

let world = new World()
afterEach(async () => {
  await Promise.all(world.opened.map((kv) => kv.leave()))
  world = new World()
})

const open = (id = 'aaa') => world.open(new TestBrowser(id))

/** Nodes that meet by files alone. */
const apart = async (...ids: string[]) => {
  const nodes: Kv[] = await Promise.all(ids.map(open))
  for (const kv of nodes) kv.goOffline()
  return nodes as [Kv, Kv, Kv]
}

const KEYS = 2_000
const entries = (value: Json) => Array.from({ length: KEYS }, (_, at) => [`key ${at}`, value] as const)

describe('long work', () => {
  const plain = Object.fromEntries(entries('new'))
  /** What each is given is newer than what is there. */
  const WORK: Record<string, (kv: Kv, snapshot: object, long: Long) => Promise<unknown>> = {
    setMany: (kv, _, long) => kv.setMany(entries('new'), long),
    exportSnapshot: (kv, _, long) => kv.exportSnapshot(long),
    previewImport: (kv, snapshot, long) => kv.previewImport(snapshot, long),
    'previewImport of a Blob': (kv, snapshot, long) =>
      kv.previewImport(new Blob([JSON.stringify(snapshot)]), long),
    importSnapshot: (kv, snapshot, long) => kv.importSnapshot(snapshot, long),
    'importSnapshot of a plain file': (kv, _, long) => kv.importSnapshot(plain, long),
  }

  it.each(Object.entries(WORK))(
    '%s tells how far it is; cancelled there, it changed nothing',
    async (_, work) => {
      const [kv, other] = await apart('aaa', 'bbb')
      await other.setMany(entries('new'))
      const snapshot = await other.exportSnapshot()
      await kv.setMany(entries('old'))
      const { digest, clock } = kv.status()
      const changed = vi.fn()
      const stop = kv.subscribe(changed)
      world.clock.lookMs = 10

      for (const cancelAt of [1, 20]) {
        const cancel = new AbortController()
        const onProgress = vi.fn(() => {
          if (onProgress.mock.calls.length === cancelAt) cancel.abort('enough')
        })
        const done = work(kv, snapshot, { signal: cancel.signal, onProgress })
        await expect(done).rejects.toMatchObject({ code: 'cancelled', cause: 'enough' })
        expect(onProgress).toHaveBeenCalledTimes(cancelAt)
        expect(kv.status()).toMatchObject({ digest, clock, unsaved: 0 })
      }
      expect(changed).not.toHaveBeenCalled()
      stop()

      const told: number[] = []
      await work(kv, snapshot, {
        onProgress: (done, total) => {
          expect(total).toBe(KEYS)
          told.push(done)
        },
      })
      expect(told.length).toBeGreaterThan(50)
      expect(told).toEqual([...new Set(told)].sort((a, b) => a - b))
      expect(told.at(-1)).toBeLessThanOrEqual(KEYS)
    },
  )
})

describe('an import', () => {
  it('reports what it removes', async () => {
    const [a, b] = await apart('aaa', 'bbb')
    await a.setMany([
      ['gone', 1],
      ['stays', 1],
    ])
    await b.importSnapshot(await a.exportSnapshot())
    await a.delete('gone')
    const file = await a.exportSnapshot()
    const report = { added: [], updated: [], removed: ['gone'], conflicts: [], unchanged: 1 }
    expect(await b.previewImport(file)).toMatchObject(report)
    expect(await b.importSnapshot(file)).toMatchObject(report)
    expect(b.entries()).toEqual([['stays', 1]])
  })

  it('reports the keys that come to have several versions, or more of them, beside what they read as', async () => {
    const [a, b, c] = await apart('aaa', 'bbb', 'ccc')
    await a.set('key', 'of all')
    for (const kv of [b, c]) await kv.importSnapshot(await a.exportSnapshot())
    await b.set('key', 'first')
    world.clock.advance(10)
    await c.set('key', 'second')
    world.clock.advance(10)
    await a.set('key', 'last')

    const two = { added: [], updated: [], removed: [], conflicts: ['key'], unchanged: 0 }
    const ofB = await b.exportSnapshot()
    expect(await a.previewImport(ofB)).toMatchObject(two)
    expect(await a.importSnapshot(ofB)).toMatchObject(two)
    expect(await a.importSnapshot(await c.exportSnapshot())).toMatchObject(two)
    expect(a.inspect('key')?.versions).toHaveLength(3)

    const all = await a.exportSnapshot()
    expect(await c.importSnapshot(all)).toMatchObject({ ...two, updated: ['key'] })
    await a.set('key', 'resolved')
    const resolved = { ...two, updated: ['key'], conflicts: [] }
    expect(await c.importSnapshot(await a.exportSnapshot())).toMatchObject(resolved)
  })
})

describe('after leave', () => {
  type Closed = Exclude<keyof Kv, 'node' | 'room' | 'leave' | 'forget'>
  const CALLS: Record<Closed, (kv: Kv) => unknown> = {
    set: (kv) => kv.set('a', 1),
    setMany: (kv) => kv.setMany([]),
    get: (kv) => kv.get('a'),
    has: (kv) => kv.has('a'),
    delete: (kv) => kv.delete('a'),
    keys: (kv) => kv.keys(),
    entries: (kv) => kv.entries(),
    size: (kv) => kv.size,
    inspect: (kv) => kv.inspect('a'),
    subscribe: (kv) => kv.subscribe(() => undefined),
    watch: (kv) => kv.watch(() => undefined),
    peers: (kv) => kv.peers(),
    status: (kv) => kv.status(),
    goOffline: (kv) => kv.goOffline(),
    goOnline: (kv) => kv.goOnline(),
    removed: (kv) => kv.removed(),
    restore: (kv) => kv.restore(),
    exportSnapshot: (kv) => kv.exportSnapshot(),
    previewImport: (kv) => kv.previewImport({ a: 1 }),
    importSnapshot: (kv) => kv.importSnapshot({ a: 1 }),
  }
  const PROMISED = /^(set|setMany|delete|restore|exportSnapshot|previewImport|importSnapshot)$/

  it.each(Object.entries(CALLS))('%s is closed', async (name, call) => {
    const kv = await open()
    await kv.set('a', 1)
    await kv.leave()
    const closed = expect.objectContaining({ name: 'KvError', code: 'closed' })
    if (PROMISED.test(name)) await expect(call(kv)).rejects.toEqual(closed)
    else expect(() => call(kv)).toThrow(closed)
  })

  it('who it was, and forgetting, are not', async () => {
    const kv = await open()
    await kv.leave()
    expect(kv.node).toEqual({ id: 'aaa', name: expect.stringMatching(/^\w+-\w+$/) })
    expect(kv.room.code).toBe('room')
    await kv.forget()
    await kv.leave()
  })
})

describe('reading and writing', () => {
  it('lists the keys, and what they read as, by prefix, sorted by code unit', async () => {
    const kv = await open()
    await kv.setMany([
      ['b', 1],
      ['a/2', 2],
      ['a/\u{1f9a6}', 3],
      ['a/\uffee', 4],
      ['a', 5],
    ])
    const under = ['a/2', 'a/\u{1f9a6}', 'a/\uffee']
    expect(kv.keys({ prefix: 'a/' })).toEqual(under)
    expect(kv.entries({ prefix: 'a/' })).toEqual([2, 3, 4].map((value, at) => [under[at], value]))
    expect(kv.entries({ prefix: 'c' })).toEqual([])
    expect(kv.entries()).toHaveLength(5)
  })

  it('an equal value is a new write all the same', async () => {
    const kv = await open()
    await kv.set('a', { same: true })
    const before = kv.inspect('a')
    const changed = vi.fn()
    kv.subscribe(changed)
    await kv.set('a', { same: true })
    const after = kv.inspect('a')
    expect(Object.values(before?.clock ?? {})).toEqual([1])
    expect(Object.values(after?.clock ?? {})).toEqual([2])
    expect(after?.versions).toHaveLength(1)
    expect(Date.parse(after?.versions[0]?.writtenAt ?? '')).toBeGreaterThan(
      Date.parse(before?.versions[0]?.writtenAt ?? ''),
    )
    expect(changed).toHaveBeenCalledOnce()
  })

  it('a listener may call the store: read, write, stop listening, leave', async () => {
    const browser = new TestBrowser('aaa')
    const kv = await world.open(browser)
    const seen: string[] = []
    const stop = kv.subscribe((keys) => {
      if (!keys.has('a')) return
      stop()
      void kv.set('b', [kv.get('a') ?? null, kv.size])
    })
    kv.subscribe((keys) => {
      seen.push(...keys)
      if (keys.has('c')) void kv.leave()
    })
    await kv.set('a', 1)
    expect(kv.get('b')).toEqual([1, 1])
    await kv.set('a', 2)
    expect(kv.get('b')).toEqual([1, 1])
    expect(seen).toEqual(['b', 'a', 'a'])
    await kv.set('c', 3)
    expect(() => kv.size).toThrow(expect.objectContaining({ code: 'closed' }))
    await kv.leave()
    expect((await world.open(browser)).get('c')).toBe(3)
  })

  it('a merged value may be larger than any that can be written; resolving to it is too large', async () => {
    const [a, b] = await apart('aaa', 'bbb')
    await a.set('key', { a: 'x'.repeat(600_000) })
    await b.set('key', { b: 'x'.repeat(600_000) })
    await a.importSnapshot(await b.exportSnapshot())
    const merged = a.get('key') as Json
    expect(Object.keys(merged as object).sort()).toEqual(['a', 'b'])
    const { digest } = a.status()
    await expect(a.set('key', merged)).rejects.toMatchObject({ code: 'too-large' })
    expect(a.inspect('key')?.conflict).toBe(true)
    expect(a.status().digest).toBe(digest)
  })
})

describe('what is told of the surroundings', () => {
  it('peers: the round trip, and how many bytes went and came', async () => {
    const [a, b] = [await open('aaa'), await open('bbb')]
    await world.settle()
    const [peer] = a.peers()
    expect(peer).toMatchObject({ id: 'bbb', name: b.node.name, state: 'linked', rttMs: expect.any(Number) })
    const bytes = () => [a, b].flatMap((kv) => kv.peers().flatMap((peer) => [peer.bytesIn, peer.bytesOut]))
    const before = bytes()
    void b.set('key', 'x'.repeat(10_000))
    await world.settle(2)
    await world.settle(1, 0) // nothing is under way
    const since = bytes().map((count, at) => count - (before[at] ?? NaN))
    const [came = NaN, went = NaN] = since
    expect(came).toBeGreaterThan(10_000)
    expect(went).toBeGreaterThan(0)
    expect(went).toBeLessThan(1_000)
    expect(since).toEqual([came, went, went, came])
  })

  it('storage that the browser promised to keep', async () => {
    const browser = new TestBrowser('aaa')
    browser.persisted = true
    const kv = await world.open(browser)
    expect(kv.status().storage).toBe('persistent')
  })

  it('a disk of a newer release: the room is not opened, and all is left as it is', async () => {
    const browser = new TestBrowser('aaa')
    const kv = await world.open(browser)
    await kv.set('a', 1)
    await kv.leave()
    const { version } = browser.disk
    browser.disk.failAll('newer')
    await expect(world.open(browser)).rejects.toMatchObject({ name: 'KvError', code: 'newer-version' })
    browser.disk.heal()
    expect(browser.disk.version).toBe(version)
    expect(browser.slotsHeld.size).toBe(0)
  })
})
