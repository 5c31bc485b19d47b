/** The page under its own Content-Security-Policy: everything that people do works, and nothing breaks the policy. */
import type { BrowserContext, Page } from '@playwright/test'
import { BUTTONS, chooseInMenu, CONSOLE, keyPane, say } from './hands'
import { expect, inSync, kvReady, test } from './support'

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

for (const [locale, colorScheme] of [
  ['en', 'light'],
  ['pt-BR', 'dark'],
] as const) {
  test(`everything in the page works under the policy: ${locale}, ${colorScheme}`, async ({
    browser,
    server,
  }) => {
    const context = await browser.newContext({ locale, colorScheme })
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

    expect(await say(page, 'clock cor')).not.toBe('')
    expect(await say(page, 'status')).not.toBe('')
    const saved = page.waitForEvent('download')
    await chooseInMenu(page, 'Export to a file')
    await saved
    const chooser = page.waitForEvent('filechooser')
    await chooseInMenu(page, 'Import from a file')
    await (
      await chooser
    ).setFiles({
      name: 'keys.json',
      mimeType: 'application/json',
      buffer: Buffer.from('{"entra":1}'),
    })
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
}

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
