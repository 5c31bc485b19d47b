/**
 * The page for those who don't see it, or see colours otherwise: axe over its main screens, by day, by night and on a
 * phone.
 */
import type { BrowserContextOptions, Page } from '@playwright/test'
import axe from 'axe-core'
import { keyPane, say } from './hands'
import { expect, inSync, kvReady, test } from './support'

const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }

const PLACES: [name: string, options: BrowserContextOptions][] = [
  ['a desk, by day and by night', { viewport: { width: 1_280, height: 800 }, colorScheme: 'light' }],
  ['a phone, by night, in Portuguese', { ...PHONE, colorScheme: 'dark', locale: 'pt-BR' }],
]

for (const [name, options] of PLACES) {
  test(`nothing stands in anybody's way: ${name}`, async ({ browser, server }) => {
    test.slow()
    const context = await browser.newContext({ ...options, reducedMotion: 'reduce' })
    const phone = options.isMobile === true
    const [page, peer] = [await context.newPage(), await context.newPage()]
    for (const tab of [page, peer]) {
      await tab.goto(server.url)
      await kvReady(tab)
    }
    await page.bringToFront()
    await inSync(page, peer)
    const found: string[] = []
    const look = async (screen: string) => {
      found.push(...(await obstacles(page, screen)))
      if (options.colorScheme === 'dark') return
      await page.emulateMedia({ colorScheme: 'dark' })
      found.push(...(await obstacles(page, `${screen} by night`)))
      await page.emulateMedia({ colorScheme: 'light' })
    }
    await look('an empty room')

    await page.evaluate(() =>
      window.kv.setMany([
        ['lista', ['pão']],
        ['cor', 'cinza'],
        ['duas\nlinhas', 'texto'],
      ]),
    )
    await inSync(page, peer)
    for (const [tab, color] of [
      [page, 'azul'],
      [peer, 'verde'],
    ] as const) {
      await tab.evaluate(async (color) => {
        window.kv.goOffline()
        await window.kv.set('cor', color)
      }, color)
    }
    for (const tab of [page, peer]) await tab.evaluate(() => window.kv.goOnline())
    await inSync(page, peer)
    await expect(page.getByTestId('key-row')).toHaveCount(3)
    await look('keys')
    await page.getByTestId('conflicts-only').click()
    await expect(page.getByTestId('key-row')).toHaveCount(1)
    await look('conflicts only')

    await page.locator('[data-testid=key-row][data-key=cor]').click()
    await expect(keyPane(page, 'cor').getByTestId('version')).toHaveCount(2)
    await look('a conflict')
    await keyPane(page, 'cor').getByTestId('value').fill('[1')
    await look('a value that is being changed')

    for (const menu of ['room-menu', 'peers', 'share', 'menu']) {
      await page.getByTestId(menu).click()
      await expect(page.getByRole('dialog')).toBeVisible()
      await look(menu)
      await page
        .getByRole('dialog')
        .evaluate((panel) => (panel.querySelector<HTMLElement>('button, input') ?? panel).focus())
      await page.keyboard.press('Escape')
      await expect(page.getByRole('dialog')).toBeHidden()
      await expect(page.getByTestId(menu)).toBeFocused()
    }
    if (phone) await page.goBack()
    if (phone) await page.locator('.unfold').click()
    expect(await say(page, 'clock cor')).not.toBe('')
    expect(await say(page, 'gett')).not.toBe('')
    await look('console')
    if (phone) await page.locator('.console form button').click()
    const chooser = page.waitForEvent('filechooser')
    await page.getByTestId('menu').click()
    await page.locator('[popover]:popover-open button').nth(1).click()
    await (
      await chooser
    ).setFiles({ name: 'a.json', mimeType: 'application/json', buffer: Buffer.from('{"entra":1,"cor":2}') })
    await expect(page.getByTestId('import-added')).toBeVisible()
    await look('import')
    await page.keyboard.press('Escape')
    await page.getByTestId('menu').click()
    await page.locator('[popover]:popover-open button').nth(2).click()
    await expect(page.getByTestId('aside')).toBeVisible()
    await look('a room that was left')
    expect(found).toEqual([])
    await context.close()
  })
}

/** What axe calls serious or critical, a line each. */
async function obstacles(page: Page, screen: string): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source)
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run())
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, any }) => `${screen}: ${id}: ${target.join(' ')}: ${any[0]?.message ?? ''}`),
    )
}
