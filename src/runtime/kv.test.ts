/** The handle on real core and runtime, with memory for disk and network: what users of the store rely on. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { MemoryDisk, MemoryStorage } from '../adapters/memory/storage'
import type { Json } from './contract'
import type { KvHandle } from './kv'
import { stateOf } from '../adapters/stored.fixtures'
import { TestBrowser, World } from './world.fixtures'

let world = new World()
afterEach(async () => {
  await Promise.all(world.opened.map((kv) => kv.leave()))
  world = new World()
})

const manyEntries = (count: number) => Array.from({ length: count }, (_, at) => [`key ${at}`, at] as const)
const versionsOf = (kv: KvHandle, key: string) => kv.inspect(key)?.versions.map(({ value }) => value)

/** What a tab exports that has written its own name, and is gone. */
async function exportedBy(browser: TestBrowser) {
  const elsewhere = new World()
  const kv = await elsewhere.open(browser)
  const written = kv.set(browser.nodeId, 1)
  await elsewhere.settle(2)
  await written
  const snapshot = await kv.exportSnapshot()
  await kv.leave()
  return snapshot
}

describe('one tab', () => {
  it('sees its own write at once, and tells subscribers before set returns', async () => {
    const kv = await world.open(new TestBrowser('aaa'))
    const seen: [string[], string][] = []
    kv.subscribe((keys, origin) => seen.push([[...keys], origin]))
    const saved = kv.set('chave', { um: [1, 2] })
    expect(kv.get('chave')).toEqual({ um: [1, 2] })
    expect(Object.isFrozen(kv.get('chave'))).toBe(true)
    expect(seen).toEqual([[['chave'], 'local']])
    expect(kv.status().unsaved).toBe(1)
    await saved
    expect(kv.status().unsaved).toBe(0)
  })

  it.each(['online', 'offline'])('writes what is pending before its page vanishes, %s', async (where) => {
    const browser = new TestBrowser('aaa')
    const kv = await world.open(browser)
    if (where === 'offline') kv.goOffline()
    const saved = manyEntries(5_000).map(([key, at]) => kv.set(key, `a value of some length, ${at}`))
    world.clock.pause = () => new Promise(() => undefined) // no turn ever comes
    kv.suspend()
    await Promise.all(saved)
    expect((await world.open(browser.copy())).size).toBe(5_000)
  })

  it('finds everything again after a restart, and goes on as the same actor', async () => {
    const browser = new TestBrowser('aaa')
    const before = await world.open(browser)
    await before.setMany([
      ['a', 1],
      ['b', 2],
      ['a', 3],
    ])
    await before.delete('b')
    const { digest } = before.status()
    await before.leave()
    const after = await world.open(browser)
    expect(after.entries()).toEqual([['a', 3]])
    expect(after.status().digest).toBe(digest)
    await after.set('c', 1)
    expect(Object.keys(after.status().clock)).toHaveLength(1)
  })

  it('takes a fresh actor when the disk went back behind the witness, or the witness is missing', async () => {
    const browser = new TestBrowser('aaa')
    const first = await world.open(browser)
    await first.set('a', 1)
    await first.leave()
    browser.testimony = browser.testimony?.replace('"counter":1', '"counter":2')
    const second = await world.open(browser)
    await second.set('a', 2)
    expect(Object.keys(second.status().clock)).toHaveLength(2)
    await second.leave()
    browser.testimony = undefined
    const third = await world.open(browser)
    await third.set('a', 3)
    expect(Object.keys(third.status().clock)).toHaveLength(3)
    expect(third.get('a')).toBe(3)
  })

  it('refuses what is beyond the contract, and changes nothing', async () => {
    const kv = await world.open(new TestBrowser('aaa'))
    await kv.set('a', 1)
    const { digest } = kv.status()
    await expect(kv.set('', 1)).rejects.toMatchObject({ code: 'bad-key' })
    await expect(kv.set('a', undefined as unknown as Json)).rejects.toMatchObject({ code: 'bad-value' })
    await expect(kv.set('a', 1, { merge: 'best' as never })).rejects.toMatchObject({ code: 'bad-option' })
    const many: [string, Json][] = [
      ['b', 1],
      ['c', Number.NaN],
    ]
    await expect(kv.setMany(many)).rejects.toMatchObject({ code: 'bad-value', message: /entries\[1\]/ })
    expect(() => kv.get('x'.repeat(1_025))).toThrow(/1,?024/)
    expect(kv.status().digest).toBe(digest)
  })

  it.each<[string, (kv: KvHandle, wrong: never) => Promise<unknown>]>([
    ['setMany', (kv, wrong) => kv.setMany([['a', 2]], wrong)],
    ['exportSnapshot', (kv, wrong) => kv.exportSnapshot(wrong)],
    ['previewImport', (kv, wrong) => kv.previewImport({ a: 2 }, wrong)],
    ['importSnapshot', (kv, wrong) => kv.importSnapshot({ a: 2 }, wrong)],
  ])('refuses options of %s that are none, and changes nothing', async (_, call) => {
    const kv = await world.open(new TestBrowser('aaa'))
    await kv.set('a', 1)
    const wrong = [null, 7, { signal: 7 }, { signal: null }, { onProgress: 7 }, { onProgress: null }]
    for (const options of wrong) {
      await expect(call(kv, options as never)).rejects.toMatchObject({ code: 'bad-option' })
    }
    expect(kv.get('a')).toBe(1)
  })

  it('refuses a listener that is no function', async () => {
    const kv = await world.open(new TestBrowser('aaa'))
    const badOption = expect.objectContaining({ code: 'bad-option' })
    expect(() => kv.subscribe(7 as never)).toThrow(badOption)
    expect(() => kv.watch(7 as never)).toThrow(badOption)
    expect(() => kv.keys(null as never)).toThrow(badOption)
    expect(() => kv.entries(null as never)).toThrow(badOption)
  })

  it('knows nothing to delete where nothing is', async () => {
    const kv = await world.open(new TestBrowser('aaa'))
    const listener = vi.fn()
    kv.subscribe(listener)
    await expect(kv.delete('a')).resolves.toBe(false)
    expect(listener).not.toHaveBeenCalled()
  })

  it('is closed after leave', async () => {
    const kv = await world.open(new TestBrowser('aaa'))
    await kv.leave()
    await kv.leave()
    expect(() => kv.get('a')).toThrow(expect.objectContaining({ code: 'closed' }))
    await expect(kv.set('a', 1)).rejects.toMatchObject({ code: 'closed' })
    expect(kv.node.id).toBe('aaa')
    expect(kv.room.code).toBe('room')
  })

  it('works without any disk, and says so', async () => {
    const kv = await world.open(new TestBrowser('aaa', false))
    await kv.set('a', 1)
    expect(kv.status()).toMatchObject({ storage: 'memory', unsaved: 0 })
  })

  it('a listener that throws disturbs nobody', async () => {
    const report = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const kv = await world.open(new TestBrowser('aaa'))
    const listener = vi.fn()
    kv.subscribe(() => {
      throw new Error('mine')
    })
    kv.subscribe(listener)
    await kv.set('a', 1)
    expect(listener).toHaveBeenCalledOnce()
    expect(report).toHaveBeenCalledOnce()
    report.mockRestore()
  })

  it('nor does an onProgress that throws, in the middle or at the end', async () => {
    const report = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const kv = await world.open(new TestBrowser('aaa'))
    world.clock.lookMs = 10
    const onProgress = vi.fn(() => {
      throw new Error('mine')
    })
    await kv.setMany(manyEntries(100), { onProgress })
    expect(onProgress.mock.calls).toEqual([
      [32, 100],
      [64, 100],
      [96, 100],
      [100, 100],
    ])
    expect(report).toHaveBeenCalledTimes(4)
    expect(kv.size).toBe(100)
    report.mockRestore()
  })
})

describe('several tabs', () => {
  it('converge, and show that they do', async () => {
    const [a, b, c] = await Promise.all(['aaa', 'bbb', 'ccc'].map((id) => world.open(new TestBrowser(id))))
    if (!a || !b || !c) throw new Error('three tabs')
    void a.set('before', 1)
    await world.settle()
    void b.set('after', 2)
    void c.delete('before')
    await world.settle()
    for (const kv of [a, b, c]) {
      expect(kv.entries()).toEqual([['after', 2]])
      expect(kv.status()).toMatchObject({ linked: 2, inSync: true, digest: a.status().digest })
    }
    expect(a.peers().map(({ state, inSync }) => [state, inSync])).toEqual([
      ['linked', true],
      ['linked', true],
    ])
  })

  it('make a conflict offline, merge it the same everywhere, and resolve it by a write', async () => {
    const a = await world.open(new TestBrowser('aaa'))
    const b = await world.open(new TestBrowser('bbb'))
    await world.settle()
    a.goOffline()
    b.goOffline()
    await world.settle(2)
    expect(a.peers().map(({ state }) => state)).toEqual(['away'])
    void a.set('cor', 'azul')
    world.clock.advance(10)
    void b.set('cor', 'verde')
    a.goOnline()
    b.goOnline()
    await world.settle()
    for (const kv of [a, b]) {
      expect(kv.get('cor')).toBe('verde')
      expect(versionsOf(kv, 'cor')).toEqual(['verde', 'azul'])
      expect(kv.inspect('cor')?.conflict).toBe(true)
      expect(kv.keys({ conflicts: true })).toEqual(['cor'])
      expect(kv.keys({ conflicts: true, prefix: 'd' })).toEqual([])
    }
    void a.set('cor', 'roxo')
    await world.settle()
    expect(b.keys({ conflicts: true })).toEqual([])
    expect(versionsOf(b, 'cor')).toEqual(['roxo'])
    expect(b.inspect('cor')?.clock).toEqual(a.inspect('cor')?.clock)
  })

  it('say nothing of a write before it is on disk', async () => {
    const browser = new TestBrowser('aaa')
    const a = await world.open(browser)
    const b = await world.open(new TestBrowser('bbb'))
    await world.settle()
    browser.disk.failAll('failed')
    const saved = a.set('a', 1)
    await world.settle(6, 100)
    expect(a.get('a')).toBe(1)
    expect(b.has('a')).toBe(false)
    browser.disk.heal()
    await world.settle()
    await saved
    expect(b.get('a')).toBe(1)
  })

  it('say goodbye, also while a write is under way', async () => {
    const a = await world.open(new TestBrowser('aaa'))
    const b = await world.open(new TestBrowser('bbb'))
    await world.settle()
    void a.set('a', 1)
    void a.leave()
    await world.settle(1, 0)
    expect(b.has('a')).toBe(false)
    expect(b.peers().map(({ state }) => state)).toEqual(['lost'])
  })

  it('link anew where what waited for a broken disk is not said any more, also if they never wrote', async () => {
    const browser = new TestBrowser('aaa')
    const a = await world.open(browser)
    const b = await world.open(new TestBrowser('bbb'))
    await world.settle()
    const file = await exportedBy(new TestBrowser('ccc'))
    browser.disk.failAll('full')
    const states = new Set<string | undefined>()
    b.watch(() => states.add(b.peers().find(({ id }) => id === 'aaa')?.state))
    const outcome = expect(a.importSnapshot(file)).rejects.toMatchObject({ code: 'not-saved' })
    await world.settle(40)
    await outcome
    expect([...states]).toContain('away')
    expect(b.get('ccc')).toBe(1)
    browser.disk.heal()
    await world.settle()
  })

  it('survive a disk that stays broken: told, gossiped, saved once it is back', async () => {
    const browser = new TestBrowser('aaa')
    const a = await world.open(browser)
    const b = await world.open(new TestBrowser('bbb'))
    await a.set('old', 0)
    await world.settle()
    browser.disk.failAll('full')
    const outcome = expect(a.set('a', 1)).rejects.toMatchObject({ code: 'not-saved' })
    await world.settle(40)
    await outcome
    expect(a.status()).toMatchObject({ storage: 'failing', unsaved: 1 })
    expect(b.get('a')).toBe(1)
    browser.disk.heal()
    await world.settle()
    expect(a.status()).toMatchObject({ storage: 'best-effort', unsaved: 0 })
    await a.set('b', 2)
    await world.settle()
    expect(b.entries()).toEqual(a.entries())
    expect(b.status().digest).toBe(a.status().digest)
    await a.leave()
    const again = await world.open(browser)
    expect(again.entries()).toEqual(b.entries())
  })

  it('a commit of unknown outcome is looked up, not repeated', async () => {
    const browser = new TestBrowser('aaa')
    const a = await world.open(browser)
    browser.disk.failNextAfterCommit()
    await a.set('a', 1)
    await a.set('b', 2)
    await a.leave()
    const again = await world.open(browser)
    expect(again.entries()).toEqual([
      ['a', 1],
      ['b', 2],
    ])
  })
})

describe('a slot that is lost', () => {
  it('goes on as another replica, with all that this one had, also what was not saved', async () => {
    const browser = new TestBrowser('aaa')
    const a = await world.open(browser)
    const b = await world.open(new TestBrowser('bbb'))
    await a.set('saved', 1)
    await world.settle()
    const unsaved = expect(a.set('unsaved', 2)).rejects.toMatchObject({ code: 'not-saved' })
    const thief = new MemoryStorage(browser.disk) // takes the disk before the commit
    browser.nodeId = 'ccc'
    browser.disk = new MemoryDisk()
    await world.settle()
    await unsaved
    expect(a.node.id).toBe('ccc')
    expect(a.entries()).toEqual([
      ['saved', 1],
      ['unsaved', 2],
    ])
    await a.set('more', 3)
    await world.settle()
    expect(b.entries()).toEqual(a.entries())
    expect(b.status().digest).toBe(a.status().digest)
    expect(a.status().unsaved).toBe(0)
    expect((await stateOf(thief)).log).toHaveLength(1)
  })

  it('ends, and says why, when the room was forgotten in another tab', async () => {
    const browser = new TestBrowser('aaa')
    const a = await world.open(browser)
    browser.lost?.('forgotten')
    await expect(a.ended).resolves.toBe('forgotten')
    expect(a.closed).toBe(true)
  })
})

describe('leaving while the slot is lost', () => {
  const gate = () => {
    let open!: () => void
    const passed = new Promise<void>((resolve) => (open = resolve))
    return { passed, open }
  }

  it.each<[string, number, (browser: TestBrowser) => Promise<() => void>]>([
    ['as the old one is closed', 1, () => Promise.resolve(() => undefined)],
    [
      'as the new one is opened',
      2,
      async (browser) => {
        const opening = gate()
        browser.beforeOpening = opening.passed
        await world.settle(1)
        return opening.open
      },
    ],
    [
      'as the new one reads what others left',
      2,
      async (browser) => {
        const reading = gate()
        const asked = gate()
        browser.others = () => {
          asked.open()
          return reading.passed.then(() => [])
        }
        await asked.passed
        return reading.open
      },
    ],
  ])('%s leaves no slot open, and tells nothing', async (_, opened, until) => {
    const browser = new TestBrowser('aaa')
    const a = await world.open(browser)
    const ended = vi.fn()
    void a.ended.then(ended)
    browser.lost?.('taken')
    browser.nodeId = 'ccc'
    browser.disk = new MemoryDisk()
    const goOn = await until(browser)
    const left = a.leave()
    goOn()
    await left
    await world.settle(1)
    expect(browser.slotsHeld.size).toBe(0)
    expect(browser.slotsOpened).toBe(opened)
    expect(ended).not.toHaveBeenCalled()
  })

  it('also a slot that is lost while it replaces another leaves none open but the last', async () => {
    const browser = new TestBrowser('aaa')
    const a = await world.open(browser)
    await a.set('a', 1)
    browser.lost?.('taken')
    browser.nodeId = 'ccc'
    browser.disk = new MemoryDisk()
    const others = browser.others
    browser.others = () => {
      browser.others = others
      browser.lost?.('taken')
      browser.nodeId = 'ddd'
      browser.disk = new MemoryDisk()
      return Promise.resolve([])
    }
    await world.settle()
    expect(a.node.id).toBe('ddd')
    expect(a.entries()).toEqual([['a', 1]])
    expect([...browser.slotsHeld]).toEqual([3])
  })
})

describe('files', () => {
  it('export, and import elsewhere, give the same state', async () => {
    const a = await world.open(new TestBrowser('aaa'))
    await a.setMany(Array.from({ length: 300 }, (_, at) => [`key ${at}`, { at }] as const))
    await a.delete('key 7')
    const file = JSON.stringify(await a.exportSnapshot())
    await a.leave()
    const b = await world.open(new TestBrowser('bbb'))
    const preview = await b.previewImport(file)
    expect(b.size).toBe(0)
    const report = await b.importSnapshot(new Blob([file]))
    expect(report).toEqual(preview)
    expect(report.added).toHaveLength(299)
    expect(b.entries()).toEqual(Array.from(b.keys(), (key) => [key, { at: Number(key.slice(4)) }]))
    const again = await b.importSnapshot(file)
    expect(again).toMatchObject({ added: [], updated: [], removed: [], conflicts: [], unchanged: 299 })
  })

  it('an old snapshot changes nothing that is newer', async () => {
    const a = await world.open(new TestBrowser('aaa'))
    await a.set('a', 'old')
    await a.set('b', 'old')
    const old = await a.exportSnapshot()
    await a.set('a', 'new')
    await a.delete('b')
    const { digest } = a.status()
    await expect(a.previewImport(old)).resolves.toMatchObject({
      added: [],
      updated: [],
      removed: [],
      unchanged: 2,
    })
    await a.importSnapshot(old)
    expect(a.status().digest).toBe(digest)
  })

  it('a plain file writes what differs', async () => {
    const a = await world.open(new TestBrowser('aaa'))
    await a.set('a', 1)
    const report = await a.importSnapshot({ a: 1, b: [true] })
    expect(report).toMatchObject({ added: ['b'], updated: [], unchanged: 1 })
    expect(a.inspect('a')?.clock).toEqual({ [a.inspect('a')?.versions[0]?.dot[0] ?? '']: 1 })
  })

  it('a broken file is refused whole', async () => {
    const a = await world.open(new TestBrowser('aaa'))
    await expect(a.importSnapshot('{"format":"fofoca-snapshot"')).rejects.toMatchObject({
      code: 'bad-snapshot',
    })
    await expect(a.importSnapshot({ format: 'x', version: 1 })).rejects.toMatchObject({
      code: 'bad-snapshot',
    })
    expect(a.size).toBe(0)
  })

  it('cancelled, nothing has changed', async () => {
    const a = await world.open(new TestBrowser('aaa'))
    const signal = AbortSignal.abort()
    await expect(a.setMany([['a', 1]], { signal })).rejects.toMatchObject({ code: 'cancelled' })
    await expect(a.importSnapshot({ a: 1 }, { signal })).rejects.toMatchObject({ code: 'cancelled' })
    expect(a.size).toBe(0)
  })
})
