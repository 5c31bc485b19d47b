/** Tabs of one browser find each other without any network, while the server can't be reached. */
import type { Page } from '@playwright/test'
import type { open as openRoom } from '../src/kv'
import type { Kv } from '../src/runtime/contract'
import { expect, inSync, kvReady, test } from './support'

declare global {
  interface Window {
    openRoom: typeof openRoom
    without: Kv
  }
}

/** Leaves its room for another one, without loading anything. */
async function move(page: Page, room: string): Promise<void> {
  await page.evaluate((room) => {
    const before = window.kv
    location.hash = room
    return new Promise<void>((resolve) => {
      const look = () => (window.kv !== undefined && window.kv !== before ? resolve() : setTimeout(look, 20))
      look()
    })
  }, room)
}

const signaling = (page: Page) => page.evaluate(() => window.kv.status().signaling)

test('tabs that never reached the server are linked, converge, and are joined by others once it is back', async ({
  browser,
  context,
  openTab,
  server,
}) => {
  const tabs = [await openTab(context, 'before'), await openTab(context, 'before')] as const
  await inSync(...tabs)
  await server.stop()
  for (const tab of tabs) await move(tab, 'without-server')
  const [a, b] = tabs
  await a.evaluate(() => window.kv.set('chave', 'valor'))
  await b.evaluate(() => window.kv.set('outra', 1))
  await inSync(a, b)
  expect(await signaling(a)).toBe('down')
  expect(await b.evaluate(() => window.kv.get('chave'))).toBe('valor')

  const third = await context.newPage()
  await server.start()
  await third.goto(`${server.url}#without-server`)
  await kvReady(third)
  await inSync(a, b, third)
  const guest = await browser.newContext()
  const other = await openTab(guest, 'without-server')
  await inSync(a, b, third, other)
  expect(await other.evaluate(() => window.kv.entries())).toEqual([
    ['chave', 'valor'],
    ['outra', 1],
  ])
  await guest.close()
})

test('a tab that is offline by choice is linked by no way', async ({ context, openTab, server }) => {
  const tabs = [await openTab(context, 'before'), await openTab(context, 'before')] as const
  await server.stop()
  for (const tab of tabs) await move(tab, 'without-server')
  const [a, b] = tabs
  await inSync(a, b)
  await b.evaluate(() => window.kv.goOffline())
  await expect.poll(() => a.evaluate(() => window.kv.peers()[0]?.state)).toBe('away')
  await a.evaluate(() => window.kv.set('k', 1))
  expect(await b.evaluate(() => window.kv.get('k'))).toBeUndefined()
  await b.evaluate(() => window.kv.goOnline())
  await inSync(a, b)
  expect(await b.evaluate(() => window.kv.get('k'))).toBe(1)
})

test('embedders may do without: then tabs wait for the server', async ({ context, openTab, server }) => {
  const tabs = [await openTab(context, 'before'), await openTab(context, 'before')] as const
  const [a, b] = tabs
  for (const tab of tabs) {
    await tab.evaluate(async () => {
      const module = './kv.js'
      window.openRoom = ((await import(module)) as { open: typeof openRoom }).open
    })
  }
  await server.stop()
  for (const tab of tabs) {
    await tab.evaluate(
      async () => void (window.without = await window.openRoom({ room: 'without', nearby: false })),
    )
    await move(tab, 'with')
  }
  await inSync(a, b) // those who do with it are linked by now
  await a.evaluate(() => window.without.set('k', 1))
  expect(await b.evaluate(() => window.without.peers())).toEqual([])
  await server.start()
  await expect.poll(() => b.evaluate(() => window.without.get('k')), { timeout: 30_000 }).toBe(1)
})
