/** What people need to know of rooms, and what nobody else may learn: sharing, warnings, forgetting, where the code never is. */
import type { BrowserContext, Page } from '@playwright/test'
import jsQR from 'jsqr'
import { readFile } from 'node:fs/promises'
import { BUTTONS, chooseInMenu, say } from './hands'
import { expect, inSync, kvReady, outsideAddress, startServer, test } from './support'

const CODE = '7k2m-q9xd-4f8a-w3tn-hc5e-2rvp-b6yj'

test('the QR code is read as the very link, by day and by night', async ({ context, openTab }) => {
  const page = await openTab(context, CODE)
  await page.getByTestId('share').click()
  const code = page.getByRole('img', { name: /^QR code of the link/ })
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await expect(code).toBeVisible()
    const seen = await pixels(page, await code.screenshot({ animations: 'disabled' }))
    expect(jsQR(seen.data, seen.width, seen.height)?.data).toBe(
      await page.evaluate(() => window.kv.room.link),
    )
    // The quiet zone is white by night too.
    expect([...seen.data.slice(seen.width * 4 * 8 + 32, seen.width * 4 * 8 + 35)]).toEqual([255, 255, 255])
  }
})

test('the share sheet gets the link and nothing else; the code can be read out and typed in @firefox', async ({
  context,
  openTab,
}) => {
  await context.addInitScript(() => {
    const shared: ShareData[] = []
    Object.assign(window, { shared })
    navigator.share = async (data) => void shared.push(data ?? {})
  })
  const page = await openTab(context, CODE)
  const link = await page.evaluate(() => window.kv.room.link)
  await page.getByTestId('share').click()
  await expect(page.getByTestId('room-code')).toHaveText(CODE)
  await expect(page.getByRole('dialog').getByTestId('room-link')).toHaveValue(link)
  await page.getByRole('button', { name: 'Share with an app' }).click()
  expect(await page.evaluate(() => Reflect.get(window, 'shared') as unknown)).toEqual([{ url: link }])

  const other = await openTab(context)
  await other.getByTestId('room-menu').click()
  await other.getByRole('textbox', { name: 'Code or link' }).fill(CODE.toUpperCase().replaceAll('-', ' '))
  await other.keyboard.press('Enter')
  await other.waitForFunction((code) => window.kv.room.code === code, CODE)
  await expect(other.getByRole('dialog')).toBeHidden()
})

test('the button beside the link copies it; where the clipboard is out of bounds it is selected', async ({
  browser,
  context,
  openTab,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const page = await openTab(context, CODE)
  const link = await page.evaluate(() => window.kv.room.link)
  await page.getByTestId('share').click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Copy link' }).click()
  await expect(dialog.getByRole('button', { name: 'Copied' })).toBeVisible()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(link)

  const guest = await browser.newContext()
  await guest.addInitScript(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }))
  const other = await openTab(guest, CODE)
  await other.getByTestId('share').click()
  await other.getByRole('dialog').getByRole('button', { name: 'Copy link' }).click()
  await expect(other.getByRole('status').filter({ hasText: 'Selected' })).toBeVisible()
  expect(await other.evaluate(() => getSelection()?.toString())).toBe(link)
  await guest.close()
})

test('the code is in no title, request, message to the server, notice or exported file', async ({
  context,
  server,
}) => {
  const page = await context.newPage()
  const said: string[] = []
  const titles = new Set<string>()
  page.on('request', (request) => {
    said.push(request.url().replace(/#.*/, ''), JSON.stringify(request.headers()), request.postData() ?? '')
  })
  page.on('websocket', (socket) => {
    said.push(socket.url())
    socket.on('framesent', ({ payload }) => said.push(String(payload)))
  })
  await page.goto(`${server.url}#${CODE}`)
  await kvReady(page)
  titles.add(await page.title())
  await BUTTONS.set(page, 'chave', 'valor')
  titles.add(await page.title())
  await page.getByRole('button', { name: 'Delete' }).click()
  const notice = page.getByTestId('notice')
  await expect(notice).toContainText('Deleted')
  said.push(await notice.innerText())
  const download = page.waitForEvent('download')
  await chooseInMenu(page, 'Export to a file')
  const file = await download
  await expect(notice).toContainText(file.suggestedFilename())
  said.push(file.suggestedFilename(), await readFile(await file.path(), 'utf8'), await notice.innerText())
  await page.getByTestId('share').click()
  await page.getByRole('dialog').getByRole('button', { name: 'Copy link' }).click()
  titles.add(await page.title())
  await page.keyboard.press('Escape')
  await BUTTONS.leave(page)
  titles.add(await page.title())
  expect(await page.evaluate(() => window.kv.node.name)).toBe([...titles][0]!.replace(' · Fofoca', ''))
  expect([...titles].slice(1)).toEqual(['Fofoca'])

  expect(said.some((text) => text.startsWith('ws:'))).toBe(true)
  const everything = said.join('\n').toLowerCase()
  for (const part of [CODE, CODE.replaceAll('-', ''), encodeURIComponent(CODE), ...CODE.split('-')]) {
    expect(everything).not.toContain(part)
  }
})

test('the lobby and short codes come with a warning, private rooms with none', async ({
  context,
  openTab,
}) => {
  const page = await openTab(context)
  const warning = page.getByRole('main').getByTestId('room-warning')
  await expect(warning).toContainText('everyone on this server can read')
  await page.evaluate(() => void (location.hash = 'festa'))
  await expect(warning).toContainText('it can be guessed')
  await page.getByTestId('share').click()
  await expect(page.getByRole('dialog').getByTestId('room-warning')).toContainText('it can be guessed')
  await page.keyboard.press('Escape')
  await page.getByTestId('room-menu').click()
  await page.getByRole('button', { name: 'New private room' }).click()
  await page.waitForFunction(() => window.kv.room.code.length > 30)
  await expect(page.getByTestId('welcome')).toBeVisible()
  await expect(warning).toHaveCount(0)
})

test('a server without a lobby says so, by the bare address and by its name, and offers a room', async ({
  context,
}) => {
  const server = await startServer({ LOBBY: 'off' })
  try {
    const page = await context.newPage()
    const aside = page.getByTestId('aside')
    for (const address of [server.url, `${server.url}#lobby`]) {
      await page.goto(address)
      await page.reload()
      await expect(aside).toContainText('This server has no lobby')
      await expect(page.getByRole('button', { name: 'Go to the lobby' })).toHaveCount(0)
    }
    await aside.getByRole('button', { name: 'New private room' }).click()
    await kvReady(page)
    expect(await say(page, 'set chave valor')).toBe('OK')
    await BUTTONS.leave(page)
    await expect(page.getByRole('button', { name: 'Go to the lobby' })).toHaveCount(0)
  } finally {
    await server.stop()
  }
})

test('tabs of two devices meet on plain http in a network, where the browser gives pages much less', async ({
  browser,
}) => {
  const address = outsideAddress()
  const server = await startServer({ HOST: address })
  const [here, there] = await Promise.all([browser.newContext(), browser.newContext()])
  try {
    expect(new URL(server.url).hostname).toBe(address)
    const pages: Page[] = []
    for (const context of [here, there]) {
      const page = await context.newPage()
      await page.goto(`${server.url}#${CODE}`)
      await kvReady(page)
      const given = await page.evaluate(() => [isSecureContext, typeof crypto.subtle, typeof navigator.locks])
      expect(given).toEqual([false, 'undefined', 'undefined'])
      pages.push(page)
    }
    const [a, b] = pages as [Page, Page]
    await inSync(a, b)
    await BUTTONS.set(a, 'chave', 'daqui')
    await b.waitForFunction(() => window.kv.get('chave') === 'daqui')
    await a.evaluate(() => window.kv.goOffline())
    await Promise.all([a, b].map((page, at) => page.evaluate((at) => window.kv.set('cor', at), at)))
    await a.evaluate(() => window.kv.goOnline())
    await inSync(a, b)
    expect(await b.evaluate(() => window.kv.inspect('cor')?.conflict)).toBe(true)

    await a.reload()
    await kvReady(a)
    expect(await a.evaluate(() => window.kv.get('chave')), 'from its own disk').toBe('daqui')
    await inSync(a, b)
  } finally {
    await Promise.all([here.close(), there.close(), server.stop()])
  }
})

/** Keeps the configuration of each connection that begins to look for its ways: what makes none asks nobody. */
async function keepConfigurations(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const asked: (RTCIceServer[] | undefined)[] = []
    const Original = RTCPeerConnection
    window.RTCPeerConnection = class extends Original {
      override setLocalDescription(description?: RTCLocalSessionDescriptionInit): Promise<void> {
        asked.push(this.getConfiguration().iceServers)
        return super.setLocalDescription(description)
      }
    }
    Object.assign(window, { asked })
  })
}

test('unless the operator names some, no STUN or TURN server is asked, PeerJS’s own neither', async ({
  context,
  openTab,
}) => {
  await keepConfigurations(context)
  const pages = [await openTab(context, CODE), await openTab(context, CODE)]
  await inSync(...pages)
  for (const page of pages) {
    const asked = await page.evaluate(() => Reflect.get(window, 'asked') as unknown[])
    expect(asked.length).toBeGreaterThan(0)
    expect(asked).toEqual(asked.map(() => []))
  }
})

test('a room that is forgotten on this device leaves nothing here', async ({ context, openTab }) => {
  const page = await openTab(context, CODE)
  await page.evaluate(() => window.kv.set('chave', 'valor'))
  await page.getByTestId('room-menu').click()
  await page.getByRole('button', { name: /^Forget 7k2m…b6yj on this device/ }).click()
  await page.getByRole('button', { name: 'Erase' }).click()
  await expect(page.getByTestId('aside')).toHaveAttribute('data-phase', 'forgotten')
  const kept = () =>
    page.evaluate(async () => {
      const databases = (await indexedDB.databases()).map(({ name }) => name)
      return JSON.stringify([databases, { ...localStorage }, { ...sessionStorage }])
    })
  await expect.poll(kept, 'no database is left').toMatch(/^\[\[\]/)
  expect(await kept()).not.toContain(CODE)
})

/** What is seen in a PNG, as RGBA; decoded in another page, since ours shows no foreign images. */
async function pixels(page: Page, png: Buffer) {
  const blank = await page.context().newPage()
  const { data, width, height } = await blank.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!
    canvas.drawImage(bitmap, 0, 0)
    return {
      data: [...canvas.getImageData(0, 0, bitmap.width, bitmap.height).data],
      width: bitmap.width,
      height: bitmap.height,
    }
  }, png.toString('base64'))
  await blank.close()
  return { data: Uint8ClampedArray.from(data), width, height }
}
