/** 50,000 keys: written, handed to a newcomer, loaded again, put into a file and taken out of it. */
import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { chooseFile, chooseInMenu } from './hands'
import { expect, kvReady, test } from './support'

const KEYS = 50_000

declare global {
  interface Window {
    said: string[]
  }
}

/** From the page's first moment on: all that its status line says. */
function listenToStatus(): void {
  window.said = []
  const note = () => {
    const words = document.querySelector('[data-testid=status]')?.textContent.trim() ?? ''
    if (window.said.at(-1) !== words) window.said.push(words)
  }
  new MutationObserver(note).observe(document, { childList: true, characterData: true, subtree: true })
}

test.describe.configure({ mode: 'serial' })

test('50,000 keys go to a newcomer over one link, and are there at once after a reload without anybody', async ({
  browser,
  context,
  openTab,
  server,
}) => {
  test.setTimeout(120_000)
  const a = await openTab(context)
  const progress = await fill(a, 'v1')
  expect(progress.at(-1)).toEqual([KEYS, KEYS])
  await expect(a.getByTestId('key-count')).toHaveText('50,000 keys')

  const b = await (await browser.newContext()).newPage()
  await b.addInitScript(listenToStatus)
  await b.goto(server.url)
  await kvReady(b)
  await expect
    .poll(() => b.evaluate(() => [window.kv.size, window.kv.status().inSync]), { timeout: 60_000 })
    .toEqual([KEYS, true])
  expect(await b.evaluate(() => window.said.join('\n'))).toMatch(/[1-9][0-9,]* of 50,000/)
  expect(await b.evaluate(() => window.kv.peers().length)).toBe(1)
  expect(await digest(b)).toBe(await digest(a))
  await expect(b.getByTestId('key-count')).toHaveText('50,000 keys')

  await a.evaluate(() => window.kv.leave())
  // What peers sent may lag on disk; an own write is saved after all that came before it.
  await b.evaluate(() => window.kv.set('after', 'all'))
  await b.addInitScript(() => Reflect.deleteProperty(window, 'RTCPeerConnection'))
  await b.reload()
  await kvReady(b)
  expect(
    await b.evaluate(() => [window.kv.size, window.kv.get('key 00007'), window.kv.status().linked]),
  ).toEqual([KEYS + 1, { at: 7, text: `v1 ${'x'.repeat(80)}` }, 0])
  await b.context().close()
})

test('export, erase, import: the same digest; an old file changes nothing newer and says so', async ({
  context,
  openTab,
}, testInfo) => {
  test.setTimeout(120_000)
  const page = await openTab(context)
  await fill(page, 'v1')
  const old = await exported(page, testInfo.outputPath('old.json'))
  await page.evaluate(async () => {
    await window.kv.setMany(window.kv.keys({ prefix: 'key 000' }).map((key) => [key, 'newer']))
    await window.kv.delete('key 49999')
    await window.kv.set('late', true)
  })
  const current = await exported(page, testInfo.outputPath('current.json'))
  expect(JSON.parse(await readFile(current, 'utf8'))).toMatchObject({ format: 'fofoca-snapshot', version: 1 })
  expect(await readFile(current, 'utf8')).not.toContain('lobby')
  const before = await digest(page)

  await chooseFile(page, { path: old })
  await expect(page.getByTestId('import-nothing')).toBeVisible({ timeout: 30_000 })
  await expect(page.getByTestId('import-unchanged')).toContainText('50,000')
  await page.getByRole('button', { name: 'Import', exact: true }).click()
  await expect(page.getByTestId('notice')).toContainText('nothing changed', { timeout: 30_000 })
  expect(await digest(page)).toBe(before)

  await page.evaluate(() => window.kv.forget())
  await page.reload()
  await kvReady(page)
  expect(await page.evaluate(() => window.kv.size)).toBe(0)
  expect(await digest(page)).not.toBe(before)

  await chooseFile(page, { path: current })
  await expect(page.getByTestId('import-added')).toHaveAttribute('data-count', '50000', { timeout: 30_000 })
  await page.getByRole('button', { name: 'Import', exact: true }).click()
  await expect(page.getByTestId('notice')).toContainText('50,000 keys changed', { timeout: 30_000 })
  expect(await digest(page)).toBe(before)
  await page.reload()
  await kvReady(page)
  expect(await digest(page)).toBe(before)
  expect(await page.evaluate(() => [window.kv.get('key 00042'), window.kv.get('late')])).toEqual([
    'newer',
    true,
  ])
})

/** Resolves with the progress that was told. */
function fill(page: Page, text: string): Promise<[number, number][]> {
  return page.evaluate(
    async ({ text, keys }) => {
      const progress: [number, number][] = []
      const entries = Array.from(
        { length: keys },
        (_, at) => [`key ${String(at).padStart(5, '0')}`, { at, text: `${text} ${'x'.repeat(80)}` }] as const,
      )
      await window.kv.setMany(entries, { onProgress: (done, total) => progress.push([done, total]) })
      return progress
    },
    { text, keys: KEYS },
  )
}

async function exported(page: Page, path: string): Promise<string> {
  const download = page.waitForEvent('download')
  await chooseInMenu(page, 'Export to a file')
  await (await download).saveAs(path)
  return path
}

function digest(page: Page): Promise<string> {
  return page.evaluate(() => window.kv.status().digest)
}
