/** The page under its own Content-Security-Policy: everything that people do works, and nothing breaks the policy. */
import type { BrowserContext, Page } from '@playwright/test'
import { readFile } from 'node:fs/promises'
import { CHROMIUM } from './chromium'
import { BUTTONS, chooseFile, chooseInMenu, CONSOLE, keyPane, say } from './hands'
import { expect, inSync, kvReady, test } from './support'

test.use({ launchOptions: CHROMIUM }) // with all that our headers ask of it

/** What the browser complains about from now on, in all pages of the context. */
async function complaintsOf(context: BrowserContext): Promise<string[]> {
  const complaints: string[] = []
  await context.exposeFunction('complain', (text: string) => complaints.push(text))
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      const { violatedDirective, blockedURI, sourceFile, lineNumber } = event
      const { complain } = window as unknown as { complain: (text: string) => void }
      complain(`${violatedDirective}: ${blockedURI} at ${sourceFile}:${lineNumber}`)
    })
  })
  const follow = (page: Page) => {
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
    })
  }
  context.on('page', follow)
  return complaints
}

test('everything in the page works under the policy, in both languages, by night and by day', async ({
  browser,
  server,
}) => {
  const context = await browser.newContext({ locale: 'pt-BR', colorScheme: 'dark' })
  const complaints = await complaintsOf(context)
  const open = async () => {
    const page = await context.newPage()
    await page.goto(server.url)
    await kvReady(page)
    return page
  }
  const page = await open()
  await page.getByTestId('menu').click()
  await page.getByText('English', { exact: true }).click()
  await page.keyboard.press('Escape')
  await BUTTONS.set(page, 'chave', '<img src=x onerror=alert(1)>')
  const peer = await open()
  await page.bringToFront()
  await inSync(page, peer)
  expect(await BUTTONS.get(page, 'chave')).toContain('<img')

  await BUTTONS.goOffline(page)
  await CONSOLE.set(page, 'cor', 'azul')
  await CONSOLE.set(peer, 'cor', 'verde')
  await BUTTONS.goOnline(page)
  await inSync(page, peer)
  await page.getByRole('option', { name: /^cor:/ }).click()
  await expect(keyPane(page, 'cor').getByTestId('version')).toHaveCount(2)
  const bar = keyPane(page, 'cor').locator('.bar').first()
  expect((await bar.boundingBox())!.width, 'styles that scripts set are applied').toBeGreaterThan(0)

  await page.emulateMedia({ colorScheme: 'light' })
  expect(await say(page, 'clock cor')).not.toBe('')
  expect(await say(page, 'status')).not.toBe('')
  const saved = page.waitForEvent('download')
  await chooseInMenu(page, 'Export to a file')
  await saved
  await chooseFile(page, { text: '{"entra":1}' })
  await page.getByTestId('import').getByRole('button', { name: 'Import', exact: true }).click()
  await expect(page.getByTestId('notice')).toContainText('1 key')
  await page.getByRole('button', { name: 'Share' }).first().click()
  await page.keyboard.press('Escape')
  await page.getByTestId('menu').click()
  await page.keyboard.press('Escape')
  await BUTTONS.leave(page)
  expect(complaints).toEqual([])
  await context.close()
})

test('keys and values that turn text around, colour terminals or look like markup or formulas stay what they are', async ({
  browser,
  server,
}, testInfo) => {
  const context = await browser.newContext({ locale: 'en' })
  const complaints = await complaintsOf(context)
  const page = await context.newPage()
  await page.goto(`${server.url}#foreign`)
  await kvReady(page)
  const hostile = [
    '<img src=x onerror=alert(1)>',
    'invoice\u202efdp.exe',
    '\u2067right to left',
    '\u001b[31mred\u001b]8;;http://127.0.0.1:1\u0007link',
    '=HYPERLINK("http://127.0.0.1:1","x")',
    '{{7*7}}${7*7}',
    '__proto__',
    '\u009b31mred, and \u0085another line\u2028and one more\u061c',
  ]
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  const unseen = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/
  await page.evaluate((texts) => window.kv.setMany(texts.map((text) => [text, text] as const)), hostile)
  await expect(page.getByTestId('key-row')).toHaveCount(hostile.length)
  for (const row of await page.getByTestId('key-row').allInnerTexts()) expect(row).not.toMatch(unseen)

  await page.getByTestId('key-row').filter({ hasText: 'fdp.exe' }).click()
  const pane = keyPane(page, 'invoice\u202efdp.exe')
  await expect(pane.getByRole('heading', { level: 2 })).toHaveText('invoice\ufffdfdp.exe')
  for (const command of ['keys', 'status', 'peers']) expect(await say(page, command)).not.toMatch(unseen)
  expect(await say(page, 'keys')).toContain('"invoice\\u202efdp.exe"') // as it can be typed
  expect(await say(page, 'get "invoice\\u202efdp.exe"')).toContain('fdp.exe')

  const saved = page.waitForEvent('download')
  await chooseInMenu(page, 'Export to a file')
  const download = await saved
  expect(download.suggestedFilename()).toMatch(/^[\w.-]+\.json$/)
  const path = testInfo.outputPath('foreign.json')
  await download.saveAs(path)
  const file = await readFile(path, 'utf8')
  expect(file, 'a terminal or an editor shows it as harmlessly').not.toMatch(unseen)
  const before = await page.evaluate(() => window.kv.status().digest)
  await page.evaluate(() => window.kv.forget())
  await page.reload()
  await kvReady(page)
  await page.evaluate((file) => window.kv.importSnapshot(file), file)
  expect(await page.evaluate(() => window.kv.status().digest)).toBe(before)
  expect(await page.evaluate(() => window.kv.entries())).toEqual(
    [...hostile].sort().map((text) => [text, text]),
  )

  // What an error quotes of a file.
  await chooseFile(page, { text: '{"invoice\\u202efdp\\u009b31m":"\\ud800"}' })
  await expect(page.getByTestId('trouble')).toContainText('invoice\ufffdfdp\ufffd31m')
  expect(await page.getByTestId('trouble').innerText()).not.toMatch(unseen)
  expect(complaints).toEqual([])
  await context.close()
})

test('the policy is in force: what is inline, evaluated, or from elsewhere is not run', async ({
  context,
  openTab,
}) => {
  const page = await openTab(context)
  const violated = await page.evaluate(async () => {
    const directives: string[] = []
    document.addEventListener('securitypolicyviolation', (event) => directives.push(event.effectiveDirective))
    const tried = (attempt: () => unknown) => {
      try {
        attempt()
      } catch {
        // The policy says no by throwing here, and by the event.
      }
    }
    const script = document.createElement('script')
    tried(() => (script.textContent = 'window.broken = 1'))
    script.append('window.broken = 1')
    document.head.append(script)
    tried(
      () =>
        (document.body.appendChild(document.createElement('div')).innerHTML = '<b style="color:red">x</b>'),
    )
    tried(() => document.body.setAttribute('onclick', 'window.broken = 1'))
    document.body.click()
    const image = document.body.appendChild(document.createElement('img'))
    image.src = 'http://127.0.0.1:1/leak'
    const style = document.head.appendChild(document.createElement('style'))
    style.textContent = 'body { opacity: 0 }'
    tried(() => new WebSocket('ws://127.0.0.1:1/'))
    await fetch('http://127.0.0.1:1/leak').catch(() => undefined)
    await new Promise((resolve) => setTimeout(resolve))
    return directives
  })
  expect(violated).toEqual(
    expect.arrayContaining(['require-trusted-types-for', 'img-src', 'style-src-elem', 'connect-src']),
  )
  expect(await page.evaluate(() => Reflect.get(window, 'broken') as unknown)).toBeUndefined()
  expect(await page.evaluate(() => getComputedStyle(document.body).opacity)).toBe('1')
})

test('nobody frames the page', async ({ context, server }) => {
  const page = await context.newPage()
  await page.goto(new URL('healthz', server.url).href)
  await page.setContent(`<iframe src="${server.url}"></iframe>`)
  await expect.poll(() => page.frames().length).toBe(2)
  await expect.poll(() => page.frames()[1]!.evaluate(() => location.href)).toMatch(/^chrome-error:/)
})
