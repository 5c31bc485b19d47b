import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { open } from './kv'
import type { Kv } from './runtime/contract'
import { TestBrowser, World } from './runtime/world.fixtures'

const { openRoom } = vi.hoisted(() => ({ openRoom: vi.fn() }))
vi.mock('./open', () => ({ openRoom }))

const page = new EventTarget()
const document = new EventTarget()
let browser: TestBrowser

beforeEach(() => {
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
  vi.stubGlobal('document', document)
  const world = new World()
  browser = new TestBrowser('aaa')
  openRoom.mockImplementation(() => world.open(browser))
})
afterEach(() => vi.unstubAllGlobals())

const listeners = () =>
  ['pagehide', 'pageshow', 'online'].flatMap((type) => getEventListeners(page, type)).length +
  ['resume', 'visibilitychange'].flatMap((type) => getEventListeners(document, type)).length

it.each<[string, (kv: Kv) => unknown]>([
  ['is left', (kv) => kv.leave()],
  ['is forgotten', (kv) => kv.forget()],
  ['is forgotten in another tab', () => browser.lost?.('forgotten')],
])('follows the page’s life until the room %s', async (_, end) => {
  const kv = await open({ room: 'a' })
  expect(listeners()).toBe(5)
  await end(kv)
  await kv.leave()
  expect(listeners()).toBe(0)
})
