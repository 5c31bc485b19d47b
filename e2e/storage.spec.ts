/** A disk that is full, a database that is gone, a browser that keeps nothing: no loss, and the page says so. */
import type { BrowserContext } from '@playwright/test'
import type { KvError } from '../src/core/errors'
import { closeAndStay } from './hands'
import { expect, inSync, kvReady, test } from './support'

interface Disk {
  full: boolean
  databases: Set<IDBDatabase>
}

declare global {
  interface Window {
    disk: Disk
  }
}

/** From now on the context's pages have `window.disk`. */
async function tamperable(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    window.disk = { full: false, databases: new Set() }
    for (const method of ['put', 'add'] as const) {
      const original = IDBObjectStore.prototype[method]
      IDBObjectStore.prototype[method] = function (...args) {
        if (window.disk.full) throw new DOMException('no room left', 'QuotaExceededError')
        return original.apply(this, args)
      }
    }
    const open = IDBFactory.prototype.open
    IDBFactory.prototype.open = function (...args) {
      const request = open.apply(this, args)
      request.addEventListener('success', () => window.disk.databases.add(request.result))
      return request
    }
  })
}

test('a full disk: nothing is lost, the page says "not saved" in red, and recovers without reload', async ({
  browser,
  context,
  openTab,
}) => {
  await tamperable(context)
  const [a, b] = [await openTab(context), await openTab(await browser.newContext())]
  await a.evaluate(() => window.kv.set('before', 1))
  await inSync(a, b)

  const outcome = await a.evaluate(async () => {
    window.disk.full = true
    const saved = window.kv.set('chave', 'valor').then(
      () => 'saved',
      ({ code }: KvError) => code,
    )
    const shown = window.kv.get('chave')
    const { unsaved } = window.kv.status()
    return { shown, unsaved, saved: await saved }
  })
  expect(outcome).toEqual({ shown: 'valor', unsaved: 1, saved: 'not-saved' })
  expect(await a.evaluate(() => window.kv.status().storage)).toBe('failing')
  const status = a.getByTestId('status')
  await expect(status).toContainText('not saved: 1 change')
  await expect(status).toHaveAttribute('data-tone', 'bad')
  await a.getByTestId('advisory').click() // browsers ask for nobody who has not touched the page
  await closeAndStay(a)
  await b.waitForFunction(() => window.kv.get('chave') === 'valor')
  await b.evaluate(() => window.kv.set('from b', 2))
  await a.waitForFunction(() => window.kv.get('from b') === 2)

  await a.evaluate(() => void (window.disk.full = false))
  await a.waitForFunction(() => window.kv.status().unsaved === 0 && window.kv.status().storage !== 'failing')
  await expect(status).toContainText(/^saved/)
  await expect(status).not.toHaveAttribute('data-tone', 'bad')
  await inSync(a, b)

  await b.evaluate(() => window.kv.goOffline())
  await a.reload()
  await kvReady(a)
  expect(await a.evaluate(() => window.kv.entries())).toEqual([
    ['before', 1],
    ['chave', 'valor'],
    ['from b', 2],
  ])
  await a.evaluate(() => window.kv.set('chave', 'outro'))
  await b.evaluate(() => window.kv.goOnline())
  await inSync(a, b)
  expect(await b.evaluate(() => window.kv.get('chave'))).toBe('outro')
})

test('a tab that is closed while its disk is full takes nothing of its peers with it', async ({
  browser,
  context,
  openTab,
}) => {
  await tamperable(context)
  const [a, b] = [await openTab(context), await openTab(await browser.newContext())]
  await inSync(a, b)
  const code = await a.evaluate(() => {
    window.disk.full = true
    return window.kv.set('chave', 'valor').catch(({ code }: KvError) => code)
  })
  expect(code).toBe('not-saved')
  await b.waitForFunction(() => window.kv.get('chave') === 'valor')
  await a.reload()
  await kvReady(a)
  await inSync(a, b)
  expect(await a.evaluate(() => window.kv.get('chave'))).toBe('valor')
})

test('a database that the browser terminates is opened again, and what was under way is saved', async ({
  context,
  openTab,
}) => {
  await tamperable(context)
  const page = await openTab(context)
  await page.evaluate(() => window.kv.set('a', 1))
  await page.evaluate(async () => {
    const saved = window.kv.set('b', 2)
    for (const database of window.disk.databases) {
      database.close()
      database.dispatchEvent(new Event('close'))
    }
    await saved
    await window.kv.set('c', 3)
  })
  expect(await page.evaluate(() => window.kv.status())).toMatchObject({ unsaved: 0, storage: 'best-effort' })
  await page.reload()
  await kvReady(page)
  expect(await page.evaluate(() => window.kv.entries())).toEqual([
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ])
})

test('with IndexedDB missing, forbidden or refusing to open the page works in memory and says so', async ({
  browser,
  openTab,
}) => {
  const peer = await openTab(await browser.newContext())
  for (const how of ['missing', 'forbidden', 'refusing to open']) {
    await test.step(how, async () => {
      const place = await browser.newContext()
      await place.addInitScript((how) => {
        const refuse = (): never => {
          throw new DOMException('not here', 'SecurityError')
        }
        if (how === 'refusing to open') IDBFactory.prototype.open = refuse
        else {
          const get = how === 'forbidden' ? refuse : () => undefined
          Object.defineProperty(window, 'indexedDB', { get })
        }
      }, how)
      const page = await openTab(place)
      await page.evaluate((how) => window.kv.set(how, 'valor'), how)
      expect(await page.evaluate(() => window.kv.status())).toMatchObject({ storage: 'memory', unsaved: 0 })
      await expect(page.getByTestId('status')).toContainText('only in this tab')
      await inSync(page, peer)
      await page.reload()
      await kvReady(page)
      await inSync(page, peer)
      expect(await page.evaluate((how) => window.kv.get(how), how)).toBe('valor')
      expect(await peer.evaluate((how) => window.kv.inspect(how)?.versions, how)).toHaveLength(1)
      await page.evaluate(() => window.kv.goOffline())
      await expect(page.getByTestId('status')).toContainText('you are offline')
      await page.getByTestId('advisory').click()
      await closeAndStay(page)
      await page.evaluate(() => window.kv.leave())
      await place.close()
    })
  }
})
