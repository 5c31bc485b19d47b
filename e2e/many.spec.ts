/** More tabs than can all be linked with each other. */
import type { Page } from '@playwright/test'
import { LINKS_SETTLED_MAX } from '../src/core/limits'
import { expect, kill, test } from './support'

const TABS = 16

/** In the page: remembers the most links that it ever had. */
function watchDegree(): void {
  const { kv } = window
  const look = () => {
    const degree = kv.peers().filter(({ state }) => state === 'linked').length
    window.degreeMax = Math.max(window.degreeMax ?? 0, degree)
  }
  kv.watch(look)
  look()
}

declare global {
  interface Window {
    degreeMax?: number
  }
}

/** All of them are in sync with their neighbours, and hold the same. */
async function converged(pages: readonly Page[], timeout: number): Promise<void> {
  const states = () =>
    Promise.all(
      pages.map((page) =>
        page.evaluate(() => {
          const { inSync, digest } = window.kv.status()
          return { inSync, digest }
        }),
      ),
    )
  await expect
    .poll(
      async () => {
        const all = await states()
        return all.map(({ inSync, digest }) => inSync && digest === all[0]?.digest)
      },
      { timeout },
    )
    .toEqual(pages.map(() => true))
}

test(`${TABS} tabs: none has more than ${LINKS_SETTLED_MAX} links, a set reaches all, and when half of them vanish the rest heals`, async ({
  browser,
  openTab,
}) => {
  test.setTimeout(180_000)
  const pages: Page[] = []
  for (let at = 0; at < TABS; at += 1) {
    const page = await openTab(await browser.newContext(), 'many')
    await page.evaluate(watchDegree)
    pages.push(page)
  }
  await converged(pages, 60_000)
  await pages[0]!.evaluate(() => window.kv.set('chave', 'valor'))
  for (const page of pages) await page.waitForFunction(() => window.kv.get('chave') === 'valor')
  await converged(pages, 30_000)

  const gone = pages.filter((_, at) => at % 2 === 1)
  const left = pages.filter((_, at) => at % 2 === 0)
  await Promise.all(gone.map((page) => kill(page)))
  // Nobody knows yet who is gone: they write on all the same.
  await Promise.all(
    left.map((page, tab) =>
      page.evaluate(async (tab) => {
        await window.kv.set(`tab ${tab}`, tab)
        await window.kv.set('shared', tab, { merge: 'union' })
      }, tab),
    ),
  )
  await converged(left, 60_000)
  const expected = left.map((_, tab) => `tab ${tab}`).sort()
  for (const page of left) {
    expect(await page.evaluate(() => window.kv.keys({ prefix: 'tab' }))).toEqual(expected)
    expect(await page.evaluate(() => window.degreeMax)).toBeLessThanOrEqual(LINKS_SETTLED_MAX)
  }
})
