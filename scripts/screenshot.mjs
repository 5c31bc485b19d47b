/**
 * Takes the README's picture, `docs/screenshot.png`: `npm run build && node scripts/screenshot.mjs`. Two nodes wrote the
 * same key while they were offline; nodes are drawn anew until their colours are far from each other.
 */
import { chromium } from '@playwright/test'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { CHROMIUM_ARGS, findChromium } from './browser.mjs'
import { root } from './project.mjs'

const ROOM = '7k2m-q9xd-4f8a-w3tn-hc5e-2rvp-b6yj'
const FAR_DEGREES = 100

/** @type {[string, unknown][]} */
const KEYS = [
  ['budget', 180],
  ['cake', { baker: 'Ana', flavor: 'lime', candles: 40 }],
  ['confirmed', true],
  ['date', 'Saturday, 8 pm'],
  ['dinner', 'feijoada'],
  ['guests', ['Ana', 'Bruno', 'Carla']],
  ['music', ['samba', 'forró']],
  ['notes/1', 'bring chairs'],
  ['notes/2', 'ask the neighbours'],
  ['place', 'the roof'],
  ['surprise', null],
  ['votes', { grill: 3, oven: 2 }],
]

const server = spawn(process.execPath, [join(root, 'dist/server/main.js')], {
  env: { ...process.env, HOST: '127.0.0.1', PORT: '0' },
  stdio: ['ignore', 'pipe', 'inherit'],
})
const executablePath = findChromium()
const browser = await chromium.launch({ args: CHROMIUM_ARGS, ...(executablePath ? { executablePath } : {}) })
try {
  const address = await addressOf(server)
  const page = await open(address)
  const peer = await openFarFrom(page, address)
  await page.evaluate((keys) => window.kv.setMany(/** @type {any} */ (keys)), KEYS)
  await inSync(page, peer)
  await peer.evaluate(() => window.kv.set('music', ['samba', 'forró', 'bossa nova']))
  await peer.evaluate(() => window.kv.set('place', 'the garden'))
  await inSync(page, peer)
  for (const tab of [page, peer]) await tab.evaluate(() => window.kv.goOffline())
  await page.evaluate(() => window.kv.set('dinner', 'moqueca'))
  await page.evaluate(() => window.kv.set('guests', ['Ana', 'Bruno', 'Carla', 'Davi']))
  await peer.evaluate(() => window.kv.set('dinner', 'churrasco'))
  await peer.evaluate(() => window.kv.set('guests', ['Ana', 'Bruno', 'Carla', 'Elisa']))
  for (const tab of [page, peer]) await tab.evaluate(() => window.kv.goOnline())
  await inSync(page, peer)
  await page.bringToFront()
  await page.locator('[data-testid=key-row][data-key=dinner]').click()
  await page.getByTestId('version').nth(1).waitFor()
  await page.mouse.move(640, 4)
  await page.screenshot({ path: join(root, 'docs/screenshot.png'), animations: 'disabled' })
} finally {
  await browser.close()
  server.kill()
}

/** A node of its own, as on another device. @param {string} address */
async function open(address) {
  const context = await browser.newContext({
    viewport: { width: 1_280, height: 800 },
    colorScheme: 'light',
    locale: 'en',
  })
  const page = await context.newPage()
  await page.goto(`${address}#${ROOM}`)
  await page.waitForFunction(() => window.kv !== undefined)
  return page
}

/** @param {import('@playwright/test').Page} page @param {string} address */
async function openFarFrom(page, address) {
  for (;;) {
    const peer = await open(address)
    const turn = Math.abs((await hueOf(page)) - (await hueOf(peer)))
    if (Math.min(turn, 360 - turn) >= FAR_DEGREES) return peer
    await peer.evaluate(() => window.kv.leave())
    await peer.context().close()
  }
}

/** @param {import('@playwright/test').Page} page */
function hueOf(page) {
  return page.evaluate(() => Number(document.documentElement.style.getPropertyValue('--my-hue')))
}

/** @param {import('@playwright/test').Page[]} pages */
async function inSync(...pages) {
  for (const page of pages) {
    await page.waitForFunction(() => window.kv.status().linked === 1 && window.kv.status().inSync)
  }
}

/** @param {import('node:child_process').ChildProcess} child */
async function addressOf(child) {
  if (!child.stdout) throw new Error('the server has no output')
  for await (const line of createInterface(child.stdout)) {
    const address = /http:\/\/\S+/.exec(line)?.[0]
    if (address) {
      child.stdout.resume()
      return address
    }
  }
  throw new Error('The server ended before it listened; is it built? (npm run build)')
}
