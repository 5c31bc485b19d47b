import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { describe, expect, it, vi } from 'vitest'
import type { OtherSlot, Slot, Storage } from '../../runtime/ports'
import { databaseName } from '../indexeddb/replicas'
import { FakeBrowser, type FakeTab, memoryTexts, passing, settle } from './slots.testing'
import { stateOf } from '../stored.fixtures'

const ROOM = 'a1b2'
const record = (value: number) => Uint8Array.of(value)

function open(browser: FakeBrowser, tab: FakeTab): Promise<Slot> {
  return passing(browser, tab.slots.open(ROOM))
}

async function databases(browser: FakeBrowser): Promise<string[]> {
  return (await browser.factory.databases()).map(({ name }) => name ?? '').sort()
}

async function otherNames(browser: FakeBrowser, slot: Slot): Promise<string[]> {
  return (await passing(browser, slot.others())).map(({ name }) => name)
}

const DAY_MS = 86_400_000

describe.each([{ hasLocks: true }, { hasLocks: false }])('slots, with locks: $hasLocks', ({ hasLocks }) => {
  it('each tab of a room has a replica and a node id of its own', async () => {
    const browser = new FakeBrowser({ hasLocks })
    const [a, b] = [await open(browser, browser.tab()), await open(browser, browser.tab())]
    expect(a.nodeId).toMatch(/^[a-z0-9]{12}$/)
    expect(b.nodeId).toMatch(/^[a-z0-9]{12}$/)
    expect(a.nodeId).not.toBe(b.nodeId)
    expect(await databases(browser)).toEqual([databaseName(ROOM, 0), databaseName(ROOM, 1)])
  })

  it('two tabs that open at once get different slots', async () => {
    const browser = new FakeBrowser({ hasLocks })
    const opened = await passing(browser, Promise.all([1, 2, 3].map(() => browser.tab().slots.open(ROOM))))
    expect(new Set(opened.map(({ nodeId }) => nodeId)).size).toBe(3)
    for (const { storage } of opened) await storage?.append(1, [record(1)], 'strict')
  })

  it('a tab that was closed leaves its slot, with all in it, to the next', async () => {
    const browser = new FakeBrowser({ hasLocks })
    const former = await open(browser, browser.tab())
    await former.storage?.append(1, [record(7)], 'strict')
    former.witness.write('witness')
    await former.release()
    const slot = await open(browser, browser.tab())
    expect(slot.nodeId).toBe(former.nodeId)
    expect(slot.witness.read()).toBe('witness')
    expect((await stateOf(slot.storage as Storage)).log).toEqual([{ number: 1, record: record(7) }])
  })

  it('a reloaded tab gets back the slot that it had, not the lowest', async () => {
    const browser = new FakeBrowser({ hasLocks })
    const [first, tab] = [browser.tab(), browser.tab()]
    const lowest = await open(browser, first)
    const former = await open(browser, tab)
    tab.crash()
    await lowest.release()
    expect((await open(browser, browser.tab(tab.session))).nodeId).toBe(former.nodeId)
  })

  it('a duplicated tab is another node', async () => {
    const browser = new FakeBrowser({ hasLocks })
    const tab = browser.tab()
    const former = await open(browser, tab)
    const before = browser.clock.now()
    const duplicate = await open(browser, browser.tab(tab.session))
    expect(duplicate.nodeId).not.toBe(former.nodeId)
    if (hasLocks) expect(browser.clock.now()).toBe(before) // the holder's answer is all that it waits for
    await former.storage?.append(1, [record(1)], 'strict')
  })

  it('a slot that is released twice is free, and its storage closed', async () => {
    const browser = new FakeBrowser({ hasLocks })
    const slot = await open(browser, browser.tab())
    await Promise.all([slot.release(), slot.release()])
    await expect(stateOf(slot.storage as Storage)).rejects.toMatchObject({ reason: 'closed' })
    expect((await open(browser, browser.tab())).nodeId).toBe(slot.nodeId)
  })

  it('an aborted opening leaves nothing held', async () => {
    const browser = new FakeBrowser({ hasLocks })
    const abort = new AbortController()
    const opening = browser.tab().slots.open(ROOM, abort.signal)
    abort.abort(new Error('changed my mind'))
    await expect(passing(browser, opening)).rejects.toThrow('changed my mind')
    await open(browser, browser.tab())
    expect(await databases(browser)).toEqual([databaseName(ROOM, 0)])
  })

  it('what closed tabs left is listed, and not what open ones hold', async () => {
    const browser = new FakeBrowser({ hasLocks })
    const [a, b, c] = [
      await open(browser, browser.tab()),
      await open(browser, browser.tab()),
      await open(browser, browser.tab()),
    ]
    await b.storage?.append(1, [record(5)], 'strict')
    await b.release()
    const [other, ...more] = await passing(browser, a.others())
    expect(more).toEqual([])
    expect(other?.name).toBe(databaseName(ROOM, 1))
    expect(await stateOf(other as OtherSlot)).toEqual({
      checkpoint: [],
      log: [{ number: 1, record: record(5) }],
    })
    await c.release()
    expect(await otherNames(browser, a)).toEqual([databaseName(ROOM, 1), databaseName(ROOM, 2)])
  })

  it('what was merged is listed again only after it has changed, and again if what was merged is discarded', async () => {
    const browser = new FakeBrowser({ hasLocks })
    const tab = browser.tab()
    const [a, b] = [await open(browser, browser.tab()), await open(browser, tab)]
    await b.release()
    const [other] = await passing(browser, a.others())
    await other?.merged() // nothing was read: nothing is noted
    expect(await otherNames(browser, a)).toEqual([databaseName(ROOM, 1)])
    await stateOf(other as OtherSlot)
    await other?.merged()
    expect(await otherNames(browser, a)).toEqual([])
    const again = await open(browser, browser.tab(tab.session))
    await again.storage?.append(1, [record(1)], 'relaxed')
    await again.release()
    const [changed] = await passing(browser, a.others())
    await stateOf(changed as OtherSlot)
    await changed?.merged()
    expect(await otherNames(browser, a)).toEqual([])
    await a.storage?.truncate(0)
    expect(await otherNames(browser, a)).toEqual([databaseName(ROOM, 1)])
  })

  it('a slot that is merged and has been unused for 30 days is erased, and no other', async () => {
    const browser = new FakeBrowser({ hasLocks })
    const [a, b, c] = [
      await open(browser, browser.tab()),
      await open(browser, browser.tab()),
      await open(browser, browser.tab()),
    ]
    await b.release()
    await c.release()
    const [merged] = await passing(browser, a.others())
    await stateOf(merged as OtherSlot)
    await merged?.merged()
    browser.clock.advance(30 * DAY_MS - 10_000)
    await passing(browser, a.others())
    expect((await databases(browser)).length).toBe(3)
    browser.clock.advance(10_001)
    expect(await otherNames(browser, a)).toEqual([databaseName(ROOM, 2)])
    await settle()
    expect(await databases(browser)).toEqual([databaseName(ROOM, 0), databaseName(ROOM, 2)])
  })

  it('tells when another tab closes, until it is told to stop', async () => {
    const browser = new FakeBrowser({ hasLocks })
    const [a, b, c] = [
      await open(browser, browser.tab()),
      await open(browser, browser.tab()),
      await open(browser, browser.tab()),
    ]
    const listener = vi.fn()
    const stop = a.onOtherFree(listener)
    await settle()
    const d = await open(browser, browser.tab())
    await b.release()
    await settle()
    expect(listener).toHaveBeenCalledTimes(1)
    await d.release()
    await settle()
    expect(listener).toHaveBeenCalledTimes(2)
    stop()
    await c.release()
    await settle()
    expect(listener).toHaveBeenCalledTimes(2)
  })

  it('forgetting has the other tabs leave, and erases every replica, witness and slot of the room and no other', async () => {
    const browser = new FakeBrowser({ hasLocks })
    const [tab, closed] = [browser.tab(), await open(browser, browser.tab())]
    const [a, b] = [await open(browser, tab), await open(browser, browser.tab())]
    await closed.release()
    const elsewhere = await passing(browser, browser.tab().slots.open('another'))
    elsewhere.witness.write('stays')
    a.witness.write('goes')
    const why: string[] = []
    b.onLost((reason) => {
      why.push(reason)
      void b.release()
    })
    await passing(browser, a.forget())
    await settle()
    expect(why).toEqual(['forgotten'])
    expect(await databases(browser)).toEqual([databaseName('another', 0)])
    expect(elsewhere.witness.read()).toBe('stays')
    const anew = await open(browser, browser.tab(tab.session))
    expect(anew.witness.read()).toBeUndefined()
    expect(anew.nodeId).not.toBe(a.nodeId)
  })

  it('forgetting does not wait for ever for a tab that does not leave, and that tab writes nothing more', async () => {
    const browser = new FakeBrowser({ hasLocks })
    const [a, b] = [await open(browser, browser.tab()), await open(browser, browser.tab())]
    await passing(browser, a.forget())
    await expect(b.storage?.append(1, [record(1)], 'strict')).rejects.toMatchObject({ reason: 'fenced' })
    expect(await databases(browser)).toEqual([])
  })

  it('goes into the cache without its slot, and takes it again coming back', async () => {
    const browser = new FakeBrowser({ hasLocks })
    const tab = browser.tab()
    const slot = await open(browser, tab)
    const lost = vi.fn()
    slot.onLost(lost)
    tab.page.dispatchEvent(new Event('pagehide'))
    await settle()
    tab.page.dispatchEvent(new Event('pageshow'))
    await passing(
      browser,
      settle()
        .then(() => browser.clock.advance(300))
        .then(settle),
    )
    await slot.storage?.append(1, [record(1)], 'strict')
    const other = await open(browser, browser.tab())
    expect(other.nodeId).not.toBe(slot.nodeId)
    expect(lost).not.toHaveBeenCalled()
  })

  it('follows the last of many comings and goings', async () => {
    const browser = new FakeBrowser({ hasLocks })
    const tab = browser.tab()
    const slot = await open(browser, tab)
    const lost = vi.fn()
    slot.onLost(lost)
    for (const type of ['pagehide', 'pageshow', 'pagehide', 'pageshow', 'pageshow', 'pagehide']) {
      tab.page.dispatchEvent(new Event(type))
    }
    await passing(browser, settle())
    expect(lost).not.toHaveBeenCalled()
    expect((await open(browser, browser.tab())).nodeId).toBe(slot.nodeId)
    await settle()
    expect(lost.mock.calls).toEqual([['taken']])
  })

  it('has lost its slot when it comes back from the cache and another tab has it', async () => {
    const browser = new FakeBrowser({ hasLocks })
    const tab = browser.tab()
    const slot = await open(browser, tab)
    const why = new Promise((resolve) => void slot.onLost(resolve))
    tab.page.dispatchEvent(new Event('pagehide'))
    const thief = await open(browser, browser.tab())
    expect(thief.nodeId).toBe(slot.nodeId)
    tab.page.dispatchEvent(new Event('pageshow'))
    expect(await passing(browser, why)).toBe('taken')
    await expect(slot.storage?.lastNumber()).rejects.toMatchObject({ reason: 'fenced' })
  })

  it('without IndexedDB it has a node id, and keeps nothing', async () => {
    const browser = new FakeBrowser({ hasLocks })
    const slot = await open(browser, browser.tab(memoryTexts(), { indexedDB: undefined }))
    expect(slot.nodeId).toMatch(/^[a-z0-9]{12}$/)
    expect(slot.storage).toBeUndefined()
    slot.witness.write('anything')
    expect(slot.witness.read()).toBeUndefined()
    expect(await slot.others()).toEqual([])
    await passing(browser, slot.forget())
  })

  it('with an IndexedDB that opens nothing it keeps nothing, and holds no slot', async () => {
    const browser = new FakeBrowser({ hasLocks })
    const broken = new IDBFactory()
    broken.open = () => {
      throw new DOMException('not in a private window', 'SecurityError')
    }
    const slot = await open(browser, browser.tab(memoryTexts(), { indexedDB: broken }))
    expect(slot.storage).toBeUndefined()
    await open(browser, browser.tab())
    expect(await databases(browser)).toEqual([databaseName(ROOM, 0)])
  })

  it('a disk that fails lists nothing, and does not keep a tab from opening', async () => {
    const browser = new FakeBrowser({ hasLocks })
    const [a, b] = [await open(browser, browser.tab()), await open(browser, browser.tab())]
    await b.release()
    browser.factory.databases = () => Promise.reject(new DOMException('disk', 'UnknownError'))
    expect(await otherNames(browser, a)).toEqual([])
    expect((await open(browser, browser.tab())).storage).toBeUndefined()
  })

  it('where databases cannot be listed, those of the first slots are found all the same', async () => {
    const browser = new FakeBrowser({ hasLocks })
    const [a, b] = [await open(browser, browser.tab()), await open(browser, browser.tab())]
    await b.release()
    Object.defineProperty(browser.factory, 'databases', { value: undefined })
    expect(await otherNames(browser, a)).toEqual([databaseName(ROOM, 1)])
  })
})

describe('slots with locks', () => {
  it('a crashed tab is noticed too', async () => {
    const browser = new FakeBrowser()
    const tab = browser.tab()
    const [a] = [await open(browser, browser.tab()), await open(browser, tab)]
    const freed = new Promise<void>((resolve) => void a.onOtherFree(resolve))
    await settle()
    tab.crash()
    await passing(browser, freed)
    expect(await otherNames(browser, a)).toEqual([databaseName(ROOM, 1)])
  })

  it('a reloaded tab waits for its former page, and others who wait for the slot do not keep it', async () => {
    const browser = new FakeBrowser()
    const tab = browser.tab()
    const [a, former] = [await open(browser, browser.tab()), await open(browser, tab)]
    a.onOtherFree(() => undefined)
    await settle()
    tab.freeze()
    const opening = browser.tab(tab.session).slots.open(ROOM)
    await settle()
    tab.crash()
    expect((await opening).nodeId).toBe(former.nodeId)
  })

  it('a former page that neither answers nor goes is waited for no longer than a second', async () => {
    const browser = new FakeBrowser()
    const tab = browser.tab()
    const former = await open(browser, tab)
    tab.freeze()
    const before = browser.clock.now()
    const slot = await open(browser, browser.tab(tab.session))
    expect(slot.nodeId).not.toBe(former.nodeId)
    expect(browser.clock.now() - before).toBe(1_000)
  })
})

describe('slots without locks', () => {
  it('a holder that was frozen is fenced when it thaws, and told once', async () => {
    const browser = new FakeBrowser({ hasLocks: false })
    const tab = browser.tab()
    const frozen = await open(browser, tab)
    const lost = vi.fn()
    frozen.onLost(lost)
    tab.freeze()
    const before = browser.clock.now()
    const slot = await open(browser, browser.tab())
    expect(browser.clock.now() - before).toBe(300)
    expect(slot.nodeId).toBe(frozen.nodeId)
    await expect(frozen.storage?.append(1, [record(1)], 'strict')).rejects.toMatchObject({ reason: 'fenced' })
    await expect(frozen.storage?.append(1, [record(1)], 'strict')).rejects.toMatchObject({ reason: 'fenced' })
    expect(lost.mock.calls).toEqual([['taken']])
  })
})
