/** Whose name a replica writes under when its disk went back, was cloned, or was lost to another tab (DESIGN 4.3). */
import { afterEach, describe, expect, it } from 'vitest'
import { MemoryDisk } from '../adapters/memory/storage'
import type { KvHandle } from './kv'
import { StorageError } from './ports'
import { Seeded } from '../sim/seeded'
import { TestBrowser, World } from './world.fixtures'

/** Of 14 ms each. */
const SEEDS = 200
let world = new World()
afterEach(async () => {
  await Promise.all(world.opened.map((kv) => kv.leave()))
  world = new World()
})

const fill = (kv: KvHandle, from: number, to: number) =>
  kv.setMany(Array.from({ length: to - from + 1 }, (_, at): [string, number] => [`k${from + at}`, from + at]))
const incarnations = (kv: KvHandle, nodeId: string) =>
  Object.keys(kv.status().clock).filter((actor) => actor.startsWith(`${nodeId}.`))

function allEqual(...kvs: KvHandle[]): void {
  expect(new Set(kvs.map((kv) => kv.status().digest)).size).toBe(1)
}

/** `a` wrote `k1` … `k3`; `image` is its profile then; it wrote up to `k6` and closed. `b` has it all. */
async function wentBack(): Promise<{ image: TestBrowser; after: TestBrowser; b: KvHandle }> {
  const browser = new TestBrowser('aaa')
  const [a, b] = [await world.open(browser), await world.open(new TestBrowser('bbb'))]
  await fill(a, 1, 3)
  await world.settle()
  const image = browser.copy()
  await fill(a, 4, 6)
  await world.settle()
  await a.leave()
  allEqual(b)
  return { image, after: browser.copy(), b }
}

describe('a disk that went back to an older state', () => {
  it.each([
    ['intact', 0],
    ['intact', 5],
    ['missing', 0],
    ['missing', 5],
    ['rolled back too', 0],
    ['rolled back too', 2],
    ['rolled back too', 5],
  ])(
    'with the witness %s and %i new writes loses none of them, nor what peers remember',
    async (witness, news) => {
      const { image, after, b } = await wentBack()
      if (witness === 'intact') image.testimony = after.testimony
      if (witness === 'missing') image.testimony = undefined
      const a = await world.open(image)
      for (let at = 0; at < news; at++) await a.set(`new${at}`, at)
      await a.set('k1', 'again')
      await world.settle()
      allEqual(a, b)
      for (let key = 2; key <= 6; key++) expect(a.get(`k${key}`)).toBe(key)
      for (let at = 0; at < news; at++) expect(b.get(`new${at}`)).toBe(at)
      expect(b.get('k1')).toBe('again')
      expect(incarnations(a, 'aaa')).toHaveLength(2)
      await a.leave()
      const again = await world.open(image)
      await again.set('later', 1)
      await world.settle()
      allEqual(again, b)
      expect(incarnations(again, 'aaa')).toHaveLength(2) // the witness vouches for the new name
    },
  )

  it.each([
    ['before the renaming is on disk', false, false],
    ['after it, and before the witness knows', true, false],
    ['after both', true, true],
  ])('and a crash %s lose nothing', async (_, diskKnows, witnessKnows) => {
    const { image, b } = await wentBack()
    const a = await world.open(image)
    await a.set('new', 1)
    const before = image.copy()
    await world.settle()
    expect(incarnations(a, 'aaa')).toHaveLength(2)
    const crashed = diskKnows ? image.copy() : before
    crashed.testimony = witnessKnows ? image.testimony : before.testimony
    await a.leave()
    const again = await world.open(crashed)
    await again.set('newer', 2)
    const [actor] = again.inspect('newer')?.versions[0]?.dot ?? []
    if (diskKnows) expect(before.testimony, 'what was given up stays so').not.toContain(actor)
    await world.settle()
    allEqual(again, b)
    expect(Object.fromEntries(b.entries())).toMatchObject({ k1: 1, k6: 6, new: 1, newer: 2 })
  })

  it('takes in its own newer file without giving a name out twice', async () => {
    const { image, b } = await wentBack()
    const file = await b.exportSnapshot()
    await b.leave()
    const a = await world.open(image)
    await a.set('k4', 'new')
    await a.importSnapshot(file)
    expect(a.inspect('k4')?.versions.map(({ value }) => value)).toEqual(['new', 4])
    await a.set('more', 1)
    const c = await world.open(new TestBrowser('ccc'))
    await c.importSnapshot(file)
    await world.settle()
    allEqual(a, c)
    expect(c.get('k6')).toBe(6)
  })
})

describe('a cloned profile', () => {
  it('used by two live tabs becomes two nodes, for good, and loses nothing', async () => {
    const first = new TestBrowser('aaa')
    const origin = await world.open(first)
    await origin.set('x', 'before')
    await origin.leave()
    const second = first.copy()
    const [a, b, c] = [
      await world.open(first),
      await world.open(second),
      await world.open(new TestBrowser('ccc')),
    ]
    await a.set('x', 'a')
    await b.set('x', 'b')
    await fill(a, 1, 3)
    await fill(b, 4, 9)
    await world.settle(30)
    allEqual(a, b, c)
    expect(new Set([a.node.id, b.node.id]).size).toBe(2)
    expect([a.node.id, b.node.id]).toContain('aaa')
    for (let key = 1; key <= 9; key++) expect(c.get(`k${key}`)).toBe(key)
    expect(
      c
        .inspect('x')
        ?.versions.map(({ value }) => value)
        .toSorted(),
    ).toEqual(['a', 'b'])
    expect(c.peers().filter(({ state }) => state === 'linked')).toHaveLength(2)
    const ids = [a.node.id, b.node.id]
    await a.leave()
    await b.leave()
    const again = [await world.open(first), await world.open(second)]
    expect(again.map(({ node }) => node.id)).toEqual(ids)
  })
})

describe('a slot that is lost while the outcome of a commit is not known', () => {
  it('has its write under the old name, and the one that lost it under another: both show the same', async () => {
    const browser = new TestBrowser('aaa')
    const a = await world.open(browser)
    await a.set('saved', 1)
    await world.settle()
    const { disk } = browser
    const owner = browser.copy()
    owner.disk = disk
    const commit = disk.commit.bind(disk)
    disk.commit = (epoch, change) => {
      disk.commit = commit
      commit(epoch, change)
      disk.claim() // the tab is frozen here, and another takes its slot
      throw new StorageError('closed', 'the database was closed')
    }
    const unknown = expect(a.set('unknown', 2)).rejects.toMatchObject({ code: 'not-saved' })
    browser.nodeId = 'ccc'
    browser.disk = new MemoryDisk()
    await world.settle()
    await unknown
    expect([a.node.id, a.get('unknown')]).toEqual(['ccc', 2])
    owner.testimony = browser.testimony
    const b = await world.open(owner)
    expect(b.get('unknown')).toBe(2)
    await b.set('more', 3)
    await a.set('unknown', 'newer')
    await world.settle()
    allEqual(a, b)
    expect(Object.fromEntries(b.entries())).toMatchObject({ saved: 1, unknown: 'newer', more: 3 })
  })
})

describe('what is imported', () => {
  it('is on disk before any of it is sent', async () => {
    const browser = new TestBrowser('aaa')
    const [a, b] = [await world.open(browser), await world.open(new TestBrowser('bbb'))]
    await world.settle()
    const other = await world.open(new TestBrowser('ddd'))
    other.goOffline()
    await other.set('imported', 1)
    const file = await other.exportSnapshot()
    browser.disk.failAll()
    const imported = a.importSnapshot(file)
    await world.settle(3)
    expect([a.get('imported'), b.get('imported'), a.status().unsaved]).toEqual([1, undefined, 1])
    browser.disk.heal()
    await world.settle()
    await imported
    expect([b.get('imported'), a.status().unsaved]).toEqual([1, 0])
  })
})

describe('disks that go back and are cloned at random', () => {
  /**
   * Every key is written once and never again. What its writer still holds has to be everywhere in the end; of what a
   * writer forgot, another use of its disk may have taken the names, and nobody is left to give it others.
   */
  async function live(seed: number): Promise<void> {
    const random = new Seeded(seed)
    interface Tab {
      browser: TestBrowser
      kv: KvHandle
    }
    const tabs: Tab[] = []
    for (const name of ['aaa', 'bbb', 'ccc']) {
      const browser = new TestBrowser(name)
      tabs.push({ browser, kv: await world.open(browser) })
    }
    const images: TestBrowser[] = []
    const writerByKey = new Map<string, Tab>()
    let keys = 0
    for (let left = 25; left > 0; left--) {
      const tab = random.pick(tabs)
      const dice = random.fraction()
      if (dice < 0.45) {
        for (let more = random.integer(1, 4); more > 0; more--) {
          const key = `k${++keys}`
          writerByKey.set(key, tab)
          await tab.kv.set(key, key)
        }
      } else if (dice < 0.6) await world.settle(random.integer(1, 12))
      else if (dice < 0.68) tab.kv.goOffline()
      else if (dice < 0.76) tab.kv.goOnline()
      else if (dice < 0.84) images.push(tab.browser.copy())
      else if (dice < 0.9) {
        await tab.kv.leave()
        tab.kv = await world.open(tab.browser)
      } else if (dice < 0.96 && images.length > 0) {
        // The whole profile goes back; at times not the witness.
        await tab.kv.leave()
        const { testimony } = tab.browser
        tab.browser = random.pick(images).copy()
        if (random.chance(0.3)) tab.browser.testimony = random.chance(0.5) ? testimony : undefined
        tab.kv = await world.open(tab.browser)
        for (const [key, writer] of writerByKey)
          if (writer === tab && !tab.kv.has(key)) writerByKey.delete(key)
      } else if (tabs.length < 5) {
        const browser = tab.browser.copy()
        tabs.push({ browser, kv: await world.open(browser) })
      }
    }
    for (const { kv } of tabs) kv.goOnline()
    await world.settle(80)
    const kvs = tabs.map(({ kv }) => kv)
    expect(new Set(kvs.map((kv) => kv.status().digest)).size, `seed ${seed}`).toBe(1)
    expect(new Set(kvs.map((kv) => kv.node.id)).size, `seed ${seed}`).toBe(kvs.length)
    for (const key of writerByKey.keys()) expect(kvs[0]?.get(key), `seed ${seed}, ${key}`).toBe(key)
  }

  it('lose nothing that its writer still holds, and end as many nodes as there are tabs', async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      await live(seed)
      await Promise.all(world.opened.map((kv) => kv.leave()))
      world = new World()
    }
  }, 60_000)
})

// What a page writes into `localStorage` reaches the disk some seconds later; what IndexedDB says is durable has.
describe('a witness that is some seconds behind the disk when the power goes', () => {
  /** The disk has failed for long, and the witness says so; both are as they are then. */
  async function failing(): Promise<{ browser: TestBrowser; kv: KvHandle; behind: string | undefined }> {
    const browser = new TestBrowser('aaa')
    const kv = await world.open(browser)
    await kv.set('before', 0)
    browser.disk.failAll('full')
    const refused = kv.set('while it fails', 1).catch((error: unknown) => error)
    await world.settle(40)
    expect(await refused).toMatchObject({ code: 'not-saved' })
    expect(browser.testimony).toContain('discardAfter')
    return { browser, kv, behind: browser.testimony }
  }

  async function powerGoes(browser: TestBrowser, behind: string | undefined): Promise<KvHandle> {
    browser.disk.crash()
    browser.testimony = behind
    return world.open(browser)
  }

  it('takes nothing with it that was saved once the disk worked again', async () => {
    const { browser, kv, behind } = await failing()
    browser.disk.heal()
    await world.settle()
    await kv.set('after', 2)
    const again = await powerGoes(browser, behind)
    expect(again.entries()).toEqual([
      ['after', 2],
      ['before', 0],
      ['while it fails', 1],
    ])
  })

  it('does not give a clone back the name of the node that it was copied from', async () => {
    const [first, second] = [new TestBrowser('aaa'), new TestBrowser('aaa')]
    const origin = await world.open(first)
    await origin.set('before', 0)
    await origin.leave()
    second.disk = first.disk.copy()
    second.testimony = first.testimony
    const tabs = [
      { browser: first, kv: await world.open(first), behind: first.testimony },
      { browser: second, kv: await world.open(second), behind: second.testimony },
    ]
    await Promise.all(tabs.map(({ kv, browser }, at) => kv.set(`of ${at}, ${browser.nodeId}`, at)))
    await world.settle(30)
    const { browser, kv, behind } = tabs.find(({ kv }) => kv.node.id !== 'aaa') ?? expect.fail('no new node')
    await kv.set('more', 1) // with it, what the other wrote is on this disk
    const again = await powerGoes(browser, behind)
    await again.set('after', 1)
    expect(again.node.id).toBe(kv.node.id)
    expect(again.inspect('after')?.versions.map(({ dot: [actor] }) => actor.split('.')[0])).toEqual([
      again.node.id,
    ])
  })

  it('takes nothing with it that was saved by the next page', async () => {
    const { browser, kv, behind } = await failing()
    const left = kv.leave()
    await world.settle()
    await left
    browser.disk.heal()
    await (await world.open(browser)).set('after', 2)
    for (const round of [1, 2]) {
      const again = await powerGoes(browser, behind)
      expect(again.keys()).toEqual(round === 1 ? ['after', 'before'] : ['after', 'before', 'later'])
      await again.set('later', 3)
    }
  })
})
