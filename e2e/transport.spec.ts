/**
 * The PeerJS transport between real tabs, over the real server. Their page is `pages/transport.html`, served by that
 * server, because Chromium lets no page from elsewhere reach a server on this machine.
 */
import { expect, type Page, test as base } from '@playwright/test'
import { type Server, serve } from '../signaling/server'
import { roomId } from '../src/adapters/browser/room'
import { TRANSPORT_CONTRACT } from '../src/adapters/transport.contract'
import { builtPages } from './built-pages'
import { joinServer } from './member'

const UNKNOWN = '00000000000000000000000000000000'

/** As speed: what comes does not come because a time was over. */
const WITHOUT_DEADLINES = 0.001

interface Restartable {
  readonly url: string
  stop(): Promise<void>
  /** On the port that it had. */
  start(): Promise<void>
}

interface Fixtures {
  server: Restartable
  /** A tab with its transport started and signaling up; its deadlines come `speed` times sooner. */
  open: (room?: string, speed?: number) => Promise<Page>
}

const test = base.extend<Fixtures>({
  // Playwright wants a pattern here, also an empty one.
  // oxlint-disable-next-line no-empty-pattern
  server: async ({}, use) => {
    const app = await builtPages()
    let server: Server = await serve({ port: 0, app })
    const { port } = server
    await use({
      url: `http://localhost:${port}/transport.html`,
      stop: () => server.close(),
      start: async () => void (server = await serve({ port, app })),
    })
    await server.close()
  },
  open: async ({ context, server }, use) => {
    const errors: Error[] = []
    await use(async (room = 'transport', speed = 1) => {
      const page = await context.newPage()
      page.on('pageerror', (error) => errors.push(error))
      await page.goto(server.url)
      await page.evaluate(
        ([room, speed]) => {
          window.lab.tab = new window.lab.Tab(room, speed)
          window.lab.tab.start()
        },
        [room, speed] as const,
      )
      await page.waitForFunction(() => window.lab.tab.signaling.at(-1) === 'up')
      return page
    })
    expect(errors).toEqual([])
  },
})

test('the PeerJS transport keeps the contract @firefox', async ({ open }) => {
  test.slow()
  const page = await open()
  for (const { name } of TRANSPORT_CONTRACT) {
    await test.step(name, () => page.evaluate((name) => window.lab.runContract(name), name)) // in a room of its own
  }
})

test('200 messages of 1 B to 1 MiB, both ways at once, arrive intact and in order', async ({ open }) => {
  const [a, b] = await linked(open)
  const sizes = Array.from({ length: 200 }, (_, index) =>
    index % 40 === 39 ? 2 ** 20 : 1 + ((index * index * 97) % 50_000),
  )
  const [byA, byB] = await Promise.all([send(a, sizes), send(b, [...sizes].reverse())])
  for (const page of [a, b]) await page.waitForFunction(() => window.lab.tab.received.length === 200)
  expect(await b.evaluate(() => window.lab.tab.received)).toEqual(byA)
  expect(await a.evaluate(() => window.lab.tab.received)).toEqual(byB)
})

test('20 MB handed over at once go through, and the sender hears of every byte', async ({ open }) => {
  const [a, b] = await linked(open)
  const total = 20 * 2 ** 20
  const sizes = Array.from({ length: 320 }, () => 2 ** 16)
  await send(a, sizes)
  await b.waitForFunction((total) => window.lab.tab.bytesReceived === total, total, { timeout: 40_000 })
  expect(await a.evaluate(() => window.lab.tab.bytesSent)).toBe(total)
})

test('a tab that closes is seen to close at once, though it was just sending', async ({ open, context }) => {
  await context.addInitScript(() => {
    const iceStates: RTCIceConnectionState[] = []
    Object.assign(window, { iceStates })
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(configuration?: RTCConfiguration) {
        super(configuration)
        this.addEventListener('iceconnectionstatechange', () => iceStates.push(this.iceConnectionState))
      }
    }
  })
  const [a, b] = await linked(open)
  await a.evaluate(() => {
    window.addEventListener('pagehide', () => {
      const link = window.lab.tab.opened[0]?.link ?? 0
      window.lab.tab.send(link, [200_000])
      window.lab.tab.transport.hangUp(link)
    })
  })
  await a.close()
  await b.waitForFunction(() => window.lab.tab.closed.length === 1)
  const iceStates = await b.evaluate(() => Reflect.get(window, 'iceStates') as RTCIceConnectionState[])
  expect(iceStates, 'told, and not missed').not.toContain('disconnected')
})

test('a dial to nobody fails at once, by the word of the server', async ({ open }) => {
  const page = await open('slow', WITHOUT_DEADLINES)
  await page.evaluate((id) => window.lab.tab.transport.dial(id), UNKNOWN)
  await page.waitForFunction(() => window.lab.tab.dialFailed.length === 1)
})

test('rooms do not see each other', async ({ open }) => {
  const [a, b] = [await open('one'), await open('two')]
  await dial(a, await self(b))
  await a.waitForFunction(() => window.lab.tab.dialFailed.length === 1)
  expect(await a.evaluate(() => window.lab.tab.members)).toEqual([])
})

test('a link outlives the server, and the tabs are back at the next one under their names', async ({
  open,
  server,
}) => {
  const [a, b] = await linked(open)
  const names = [await self(a), await self(b)]
  await server.stop()
  for (const page of [a, b]) await page.waitForFunction(() => window.lab.tab.signaling.at(-1) === 'down')
  await dial(a, UNKNOWN)
  await a.waitForFunction(() => window.lab.tab.dialFailed.length === 1)
  const sent = await send(a, [1, 100_000])
  await b.waitForFunction(() => window.lab.tab.received.length === 2)
  expect(await b.evaluate(() => window.lab.tab.received)).toEqual(sent)

  await server.start()
  for (const page of [a, b]) await page.waitForFunction(() => window.lab.tab.signaling.at(-1) === 'up')
  expect([await self(a), await self(b)]).toEqual(names)
  const c = await open()
  for (const name of names) {
    await c.waitForFunction((name) => window.lab.tab.members.includes(name), name)
    await dial(c, name)
  }
  await c.waitForFunction(() => window.lab.tab.opened.length === 2)
  for (const page of [a, b]) expect(await page.evaluate(() => window.lab.tab.closed)).toEqual([])
})

test('coming back from sleep ends the wait for the server', async ({ open, server }) => {
  const page = await open('slow', WITHOUT_DEADLINES)
  await server.stop()
  await page.waitForFunction(() => window.lab.tab.signaling.at(-1) === 'down')
  await server.start()
  await page.evaluate(() => window.lab.tab.transport.renew())
  await page.waitForFunction(() => window.lab.tab.signaling.join() === 'up,down,up')
})

test('a server that takes the socket and says nothing is tried anew', async ({ open, context }) => {
  let sockets = 0
  await context.routeWebSocket(/peerjs/, (socket) => {
    sockets += 1
    if (sockets > 1) socket.connectToServer()
  })
  await open('mute', 8)
  expect(sockets).toBeGreaterThan(1)
})

test('a tab that the server has forgotten joins again, under its name', async ({ open, context }) => {
  const page = await open()
  const name = await self(page)
  const hasNoticed = () => page.evaluate(() => window.lab.tab.signaling.includes('down'))
  await context.route('**/peers', async (route) => {
    if (await hasNoticed()) await route.continue()
    else await route.fulfill({ json: [] })
  })
  const look = async () => {
    await page.evaluate(() => window.lab.tab.transport.renew())
    return hasNoticed()
  }
  await expect.poll(look, 'a list may be on its way already').toBe(true)
  await page.waitForFunction(() => window.lab.tab.signaling.join() === 'up,down,up')
  await context.unrouteAll({ behavior: 'wait' })
  expect(await self(page)).toBe(name)
})

test('a tab whose name somebody took while the server was away is back under another one', async ({
  open,
  server,
  context,
}) => {
  let isAway = false
  await context.routeWebSocket(/peerjs/, (socket) =>
    isAway ? void socket.close() : void socket.connectToServer(),
  )
  const [a, b] = await linked(open)
  const name = await self(a)
  isAway = true
  await server.stop()
  await server.start()
  const thief = await joinServer(server.url, { room: roomId('transport'), id: name, token: 'thief' })
  isAway = false
  await a.waitForFunction((name) => {
    const { transport, signaling } = window.lab.tab
    return transport.self !== name && signaling.at(-1) === 'up'
  }, name)
  expect(await a.evaluate(() => window.lab.tab.closed), 'the end of its link is told').toHaveLength(1)
  await b.waitForFunction(() => window.lab.tab.signaling.at(-1) === 'up')
  await dial(b, await self(a))
  await a.waitForFunction(() => window.lab.tab.opened.length === 2)
  thief.terminate()
})

async function linked(open: () => Promise<Page>): Promise<[Page, Page]> {
  const [a, b] = [await open(), await open()]
  await dial(a, await self(b))
  for (const page of [a, b]) await page.waitForFunction(() => window.lab.tab.opened.length === 1)
  return [a, b]
}

function self(page: Page): Promise<string> {
  return page.evaluate(() => window.lab.tab.transport.self)
}

function dial(page: Page, member: string): Promise<void> {
  return page.evaluate((member) => window.lab.tab.transport.dial(member), member)
}

function send(page: Page, sizes: readonly number[]): Promise<string[]> {
  return page.evaluate((sizes) => window.lab.tab.send(window.lab.tab.opened[0]?.link ?? 0, sizes), sizes)
}
