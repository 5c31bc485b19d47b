/** What a server learns that only looks: all that it was asked, answered, relayed and printed, searched for secrets. */
import type { Page } from '@playwright/test'
import { roomId } from '../src/adapters/browser/room'
import { chooseInMenu, CONSOLE, say } from './hands'
import { startRelay } from './relay'
import { expect, inSync, kvReady, startServer, test } from './support'

const ROOM = 'sala-da-família: código não adivinhável 7f3k'
const KEYS = ['chave-escondida', 'outra-chave-secreta', 'conflito-secreto']
const VALUES = ['valor-que-ninguém-vê', 'segundo-valor-secreto', 'lado-a-do-conflito', 'lado-b-do-conflito']

/** The forms in which a text may stand in a log: as it is, escaped, encoded, or a long part of it. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const halves = [secret.slice(0, Math.ceil(secret.length / 2)), secret.slice(Math.floor(secret.length / 2))]
  const texts = [secret, ...halves.filter((half) => half.length >= 8)]
  return [
    ...texts,
    ...texts.map(encodeURIComponent),
    ...texts.map((text) => JSON.stringify(text).slice(1, -1)),
    bytes.toString('hex'),
    // Of base64 there are three forms, by where in a longer text it begins; its ends depend on what is beside it.
    ...[0, 1, 2].flatMap((before) => {
      const text = Buffer.concat([Buffer.alloc(before), bytes])
        .toString('base64')
        .replaceAll('=', '')
      const inner = text.slice(before === 0 ? 0 : before + 1, -1)
      return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')]
    }),
  ]
}

/** The secrets that the log holds, in whatever form. */
function found(log: string, secrets: readonly string[]): string[] {
  const lower = log.toLowerCase()
  return secrets.filter((secret) => formsOf(secret).some((form) => lower.includes(form.toLowerCase())))
}

async function open(page: Page, url: string): Promise<Page> {
  await page.goto(url)
  await kvReady(page)
  return page
}

test('a server that writes down all of a session never reads of the code, of keys, of values, or of names', async ({
  browser,
}) => {
  const server = await startServer({ LOG: 'on', LOG_ADDRESSES: 'on' })
  const relay = await startRelay(server.url)
  const contexts = [await browser.newContext(), await browser.newContext()] as const
  const link = `${relay.url}#${encodeURIComponent(ROOM)}`
  const a = await open(await contexts[0].newPage(), link)
  const b = await open(await contexts[1].newPage(), link)
  await inSync(a, b)
  const [key = '', other = '', conflicting = ''] = KEYS
  const [value = '', second = '', sideA = '', sideB = ''] = VALUES
  await CONSOLE.set(a, key, value)
  await a.evaluate(([key, value]) => window.kv.set(key, value), [other, second] as const)
  await inSync(a, b)
  expect(await say(b, `del ${other}`)).not.toBe('')
  await CONSOLE.goOffline(a)
  await CONSOLE.set(a, conflicting, sideA)
  await CONSOLE.set(b, conflicting, sideB)
  await CONSOLE.goOnline(a)
  await inSync(a, b)
  expect(await b.evaluate((key) => window.kv.inspect(key)?.conflict, conflicting)).toBe(true)
  await a.bringToFront()
  const saved = a.waitForEvent('download')
  await chooseInMenu(a, 'Export to a file')
  await saved
  await b.reload()
  await kvReady(b)
  await inSync(a, b)
  const nodesOf = (page: Page) =>
    page.evaluate(() => {
      const { name, id } = window.kv.node
      return { name, id, code: window.kv.room.code }
    })
  const nodes = [await nodesOf(a), await nodesOf(b)]

  await a.getByTestId('console-input').fill('new')
  await a.getByTestId('console-input').press('Enter')
  await a.waitForFunction((code) => window.kv?.room.code !== code, ROOM)
  await a.waitForFunction(() => window.kv.status().signaling === 'up')
  await a.evaluate(([key, value]) => window.kv.set(key, value), [key, value] as const)
  const there = await nodesOf(a)
  expect(there.code.length).toBeGreaterThan(20)
  await a.reload()
  await kvReady(a)
  await a.waitForFunction(() => window.kv.status().signaling === 'up')
  for (const context of contexts) await context.close()
  await relay.stop()
  await server.stop()

  const log = [...relay.log, ...server.lines].join('\n')
  const compact = there.code.replaceAll('-', '')
  const secrets = [ROOM, there.code, compact, ...KEYS, ...VALUES]
  secrets.push(...[...nodes, there].flatMap(({ name, id }) => [name, id]))
  // It is all there: requests with their headers, what was relayed, and what the server printed.
  for (const each of [ROOM, there.code]) expect(log).toContain(`key=${roomId(each)}`)
  expect(log).toContain('User-Agent')
  expect(log).toContain('"type":"OFFER"')
  expect(log).toContain('"type":"CANDIDATE"')
  expect(server.lines.filter((line) => line.includes(' join '))).not.toEqual([])
  // And what is in it is found, in any of its forms.
  for (const form of formsOf(VALUES[0]!)) expect(found(`${log}\n${form}`, secrets)).toEqual([VALUES[0]])
  expect(found(`${log}\nreferer: ${link}`, secrets)).toEqual([ROOM])
  expect(found(log, secrets)).toEqual([])
  expect(log.toLowerCase()).not.toContain('\ncookie\n')
  expect(log).not.toMatch(/%23|#/)
})
