/**
 * Storage and slots in real tabs: real IndexedDB, Web Locks, `BroadcastChannel` and session storage. Their page is
 * `pages/slots.html`, served by the real server.
 */
import { type BrowserContext, expect, type Page, test as base } from '@playwright/test'
import { serve } from '../signaling/server'
import { STORAGE_CONTRACT } from '../src/adapters/storage.contract'
import { builtPages } from './built-pages'

interface Fixtures {
  /** Where the page is. */
  url: string
  /** A tab that has opened its slot. */
  open: (context: BrowserContext) => Promise<Page>
}

const test = base.extend<Fixtures>({
  // Playwright wants a pattern here, also an empty one.
  // oxlint-disable-next-line no-empty-pattern
  url: async ({}, use) => {
    const server = await serve({ port: 0, app: await builtPages() })
    await use(`http://localhost:${server.port}/slots.html`)
    await server.close()
  },
  open: async ({ url }, use) => {
    const errors: Error[] = []
    await use(async (context) => {
      const page = await context.newPage()
      page.on('pageerror', (error) => errors.push(error))
      await page.goto(url)
      await opened(page)
      return page
    })
    expect(errors).toEqual([])
  },
})

async function opened(page: Page): Promise<void> {
  await page.evaluate(() => window.shelf.tab.open())
}

/**
 * Of a tab that a page has opened. Asked anew each time: in Firefox a question that waits in such a tab's first, empty
 * document is now and then never answered, though the page is there.
 */
async function loaded(tab: Page): Promise<void> {
  await expect(async () => expect(await tab.evaluate(() => 'shelf' in window)).toBe(true)).toPass()
}

function nodeId(page: Page): Promise<string> {
  return page.evaluate(() => window.shelf.tab.slot.nodeId)
}

function append(page: Page, byte: number): Promise<string> {
  return page.evaluate((byte) => window.shelf.tab.append(byte), byte)
}

function log(page: Page): Promise<number[]> {
  return page.evaluate(() => window.shelf.tab.log())
}

function others(page: Page): Promise<number[][]> {
  return page.evaluate(() => window.shelf.tab.others())
}

test('the IndexedDB storage keeps the contract @firefox', async ({ open, context }) => {
  const page = await open(context)
  for (const { name } of STORAGE_CONTRACT) {
    await test.step(name, () => page.evaluate((name) => window.shelf.runContract(name), name))
  }
})

for (const hasLocks of [true, false]) {
  test.describe(`slots, with locks: ${hasLocks}`, () => {
    test.beforeEach(async ({ context }) => {
      if (hasLocks) return
      await context.addInitScript(() => Object.defineProperty(navigator, 'locks', { value: undefined }))
    })

    test('a reloaded tab is the same node with the same data, while others are open @firefox', async ({
      open,
      context,
    }) => {
      const [a, b, c] = [await open(context), await open(context), await open(context)]
      const before = await nodeId(b)
      expect(new Set([await nodeId(a), before, await nodeId(c)]).size).toBe(3)
      expect(await append(b, 7)).toBe('done')
      for (let round = 0; round < 3; round += 1) {
        await b.reload()
        await opened(b)
        expect(await nodeId(b)).toBe(before)
        expect(await log(b)).toEqual([7])
      }
    })

    test('a duplicated tab is another node @firefox', async ({ open, context }) => {
      const page = await open(context)
      const [duplicate] = await Promise.all([
        context.waitForEvent('page'),
        page.evaluate(() => void window.open(location.href)),
      ])
      await loaded(duplicate)
      await opened(duplicate)
      expect(await nodeId(duplicate)).not.toBe(await nodeId(page))
      expect([await append(page, 1), await append(duplicate, 2)]).toEqual(['done', 'done'])
    })

    test('what a closed tab wrote is offered to the others', async ({ open, context }) => {
      const [a, b] = [await open(context), await open(context)]
      expect(await append(b, 5)).toBe('done')
      expect(await others(a)).toEqual([])
      await b.close({ runBeforeUnload: true })
      await a.waitForFunction(() => window.shelf.tab.freed > 0)
      await expect.poll(() => others(a)).toEqual([[5]])
    })

    test('forgetting has the other tabs leave, and nothing is left', async ({ open, context }) => {
      const [a, b] = [await open(context), await open(context)]
      await append(a, 1)
      await append(b, 2)
      await a.evaluate(() => window.shelf.tab.slot.forget())
      expect(await b.evaluate(() => window.shelf.tab.lost)).toEqual(['forgotten'])
      expect(await append(b, 3)).toBe('closed')
      const left = () => a.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name))
      await expect.poll(left).toEqual([])
    })

    test('a page that comes back from the cache still has its slot', async ({ open, context }) => {
      const page = await open(context)
      await page.evaluate(() => {
        dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))
        dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))
      })
      expect(await append(page, 1)).toBe('done')
      expect(await nodeId(await open(context))).not.toBe(await nodeId(page))
      expect(await append(page, 2)).toBe('done')
    })

    test('a page that comes back from the cache knows that another has its slot', async ({
      open,
      context,
    }) => {
      const page = await open(context)
      expect(await append(page, 1)).toBe('done')
      await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })))
      const thief = await open(context)
      expect(await nodeId(thief)).toBe(await nodeId(page))
      await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })))
      await page.waitForFunction(() => window.shelf.tab.lost.join() === 'taken')
      expect(await log(thief)).toEqual([1])
    })
  })
}

test('a tab whose renderer crashes is noticed, and its slot is free', async ({ open, context }) => {
  const [a, b] = [await open(context), await open(context)]
  const before = await nodeId(b)
  expect(await append(b, 9)).toBe('done')
  b.goto('chrome://crash').catch(() => undefined)
  await a.waitForFunction(() => window.shelf.tab.freed > 0)
  await expect.poll(() => others(a)).toEqual([[9]])
  expect(await nodeId(await open(context))).toBe(before)
})

test('a disk that was full works again by itself, with nothing lost', async ({ open, context }) => {
  await context.addInitScript(() => {
    const add = IDBObjectStore.prototype.add
    IDBObjectStore.prototype.add = function (...args) {
      if (sessionStorage.getItem('full')) throw new DOMException('no room', 'QuotaExceededError')
      return add.apply(this, args)
    }
  })
  const page = await open(context)
  expect(await append(page, 1)).toBe('done')
  await page.evaluate(() => sessionStorage.setItem('full', 'yes'))
  expect(await append(page, 2)).toBe('full')
  await page.evaluate(() => sessionStorage.removeItem('full'))
  expect(await append(page, 2)).toBe('done')
  expect(await log(page)).toEqual([1, 2])
})
