/** Many tabs writing at once, closed, killed, copied and cut off: in the end all hold exactly what they have to. */
import type { BrowserContext, Page } from '@playwright/test'
import { expect, inSync, kill, kvReady, test } from './support'
import { dotsByKey, liveOf, type Write, writeMany } from './writes'

const TABS = 8
const ROUNDS = 5
const WRITES_PER_ROUND = 25

test('1,000 sets and deletes from 8 tabs at once, some reloaded, one killed, one offline: exactly the same everywhere', async ({
  browser,
  context,
  openTab,
}) => {
  test.setTimeout(120_000)
  const contexts = [context, ...(await Promise.all(Array.from({ length: 3 }, () => browser.newContext())))]
  const room = 'convergência'
  const open = (place: BrowserContext) => openTab(place, room)
  const pages = await Promise.all([0, 0, 0, 0, 0, 1, 2, 3].map((at) => open(contexts[at]!)))
  const writes: Write[] = []

  for (let round = 0; round < ROUNDS; round += 1) {
    if (round === 1) await pages[5]!.evaluate(() => window.kv.goOffline())
    if (round === 2) await Promise.all([reload(pages[0]!), reload(pages[6]!)])
    if (round === 3) {
      await kill(pages[3]!)
      pages[3] = await open(context)
    }
    if (round === 4) await pages[5]!.evaluate(() => window.kv.goOnline())
    const done = await Promise.all(
      pages.map((page, tab) =>
        page.evaluate(writeMany, { seed: tab * 31 + round, tab, count: WRITES_PER_ROUND }),
      ),
    )
    writes.push(...done.flat())
  }
  expect(writes).toHaveLength(TABS * ROUNDS * WRITES_PER_ROUND)

  const expected = liveOf(writes)
  for (const page of pages) {
    await expect.poll(() => page.evaluate(dotsByKey), { timeout: 60_000 }).toEqual(expected)
  }
  await inSync(...pages)
  const ends = await Promise.all(
    pages.map((page) =>
      page.evaluate(() => ({
        digest: window.kv.status().digest,
        unsaved: window.kv.status().unsaved,
        clock: window.kv.status().clock,
        entries: window.kv.entries(),
      })),
    ),
  )
  for (const end of ends) expect(end).toEqual({ ...ends[0], unsaved: 0 })
  expect(ends[0]?.entries.map(([key]) => key)).toEqual(Object.keys(expected))

  // What a tab has, its disk has: two of them come back offline, one of each browser.
  const reborn = await Promise.all([pages[1]!, pages[5]!].map((page) => bornOffline(page)))
  for (const dots of reborn) expect(dots).toEqual(expected)
  await Promise.all(contexts.slice(1).map((place) => place.close()))
})

test('a duplicated tab is a second node', async ({ context, openTab }) => {
  const first = await openTab(context)
  await first.evaluate(() => window.kv.set('chave', 1))
  const [second] = await Promise.all([
    context.waitForEvent('page'),
    first.evaluate(() => void window.open(location.href)),
  ])
  await kvReady(second)
  const ids = await Promise.all([first, second].map((page) => page.evaluate(() => window.kv.node.id)))
  expect(new Set(ids).size).toBe(2)
  await inSync(first, second)
  await Promise.all(
    [first, second].map((page, tab) => page.evaluate((tab) => window.kv.set(`tab ${tab}`, tab), tab)),
  )
  await inSync(first, second)
  expect(await second.evaluate(() => window.kv.keys())).toEqual(['chave', 'tab 0', 'tab 1'])
  await reload(second)
  expect(await second.evaluate(() => window.kv.node.id)).toBe(ids[1])
  await inSync(first, second)
})

test('one tab brings back what all closed ones had written, also those that never met', async ({
  context,
  openTab,
}) => {
  for (const tab of [1, 2, 3]) {
    const page = await openTab(context)
    // From now on nobody hears of it; it stays open while the next one writes.
    await page.evaluate(async (tab) => {
      window.kv.goOffline()
      await window.kv.set(`tab ${tab}`, tab)
      await window.kv.set('shared', tab, { merge: 'union' })
    }, tab)
  }
  const pages = context.pages()
  expect(await Promise.all(pages.map((page) => page.evaluate(() => window.kv.size)))).toEqual([2, 2, 2])
  await Promise.all(pages.map((page) => page.close()))

  const page = await openTab(context)
  expect(await page.evaluate(() => window.kv.entries())).toEqual([
    ['shared', [1, 2, 3]],
    ['tab 1', 1],
    ['tab 2', 2],
    ['tab 3', 3],
  ])
})

test('what a closing tab leaves unsaid comes to the tab that stays open, with no reload', async ({
  context,
  openTab,
}) => {
  const [stays, closes] = [await openTab(context), await openTab(context)]
  await closes.evaluate(async () => {
    window.kv.goOffline()
    await window.kv.set('chave', 'valor')
  })
  expect(await stays.evaluate(() => window.kv.has('chave'))).toBe(false)
  await closes.close()
  await stays.waitForFunction(() => window.kv.get('chave') === 'valor')
})

test('without the server tabs go on gossiping; with it again a newcomer joins', async ({
  browser,
  context,
  openTab,
  server,
}) => {
  const elsewhere = await browser.newContext()
  const [a, b] = [await openTab(context), await openTab(elsewhere)]
  await inSync(a, b)
  await server.stop()
  for (const page of [a, b]) await page.waitForFunction(() => window.kv.status().signaling === 'down')
  await a.bringToFront()
  await a.getByTestId('peers').click()
  await expect(a.getByTestId('server-away')).toBeVisible()
  await a.keyboard.press('Escape')
  await a.evaluate(() => window.kv.set('a', 1))
  await b.waitForFunction(() => window.kv.get('a') === 1)
  await b.evaluate(() => window.kv.delete('a'))
  await a.waitForFunction(() => !window.kv.has('a'))
  await b.evaluate(() => window.kv.set('b', 2))
  await a.waitForFunction(() => window.kv.get('b') === 2)

  await server.start()
  const c = await openTab(await browser.newContext())
  await inSync(a, b, c)
  expect(await c.evaluate(() => window.kv.entries())).toEqual([['b', 2]])
})

test('a page that comes back renews the links and the database that were closed under it', async ({
  context,
  browser,
  openTab,
}) => {
  await context.addInitScript(() => {
    const openDatabases = new Set<IDBDatabase>()
    const connections = new Set<RTCPeerConnection>()
    let openings = 0
    const open = IDBFactory.prototype.open
    IDBFactory.prototype.open = function (...args) {
      const request = open.apply(this, args)
      request.addEventListener('success', () => {
        openings += 1
        openDatabases.add(request.result)
      })
      return request
    }
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(configuration?: RTCConfiguration) {
        super(configuration)
        connections.add(this)
      }
    }
    Object.assign(window, {
      openings: () => openings,
      /** As after a long sleep: nobody tells the page. */
      closeAllUnderIt: () => {
        for (const database of openDatabases) database.close()
        for (const connection of connections) connection.close()
      },
    })
  })
  const [a, b] = [await openTab(context), await openTab(await browser.newContext())]
  for (const event of ['pageshow', 'resume', 'online', 'visibilitychange']) {
    await test.step(event, async () => {
      await inSync(a, b)
      const before = await a.evaluate(() => {
        const { openings, closeAllUnderIt } = window as unknown as Tampered
        closeAllUnderIt()
        return openings()
      })
      await a.evaluate((event) => {
        const target = ['pageshow', 'online'].includes(event) ? window : document
        target.dispatchEvent(
          event === 'pageshow' ? new PageTransitionEvent(event, { persisted: true }) : new Event(event),
        )
      }, event)
      await a.waitForFunction((before) => (window as unknown as Tampered).openings() > before, before)
      await a.evaluate((event) => window.kv.set('chave', event), event)
      await b.waitForFunction((event) => window.kv.get('chave') === event, event, { timeout: 8_000 })
      await inSync(a, b)
      await reload(a)
      expect(await a.evaluate(() => window.kv.get('chave'))).toBe(event)
    })
  }
})

/** Reloads the tab without WebRTC, and so without peers; resolves with what it has. */
async function bornOffline(page: Page): Promise<Record<string, string[]>> {
  await page.addInitScript(() => Reflect.deleteProperty(window, 'RTCPeerConnection'))
  await reload(page)
  return page.evaluate(dotsByKey)
}

interface Tampered {
  openings(): number
  closeAllUnderIt(): void
}

async function reload(page: Page): Promise<void> {
  await page.reload()
  await kvReady(page)
}
