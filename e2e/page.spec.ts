/** The page itself: with the keyboard alone, in both languages, on a phone, by light and dark, from room to room. */
import type { BrowserContext, Page, TestInfo } from '@playwright/test'
import type { open as openRoom } from '../src/kv'
import { BUTTONS, chooseFile, closeAndStay, closeAtOnce, keyPane, say } from './hands'
import { expect, inSync, kvReady, startServer, test } from './support'

test('with the keyboard alone: set, find, change, delete, undo, and talk to the console', async ({
  context,
  openTab,
}) => {
  const page = await openTab(context)
  const { keyboard } = page
  await page.evaluate(() => window.kv.set('outra', 1))
  await expect(page.getByTestId('key-row')).toHaveCount(1)

  await keyboard.press('n')
  await expect(page.getByTestId('new-key-name')).toBeFocused()
  await keyboard.type('chave')
  await keyboard.press('Tab')
  await keyboard.type('valor')
  await keyboard.press('Control+Enter')
  await expect(keyPane(page, 'chave')).toBeVisible()
  expect(await page.evaluate(() => window.kv.get('chave'))).toBe('valor')

  await expect(page.locator('#key')).toBeFocused()
  await keyboard.press('/')
  await keyboard.type('out')
  await expect(page.getByTestId('key-row')).toHaveCount(1)
  await keyboard.press('ArrowDown')
  await expect(keyPane(page, 'outra')).toBeVisible()
  await expect(page.getByTestId('keys')).toBeFocused()
  await keyboard.press('/')
  await keyboard.press('Escape')
  await expect(page.getByTestId('key-row')).toHaveCount(2)
  await keyboard.press('ArrowDown')
  await keyboard.press('Home')
  await expect(page.getByRole('option', { name: 'chave' })).toHaveAttribute('aria-selected', 'true')

  await keyboard.press('Delete')
  await expect(page.getByTestId('key-row')).toHaveCount(1)
  expect(await page.evaluate(() => window.kv.has('chave'))).toBe(false)
  await tabTo(page, 'Undo')
  await keyboard.press('Enter')
  await expect(keyPane(page, 'chave')).toBeVisible()
  expect(await page.evaluate(() => window.kv.get('chave'))).toBe('valor')

  await page.evaluate(() => (document.activeElement as HTMLElement).blur())
  await keyboard.press('`')
  await expect(page.getByTestId('console-input')).toBeFocused()
  await keyboard.type('get cha')
  await keyboard.press('Tab')
  await expect(page.getByTestId('console-input')).toHaveValue(/^get chave ?$/)
  await keyboard.press('Enter')
  await expect(page.getByTestId('console-log')).toContainText('valor')
  await keyboard.press('ArrowUp')
  await expect(page.getByTestId('console-input')).toHaveValue(/^get chave ?$/)
  await keyboard.press('Escape')
  await tabTo(page, 'Online')
  await keyboard.press('Space')
  await page.waitForFunction(() => !window.kv.status().online)
})

test('what the console does not know, it says clearly', async ({ context, openTab }) => {
  const page = await openTab(context)
  expect(await say(page, 'gett chave')).toContain('Did you mean get?')
  expect(await say(page, 'set chave')).toContain('Usage: set')
  expect(await say(page, 'get a b')).toContain('One key, please')
  expect(await say(page, 'set "com espaço" "true"')).toBe('OK')
  expect(await say(page, 'get "com espaço"')).toBe('"true"')
  expect(await say(page, 'set n 12')).toBe('OK')
  expect(await page.evaluate(() => window.kv.get('n'))).toBe(12)
  expect(await say(page, 'keys')).toBe('"com espaço"\nn')
  expect(await say(page, 'del n')).toContain('deleted')
  expect(await say(page, 'del n')).toContain('has no value')
  expect(await say(page, 'help')).toContain('also sair')
})

test('speaks the browser’s language, and the other when asked to', async ({ browser, server }) => {
  const context = await browser.newContext({ locale: 'pt-BR' })
  const page = await context.newPage()
  await page.goto(server.url)
  await kvReady(page)
  await expect(page.getByRole('button', { name: 'Nova chave' })).toBeVisible()
  await expect(page.locator('html')).toHaveAttribute('lang', 'pt-BR')
  await page.getByTestId('menu').click()
  await page.getByText('English', { exact: true }).click()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('button', { name: 'New key' })).toBeVisible()
  await expect(page.locator('html')).toHaveAttribute('lang', 'en')
  await page.reload()
  await expect(page.getByRole('button', { name: 'New key' })).toBeVisible()
  await context.close()
})

test('looks like something by day and by night, at a desk and on a phone', async ({
  browser,
  server,
}, testInfo) => {
  const desk = await browser.newContext({ viewport: { width: 1_280, height: 800 } })
  const phone = await browser.newContext({
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  })
  const open = async (context: BrowserContext) => {
    const page = await context.newPage()
    await page.goto(`${server.url}#uma sala de nome comprido`)
    await kvReady(page)
    return page
  }
  const byEach = async (page: Page, name: string) => {
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme })
      expect(await page.evaluate(isLight)).toBe(colorScheme === 'light')
      await picture(page, testInfo, `${name}-${colorScheme}`)
    }
  }
  const page = await open(desk)
  await byEach(page, 'welcome')
  const peer = await open(desk)
  await page.bringToFront()
  await inSync(page, peer)
  await makeConflict(page, peer)
  await page.getByRole('option', { name: /^cor:/ }).click()
  await expect(keyPane(page, 'cor').getByTestId('version')).toHaveCount(2)
  await byEach(page, 'conflict')
  for (const width of [390, 600, 768, 850, 999, 1_000, 1_280]) {
    await page.setViewportSize({ width, height: 800 })
    expect(await page.evaluate(overlapsInHeader), `at ${width} px`).toEqual([])
  }
  await page.setViewportSize({ width: 1_280, height: 800 })

  const small = await open(phone)
  await inSync(page, peer, small)
  await expect(small.getByTestId('keys')).toBeVisible()
  await byEach(small, 'phone-keys')
  await small.getByRole('option', { name: /^cor:/ }).tap()
  await expect(keyPane(small, 'cor')).toBeVisible()
  await expect(small.getByTestId('keys')).toBeHidden()
  await byEach(small, 'phone-key')
  expect(await small.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
  await small.getByRole('button', { name: 'Keys', exact: true }).tap()
  await expect(small.getByTestId('keys')).toBeVisible()
  await BUTTONS.set(small, 'do telefone', 'olá')
  await page.waitForFunction(() => window.kv.get('do telefone') === 'olá')
  await small.getByRole('button', { name: 'Open the console' }).tap()
  expect(await say(small, 'get cor')).not.toBe('')
  await Promise.all([desk.close(), phone.close()])
})

test('the list of who is here shows each peer’s name, state, sync and round trip', async ({
  context,
  openTab,
}) => {
  const [page, peer] = [await openTab(context, 'quem'), await openTab(context, 'quem')]
  await inSync(page, peer)
  await context.addInitScript(noteStatuses)
  const leaver = await openTab(context, 'quem')
  await inSync(page, peer, leaver)
  const told = await leaver.evaluate(() => (window as unknown as { told: string[] }).told)
  expect(told).toContain('saved · connecting…')
  expect(told).not.toContain('saved · nobody else here yet')
  const nameOf = (tab: Page) => tab.evaluate(() => window.kv.node.name)
  const [peerName, leaverName] = [await nameOf(peer), await nameOf(leaver)]
  await page.bringToFront()
  await page.getByTestId('peers').click()
  const here = page.getByRole('dialog', { name: 'Who is here' })
  const rowOf = (name: string) => here.getByTestId('peer').filter({ hasText: name })
  await expect(here.getByTestId('peer')).toHaveCount(2)
  await expect(here).toContainText(`${await nameOf(page)} (you)`)
  for (const name of [peerName, leaverName]) {
    await expect(rowOf(name)).toHaveAttribute('data-state', 'linked')
    await expect(rowOf(name)).toHaveAttribute('data-in-sync', 'true')
    await expect(rowOf(name)).toContainText(/in sync · \d+(\.\d)? ms away/)
    await expect(rowOf(name)).toContainText(/\d.* in, .*\d.* out/)
  }
  await peer.evaluate(() => window.kv.goOffline())
  await leaver.evaluate(() => window.kv.leave())
  await expect(rowOf(peerName)).toContainText('away')
  await expect(rowOf(peerName)).toHaveAttribute('data-state', 'away')
  await expect(rowOf(leaverName)).toHaveAttribute('data-state', 'lost')
  await expect(page.getByTestId('peers')).toHaveAccessibleName('1 peer')
})

test('works under a sub-path: the page, its files, its room’s link, and the way to the others', async ({
  browser,
}) => {
  const server = await startServer({ BASE: '/sub/' })
  expect(new URL(server.url).pathname).toBe('/sub/')
  const [a, b] = [await browser.newPage(), await browser.newPage()]
  const failed: string[] = []
  a.on('response', (response) => response.ok() || failed.push(response.url()))
  for (const page of [a, b]) {
    await page.goto(`${server.url}#sala`)
    await kvReady(page)
  }
  await a.evaluate(() => window.kv.set('chave', 'valor'))
  await inSync(a, b)
  expect(await b.evaluate(() => window.kv.get('chave'))).toBe('valor')
  expect(await a.evaluate(() => window.kv.room.link)).toBe(`${server.url}#sala`)
  expect(await a.evaluate(() => window.kv.status().signaling)).toBe('up')

  // An embedder's module beside it, which finds its server by the page it is on.
  const link = await a.evaluate(async () => {
    const { open } = (await import(new URL('kv.js', location.href).href)) as { open: typeof openRoom }
    const kv = await open({ room: 'sala' })
    await new Promise<void>((resolve) => {
      const look = () => (kv.has('chave') && kv.status().inSync ? resolve() : undefined)
      kv.watch(look)
      look()
    })
    await kv.leave()
    return kv.room.link
  })
  expect(link).toBe(`${server.url}#sala`)
  expect(failed).toEqual([])
  for (const page of [a, b]) await page.context().close()
  await server.stop()
})

test('what is being typed stays while another key is looked at, and when somebody deletes its own', async ({
  context,
  openTab,
}) => {
  const [page, peer] = [await openTab(context, 'rascunho'), await openTab(context, 'rascunho')]
  await inSync(page, peer)
  await page.bringToFront()
  const first = page.getByTestId('welcome').getByTestId('new-key-name')
  await first.click()
  await page.keyboard.type('ha')
  await peer.evaluate(() => window.kv.setMany(Object.entries({ a: 'one', b: 'two' })))
  await expect(page.getByTestId('key-row')).toHaveCount(2)
  await page.keyboard.type('lf')
  await expect(first).toHaveValue('half')
  await first.fill('')
  const value = (key: string) => keyPane(page, key).getByTestId('value')
  await page.getByRole('option', { name: /^a:/ }).click()
  await value('a').fill('half a sentence')
  await page.setViewportSize({ width: 1_280, height: 400 })
  const main = page.locator('#key')
  await main.evaluate((element) => element.scrollTo(0, 100))
  expect(await main.evaluate((element) => element.scrollTop)).toBe(100)
  await page.getByRole('option', { name: /^b:/ }).click()
  await expect(value('b')).toHaveValue('two')
  expect(await main.evaluate((element) => element.scrollTop), 'another key is seen from its top').toBe(0)
  await page.setViewportSize({ width: 1_280, height: 720 })
  await page.getByRole('option', { name: /^a:/ }).click()
  await expect(value('a')).toHaveValue('half a sentence')
  await peer.evaluate(() => window.kv.delete('a'))
  await expect(keyPane(page, 'a').getByText('This key is not there any more.')).toBeVisible()
  await expect(value('a')).toHaveValue('half a sentence')
  await keyPane(page, 'a').getByRole('button', { name: 'Save' }).click()
  await peer.waitForFunction(() => window.kv.get('a') === 'half a sentence')
  await expect(keyPane(page, 'a').getByTestId('clock')).toBeVisible()

  const form = page.getByTestId('new-key')
  const newKey = () => page.getByRole('button', { name: 'New key', exact: true }).click()
  await newKey()
  await form.getByTestId('new-key-name').fill('c')
  await form.getByTestId('value').fill('half an idea')
  await page.getByRole('option', { name: /^b:/ }).click()
  await newKey()
  await expect(form.getByTestId('new-key-name')).toHaveValue('c')
  await expect(form.getByTestId('value')).toHaveValue('half an idea')
  const filter = page.getByRole('searchbox', { name: 'Filter keys' })
  await filter.fill('b')
  await form.getByRole('button', { name: 'Set', exact: true }).click()
  await peer.waitForFunction(() => window.kv.get('c') === 'half an idea')
  await expect(filter, 'a new key is in the list').toHaveValue('')
  await newKey()
  await expect(form.getByTestId('new-key-name')).toHaveValue('')
  await expect(form.getByTestId('value')).toHaveValue('')
  await form.getByTestId('value').fill('never mind')
  await form.getByRole('button', { name: 'Cancel' }).click()
  await newKey()
  await expect(form.getByTestId('value')).toHaveValue('')

  await form.getByTestId('value').fill('not lost')
  await closeAndStay(page)
  await expect(form.getByTestId('value')).toHaveValue('not lost')
  await BUTTONS.leave(page)
  await page.getByRole('button', { name: 'Open again' }).click()
  await newKey()
  await expect(form.getByTestId('value')).toHaveValue('not lost')
  await form.getByRole('button', { name: 'Cancel' }).click()
  await closeAtOnce(page)
})

test('keys with several versions can be shown alone, until they are resolved', async ({
  context,
  openTab,
}) => {
  const [page, peer] = [await openTab(context, 'conflitos'), await openTab(context, 'conflitos')]
  await inSync(page, peer)
  const chip = page.getByRole('button', { name: '1 conflict' })
  await page.evaluate(() => window.kv.set('colher', 1))
  await expect(page.getByTestId('key-row')).toHaveCount(1)
  await expect(chip).toHaveCount(0)
  await page.bringToFront()
  await makeConflict(page, peer)
  await expect(page.getByTestId('key-row')).toHaveCount(4)
  await chip.click()
  await expect(page.getByTestId('key-row')).toHaveCount(1)
  await expect(chip).toHaveAttribute('aria-pressed', 'true')
  await expect(page.getByTestId('key-count')).toHaveText('1 of 4 keys')
  expect(await say(page, 'keys --conflicts')).toBe('cor')
  await page.getByRole('searchbox', { name: 'Filter keys' }).fill('col')
  await expect(page.getByTestId('key-row')).toHaveCount(0)
  await page.getByRole('button', { name: 'Clear the filter' }).click()
  await page.getByRole('option', { name: /^cor:/ }).click()
  await page
    .getByRole('button', { name: /^Keep this, the version of/ })
    .first()
    .click()
  await expect(chip).toHaveCount(0)
  await expect(page.getByTestId('key-row')).toHaveCount(4)
  expect(await say(page, 'keys --conflicts')).toBe('No key has several versions.')
  await expect(peer.getByTestId('conflicts-only')).toHaveCount(0)
})

test('a long list is walked by keys; what is looked for is seen from its top, or where the chosen key is', async ({
  context,
  openTab,
}) => {
  const page = await openTab(context, 'longa')
  await page.evaluate(() =>
    window.kv.setMany(Array.from({ length: 1_000 }, (_, at) => [`key ${String(at).padStart(3, '0')}`, at])),
  )
  const list = page.getByTestId('keys')
  const filter = page.getByRole('searchbox', { name: 'Filter keys' })
  const row = (key: string) => page.locator(`[data-testid=key-row][data-key="${key}"]`)
  await expect(page.getByTestId('key-count')).toHaveText('1,000 keys')
  await expect(row('key 999')).toHaveCount(0) // not drawn: it is not in sight
  await list.focus()
  await page.keyboard.press('End')
  await expect(row('key 999')).toBeInViewport({ ratio: 0.9 })
  await expect(row('key 999')).toHaveAttribute('aria-selected', 'true')
  await page.keyboard.press('PageUp')
  await expect(list).toHaveAttribute('aria-activedescendant', (await row('key 989').getAttribute('id')) ?? '')

  await filter.fill('9')
  await expect(page.getByTestId('key-count')).toHaveText('271 of 1,000 keys')
  await expect(row('key 989')).toBeInViewport({ ratio: 0.9 })
  await filter.fill('1')
  await expect(row('key 001')).toBeInViewport({ ratio: 0.9 })
  await filter.fill('')
  await expect(row('key 989')).toBeInViewport({ ratio: 0.9 })
  await list.focus()
  await page.keyboard.press('Home')
  await expect(row('key 000')).toBeInViewport({ ratio: 0.9 })
  await expect(row('key 989')).toHaveCount(0)
})

test('an import is shown before it is done, and can be called off', async ({ context, openTab }) => {
  const page = await openTab(context)
  await page.evaluate(() =>
    window.kv.setMany([
      ['muda', 1],
      ['fica', 2],
    ]),
  )
  const file = { muda: 'novo', fica: 2, entra: [1] }
  const preview = page.getByTestId('import')
  await chooseFile(page, { text: JSON.stringify(file) })
  await expect(preview.getByTestId('import-added')).toContainText('entra')
  await expect(preview.getByTestId('import-updated')).toContainText('muda')
  await expect(preview.getByTestId('import-unchanged')).toContainText('1')
  await expect(preview.getByTestId('import-removed')).toHaveCount(0)
  expect(await page.evaluate(() => window.kv.keys())).toEqual(['fica', 'muda'])
  await preview.getByRole('button', { name: 'Cancel' }).click()
  await expect(preview).toBeHidden()
  expect(await page.evaluate(() => window.kv.get('muda'))).toBe(1)

  await chooseFile(page, { text: JSON.stringify(file) })
  await preview.getByRole('button', { name: 'Import', exact: true }).click()
  await expect(page.getByTestId('notice')).toContainText('2 keys changed')
  expect(await page.evaluate(() => window.kv.entries())).toEqual([
    ['entra', [1]],
    ['fica', 2],
    ['muda', 'novo'],
  ])

  await chooseFile(page, { text: '{"n":{"id":9007199254740993}}' })
  await expect(preview.getByTestId('import-loss')).toContainText('stored as 9007199254740992')
  await preview.getByRole('button', { name: 'Cancel' }).click()
  await expect(preview).toBeHidden()
})

test('the fragment is the room: another one leaves the old and opens the new', async ({
  context,
  openTab,
}) => {
  const page = await openTab(context, 'primeira')
  const stays = await openTab(context, 'primeira')
  await inSync(page, stays)
  await page.evaluate(() => window.kv.set('chave', 'da primeira'))
  await page.evaluate(() => Object.assign(window, { old: window.kv }))
  await goTo(page, 'segunda')
  const after = await page.evaluate(() => {
    const { old } = window as unknown as { old: typeof window.kv }
    try {
      old.get('chave')
      return ['open', window.kv.size]
    } catch (error) {
      return [(error as { code: string }).code, window.kv.size]
    }
  })
  expect(after).toEqual(['closed', 0])
  await stays.waitForFunction(() => window.kv.peers().every(({ state }) => state === 'lost'))
  await goTo(page, 'primeira')
  expect(await page.evaluate(() => window.kv.get('chave'))).toBe('da primeira')
  await inSync(page, stays)

  // Percent-encoded and in another normal form it is the same room.
  await goTo(page, 'praça'.normalize('NFD'), 'praça')
  await page.evaluate(() => window.kv.set('chave', 'da praça'))
  await goTo(page, 'primeira')
  await goTo(page, encodeURIComponent('praça'), 'praça')
  expect(await page.evaluate(() => window.kv.get('chave'))).toBe('da praça')
})

test('a new private room has a code that nobody guesses, and its link opens it elsewhere', async ({
  browser,
  context,
  openTab,
}) => {
  const page = await openTab(context)
  await page.getByRole('button', { name: /lobby/ }).click()
  await page.getByRole('button', { name: 'New private room' }).click()
  await page.waitForFunction(() => window.kv.room.code !== 'lobby')
  const { code, link } = await page.evaluate(() => window.kv.room)
  expect(code.replaceAll('-', '').length * 5).toBeGreaterThanOrEqual(128)
  await page.evaluate(() => window.kv.set('chave', 'valor'))
  const other = await (await browser.newContext()).newPage()
  await other.goto(link)
  await kvReady(other)
  await inSync(page, other)
  expect(await other.evaluate(() => window.kv.get('chave'))).toBe('valor')
  await other.context().close()
})

test('this device’s rooms are listed; one that is forgotten is gone, and its other tabs say so', async ({
  context,
  openTab,
}) => {
  const first = await openTab(context, 'primeira')
  await first.evaluate(() =>
    window.kv.setMany([
      ['a', 1],
      ['b', 2],
    ]),
  )
  const second = await openTab(context, 'segunda')
  await second.evaluate(() => window.kv.set('chave', 1))
  const rooms = second.getByTestId('rooms')
  const row = (code: string) => second.locator(`[data-testid=room][data-code="${code}"]`)

  await second.getByRole('button', { name: /segunda/ }).click()
  await expect(row('primeira')).toContainText('2 keys')
  await expect(row('segunda')).toContainText('this room')
  await row('primeira').getByRole('button', { name: 'Forget primeira' }).click()
  await row('primeira').getByRole('button', { name: 'Erase' }).click()
  await expect(row('primeira')).toHaveCount(0)
  await expect(rooms.getByTestId('room')).toHaveCount(1)
  await expect(first.getByTestId('aside')).toHaveAttribute('data-phase', 'ended')
  await expect(first.getByTestId('aside')).toContainText('forgot the room')
  await first.close()
  expect(await second.evaluate(() => window.kv.get('chave'))).toBe(1)

  await goTo(second, 'primeira')
  expect(await second.evaluate(() => window.kv.size)).toBe(0)
  await goTo(second, 'segunda')
  expect(await second.evaluate(() => window.kv.get('chave'))).toBe(1)
  expect(await say(second, 'rooms')).toContain('segunda')
  await second.getByTestId('console-input').fill('forget segunda')
  await second.keyboard.press('Enter')
  await expect(second.getByTestId('aside')).toHaveAttribute('data-phase', 'forgotten')
  expect(new URL(second.url()).hash, 'loaded anew, it does not come back').toBe('')
})

test('forget in one tab closes the room in the others, and erases it', async ({ context, openTab }) => {
  const [a, b] = [await openTab(context, 'esquecer'), await openTab(context, 'esquecer')]
  await inSync(a, b)
  await a.evaluate(() => window.kv.set('chave', 'valor'))
  await b.waitForFunction(() => window.kv.has('chave'))
  await a.evaluate(() => window.kv.forget())
  await expect(b.getByTestId('aside')).toHaveAttribute('data-phase', 'ended')
  const code = await b.evaluate(() => {
    try {
      return JSON.stringify(window.kv.get('chave'))
    } catch (error) {
      return (error as { code: string }).code
    }
  })
  expect(code).toBe('closed')
  await expect
    .poll(() => a.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name)))
    .toEqual([])
  const again = await openTab(context, 'esquecer')
  expect(await again.evaluate(() => window.kv.size)).toBe(0)
})

/** Presses Tab until the element of that name has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  const focused = () =>
    page.evaluate(() => {
      const { activeElement } = document
      return activeElement?.getAttribute('aria-label') ?? activeElement?.textContent?.trim()
    })
  for (let presses = 0; presses < 60; presses += 1) {
    if ((await focused()) === name) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab does not lead to “${name}”`)
}

async function goTo(page: Page, fragment: string, code = fragment): Promise<void> {
  await page.evaluate((fragment) => void (location.hash = fragment), fragment)
  await page.waitForFunction((code) => window.kv.room.code === code, code)
}

async function makeConflict(a: Page, b: Page): Promise<void> {
  await a.evaluate(() =>
    window.kv.setMany([
      ['cor', 'cinza'],
      ['lista', ['pão', 'leite']],
      ['total', 42],
    ]),
  )
  await b.waitForFunction(() => window.kv.has('cor'))
  for (const [page, color] of [
    [a, 'azul'],
    [b, 'verde'],
  ] as const) {
    await page.evaluate(async (color) => {
      window.kv.goOffline()
      await window.kv.set('cor', color)
    }, color)
  }
  await Promise.all([a, b].map((page) => page.evaluate(() => window.kv.goOnline())))
  await inSync(a, b)
}

/** In the page: keeps in `told` whatever its status says from the beginning. */
function noteStatuses(): void {
  const told: (string | null)[] = []
  Object.assign(window, { told })
  new MutationObserver(() => {
    const status = document.querySelector('[data-testid=status]')
    if (status !== null && status.textContent !== told.at(-1)) told.push(status.textContent)
  }).observe(document, { subtree: true, childList: true, characterData: true })
}

/** In the page: what stands on something else in the header, by class. */
function overlapsInHeader(): string[] {
  const parts = [...document.querySelectorAll('header > *')].map((part) => {
    const { left, right, top, bottom } = (part.firstElementChild ?? part).getBoundingClientRect()
    return { name: part.className || part.tagName, left, right, top, bottom }
  })
  return parts.flatMap((a, at) =>
    parts
      .slice(at + 1)
      .filter(
        (b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1,
      )
      .map((b) => `${a.name} and ${b.name}`),
  )
}

/** In the page: what is written on is lighter than what is written. */
function isLight(): boolean {
  const lightness = (css: string) => {
    const canvas = new OffscreenCanvas(1, 1).getContext('2d')!
    canvas.fillStyle = css
    canvas.fillRect(0, 0, 1, 1)
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).reduce((sum, part) => sum + part, 0)
  }
  const { backgroundColor, color } = getComputedStyle(document.body)
  return lightness(backgroundColor) > lightness(color)
}

/** To be looked at by people, not compared. */
async function picture(page: Page, testInfo: TestInfo, name: string): Promise<void> {
  const path = testInfo.outputPath(`${name}.png`)
  await page.screenshot({ path, animations: 'disabled' })
  await testInfo.attach(name, { path, contentType: 'image/png' })
}
