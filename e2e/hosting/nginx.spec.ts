/** Two servers behind nginx, as documented: rooms on both, one of them killed, and back again; many sockets; a path. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from '@playwright/test'
import { FIRST } from '../../signaling/tls.fixture'
import { joinServer } from '../member'
import { expect, inSync, kvReady, startServer, test, type TestServer } from '../support'
import { documented, environmentOf, freePorts, startNginx } from './programs'

async function sockets(server: TestServer): Promise<number> {
  const response = await fetch(new URL('healthz', server.url))
  return ((await response.json()) as { sockets: number }).sockets
}

async function enter(browser: Browser, url: string, room: string): Promise<Page> {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(`${url}#${room}`)
  await kvReady(page)
  await page.waitForFunction(() => window.kv.status().signaling === 'up')
  return page
}

interface Cluster {
  readonly servers: readonly [TestServer, TestServer]
  /** Through nginx. */
  readonly url: string
  stop(): Promise<void>
}

/** @param base where both are mounted, with what the document says to change for it */
async function startCluster(base = '/'): Promise<Cluster> {
  const [port = 0] = await freePorts(1)
  const folder = mkdtempSync(join(tmpdir(), 'tls-'))
  writeFileSync(join(folder, 'cert.pem'), FIRST.cert)
  writeFileSync(join(folder, 'key.pem'), FIRST.key)
  const command = documented('each server behind nginx', {})
  const env = { ...environmentOf(command), BASE: base }
  const servers = [await startServer(env), await startServer(env)] as const
  const site = documented('/etc/nginx/conf.d/fofoca.conf', {
    '443': `127.0.0.1:${port}`,
    '127.0.0.1:9001': new URL(servers[0].url).host,
    '127.0.0.1:9002': new URL(servers[1].url).host,
    '/etc/fofoca/': `${folder}/`,
    'location / {': `location ${base} {`,
    '~^/(?<fofoca_listed>': `~^${base}(?<fofoca_listed>`,
  })
  const nginx = await startNginx(site, port)
  return {
    servers,
    url: `https://127.0.0.1:${port}${base}`,
    stop: async () => {
      await nginx.stop()
      await Promise.all(servers.map((server) => server.stop()))
      rmSync(folder, { recursive: true })
    },
  }
}

test('a killed server’s rooms go on over their links, and are back through the other', async ({
  browser,
}) => {
  const { servers, url, stop } = await startCluster()

  // A room on each of the two.
  const roomOf = new Map<TestServer, { room: string; page: Page }>()
  for (let number = 0; roomOf.size < 2; number++) {
    const room = `a-room-behind-nginx-${number}`
    const before = await Promise.all(servers.map(sockets))
    const page = await enter(browser, url, room)
    const after = await Promise.all(servers.map(sockets))
    const home = servers.find((_, index) => after[index]! > before[index]!)!
    if (roomOf.has(home)) {
      await page.context().close()
      await expect.poll(() => Promise.all(servers.map(sockets))).toEqual(before) // it is counted until it is seen to be gone
    } else roomOf.set(home, { room, page })
    expect(number, 'the hash spreads rooms').toBeLessThan(20)
  }
  const [{ room, page: first }, { room: otherRoom, page: other }] = servers.map((server) =>
    roomOf.get(server)!,
  ) as [{ room: string; page: Page }, { room: string; page: Page }]
  const second = await enter(browser, url, room)
  const neighbour = await enter(browser, url, otherRoom)
  await Promise.all([inSync(first, second), inSync(other, neighbour)])

  await servers[0].stop()
  await first.waitForFunction(() => window.kv.status().signaling === 'down')
  await first.evaluate(() => window.kv.set('while', 'the server is dead'))
  await second.waitForFunction(() => window.kv.get('while') === 'the server is dead')
  expect(await other.evaluate(() => window.kv.status().signaling)).toBe('up')

  const third = await enter(browser, url, room)
  await inSync(first, second, third)
  expect(await third.evaluate(() => window.kv.get('while'))).toBe('the server is dead')
  await expect.poll(() => sockets(servers[1])).toBe(5)

  await servers[0].start()
  await expect.poll(() => sockets(servers[0]), { timeout: 40_000 }).toBe(3)
  const fourth = await enter(browser, url, room)
  await inSync(first, second, third, fourth)

  await stop()
})

test('a worker of nginx holds more sockets than its own default, under a path too, and each list is its room’s', async ({
  browser,
}) => {
  const { servers, url, stop } = await startCluster('/fofoca/')
  const rooms = Array.from({ length: 20 }, (_, number) => `room-${number}`)
  const each = Array.from({ length: 20 }, (_, number) => `member${number}`)
  const members = await Promise.all(rooms.flatMap((room) => each.map((id) => joinServer(url, { room, id }))))
  const counts = await Promise.all(servers.map(sockets))
  expect(counts[0]! + counts[1]!).toBe(members.length)
  expect(Math.min(...counts), 'both have some').toBeGreaterThan(0)

  const page = await (await browser.newContext()).newPage()
  for (const room of rooms) {
    const response = await page.request.get(`${url}${room}/peers`)
    expect(((await response.json()) as string[]).toSorted(), room).toEqual(each.toSorted())
  }
  const [a, b] = [
    await enter(browser, url, 'a-room-under-a-path'),
    await enter(browser, url, 'a-room-under-a-path'),
  ]
  await inSync(a, b)
  for (const socket of members) socket.terminate()
  await stop()
})
