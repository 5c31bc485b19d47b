/** The network goes away under tabs that write on, and comes back: in the end all hold exactly what they have to. */
import type { Browser, CDPSession, Page } from '@playwright/test'
import { expect, inSync, inSyncWithin, kvReady, test } from './support'
import { dotsByKey, liveOf, type Write, writeMany } from './writes'

/** A tab in a browser of its own, whose WebRTC can be cut. */
interface Tab {
  readonly page: Page
  readonly network: CDPSession
}

/** In one room; the network is held before the page makes its first connection, for later it would be too late. */
async function openTabs(browser: Browser, url: string, count: number): Promise<Tab[]> {
  const tabs: Tab[] = []
  for (let at = 0; at < count; at += 1) {
    const context = await browser.newContext()
    const page = await context.newPage()
    const network = await context.newCDPSession(page)
    await network.send('Network.enable')
    await lose(network, 0)
    await page.goto(`${url}#outage`)
    await kvReady(page)
    tabs.push({ page, network })
  }
  await inSync(...tabs.map(({ page }) => page))
  return tabs
}

/** So many of a hundred packets don't arrive. */
function lose(network: CDPSession, packetLoss: number): Promise<unknown> {
  return network.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 1, // without any, nothing would be emulated
    downloadThroughput: -1,
    uploadThroughput: -1,
    packetLoss,
    packetQueueLength: 0,
    packetReordering: false,
  })
}

/** Every tab writes. */
async function writeAll(tabs: readonly Tab[], round: number, writes: Write[]): Promise<void> {
  const done = await Promise.all(
    tabs.map(({ page }, tab) => page.evaluate(writeMany, { seed: tab * 31 + round, tab, count: 20 })),
  )
  writes.push(...done.flat())
}

const linked = (page: Page) => page.evaluate(() => window.kv.status().linked)

async function exactEverywhere(tabs: readonly Tab[], writes: readonly Write[]): Promise<void> {
  await inSync(...tabs.map(({ page }) => page))
  const expected = liveOf(writes)
  for (const { page } of tabs) expect(await page.evaluate(dotsByKey)).toEqual(expected)
}

test('a tab is cut off for long, all write on; when it heals, all hold exactly the same', async ({
  browser,
  server,
}) => {
  test.setTimeout(120_000)
  const tabs = await openTabs(browser, server.url, 3)
  const [, cut] = tabs as [Tab, Tab, Tab]
  const writes: Write[] = []
  await writeAll(tabs, 0, writes)
  await lose(cut.network, 100)
  await writeAll(tabs, 1, writes) // under way when the link breaks, too
  await expect.poll(() => linked(cut.page), { timeout: 40_000 }).toBe(0)
  await writeAll(tabs, 2, writes)
  await lose(cut.network, 0)
  await exactEverywhere(tabs, writes)
})

test('a tab is cut off while the server is gone too: both are back, and within 20 s all are one room again', async ({
  browser,
  server,
}) => {
  test.setTimeout(120_000)
  const tabs = await openTabs(browser, server.url, 4)
  const cut = tabs[2] as Tab
  const other = tabs[0] as Tab
  const writes: Write[] = []
  await server.stop()
  await writeAll(tabs, 0, writes)
  await exactEverywhere(tabs, writes) // the links live on
  await lose(cut.network, 100)
  await writeAll(tabs, 1, writes)
  await expect.poll(() => linked(cut.page), { timeout: 40_000 }).toBe(0)
  await expect.poll(() => linked(other.page), { timeout: 40_000 }).toBe(2)
  await writeAll(tabs, 2, writes)
  await lose(cut.network, 0)
  await server.start()
  await inSyncWithin(20_000, ...tabs.map(({ page }) => page))
  await exactEverywhere(tabs, writes)
})
