/** Who opens connections and then says little, nothing, or nonsense: cut in time, counted, and in nobody's way. */
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect as connectTcp, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PATIENCE } from './limits'
import type { LogEvent } from './log'
import { ARMOUR } from './page-headers'
import { type ServeOptions, type Server, serve } from './server'
import { connect, type RawClient, UNLIMITED } from './testing'
import { FIRST } from './tls.fixture'

const SHORT = { headersMs: 150, requestMs: 300, handshakeMs: 150, answerMs: 300, keptMs: 150, lookMs: 20 }
/** Never in a test. */
const LONG = { ...PATIENCE, headersMs: 3e5, requestMs: 3e5, handshakeMs: 3e5, answerMs: 3e5, keptMs: 3e5 }

let server: Server
let events: LogEvent[]
let opened: Socket[]
beforeEach(() => {
  opened = []
})
afterEach(async () => {
  for (const socket of opened) socket.destroy()
  await server.close()
})

async function start(options: Partial<ServeOptions> = {}): Promise<void> {
  events = []
  server = await serve({ port: 0, host: '127.0.0.1', log: (event) => events.push(event), ...options })
}
const reasons = () => events.flatMap((event) => ('why' in event ? [`${event.event}: ${event.why}`] : []))

interface Connection {
  readonly socket: Socket
  /** All that it was sent until it was closed. */
  readonly answer: Promise<string>
}

/** A TCP connection on which `text` is said. It never closes by itself. */
async function open(text = '', options: { readonly deaf?: boolean } = {}): Promise<Connection> {
  const socket = connectTcp({ port: server.port, host: '127.0.0.1', allowHalfOpen: true })
  opened.push(socket)
  socket.on('error', () => undefined) // a reset is an end too
  let received = ''
  if (!options.deaf) socket.on('data', (data) => (received += data.toString()))
  const answer = new Promise<string>((resolve) => {
    for (const event of ['end', 'close']) socket.once(event, () => resolve(received))
  })
  await once(socket, 'connect')
  socket.write(text)
  return { socket, answer }
}

async function joined(id: string): Promise<RawClient> {
  const client = connect(server.port, { key: 'room', id, token: id })
  expect(await client.next()).toEqual({ type: 'OPEN' })
  return client
}

describe('a connection is waited for so long, and no longer', () => {
  let patient: RawClient
  let neighbour: RawClient
  const begin = async (options: Partial<ServeOptions> = {}) => {
    await start({ patience: SHORT, ...options })
    if (options.tls) return
    patient = await joined('patient')
    neighbour = await joined('neighbour')
  }
  /** Sockets are none of those connections: they may be silent for as long as they answer pings. */
  const socketsLive = async () => {
    patient.send({ type: 'OFFER', dst: 'neighbour', payload: 1 })
    expect(await neighbour.next()).toMatchObject({ src: 'patient' })
  }

  it('that says nothing', async () => {
    await begin()
    const { answer } = await open()
    expect(await answer).toMatch(/^(?:HTTP\/1\.1 408 |$)/)
    await socketsLive()
  })

  it.each([
    ['headers that never end', 'GET / HTTP/1.1\r\nHost: x\r\n', 'X: y\r\n'],
    ['a body that never ends', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n', 'x'],
    ['a second request that never ends', 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET ', 'x'],
  ])('that goes on slowly: %s', async (_, first, then) => {
    await begin()
    const { socket, answer } = await open(first)
    const dribble = setInterval(() => socket.write(then), 20)
    await answer
    clearInterval(dribble)
    await socketsLive()
  })

  it('that is kept after an answer', async () => {
    await begin()
    const { answer } = await open('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(await answer).toMatch(/^HTTP\/1\.1 200 /)
    await socketsLive()
  })

  it('that never ends the handshake of TLS', async () => {
    await begin({ tls: FIRST })
    const { answer } = await open('\x16\x03\x01')
    await answer
  })

  it('that doesn’t take its answer', async () => {
    const app = mkdtempSync(join(tmpdir(), 'app-'))
    writeFileSync(join(app, 'large.js'), 'x'.repeat(24 * 1024 * 1024)) // more than any buffer between takes
    await begin({ app })
    const { socket } = await open('GET /large.js HTTP/1.1\r\nHost: x\r\n\r\n', { deaf: true })
    socket.pause()
    await expect
      .poll(() => {
        socket.write('\r\n') // refused by a peer that is gone
        return socket.destroyed
      })
      .toBe(true)
    await socketsLive()
    rmSync(app, { recursive: true })
  })

  it('that is refused a socket and stays', async () => {
    await start({ origins: ['https://a.example'], patience: LONG })
    const { socket, answer } = await open(
      'GET /peerjs?key=room&id=x&token=x HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
    )
    expect(await answer).toMatch(/^HTTP\/1\.1 403 /)
    await expect
      .poll(() => {
        socket.write('still here') // refused by a peer that is gone
        return socket.destroyed
      })
      .toBe(true)
  })
})

describe('the connections of one address', () => {
  const limits = { ...UNLIMITED, address: { ...UNLIMITED.address, connectionsMax: 3 } }

  it('are so many, sockets or not, not one more; one that goes makes room', async () => {
    await start({ limits, patience: LONG })
    const { socket } = await open('GET / HTTP/1.1\r\n')
    await open()
    const [client] = [await joined('a')]
    expect(await (await open('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')).answer).toBe('')
    expect(reasons()).toEqual(['limit: connections of the address'])
    socket.destroy()
    const next = () => {
      const other = connect(server.port, { key: 'room', id: 'b', token: 'b' })
      return Promise.race([other.next(), other.closed])
    }
    await expect.poll(next).toEqual({ type: 'OPEN' })
    client.send({ type: 'OFFER', dst: 'a', payload: 1 })
    expect(await client.next()).toMatchObject({ src: 'a' })
  })

  it('are not counted behind a proxy, from which all of them come', async () => {
    await start({ limits, patience: LONG, proxies: 1 })
    for (let count = 0; count < 4; count++) await open('GET / HTTP/1.1\r\n')
    await joined('a')
    expect(reasons()).toEqual([])
  })
})

it('a server that has all the connections that it may have says so in its log', async () => {
  await start({ limits: { ...UNLIMITED, connectionsMax: 1 }, patience: LONG })
  await open()
  expect(await (await open()).answer).toBe('')
  await expect.poll(reasons).toEqual(['limit: connections of the server'])
})

describe('every answer wears the armour', () => {
  const upgrade = 'Upgrade: websocket\r\nConnection: Upgrade'
  const requests: readonly (readonly [status: number, lines: string])[] = [
    [200, 'GET /healthz HTTP/1.1\r\nHost: x'],
    [200, 'GET /config.json HTTP/1.1\r\nHost: x'],
    [200, 'GET /room/peers HTTP/1.1\r\nHost: x'],
    [200, 'GET /room/id HTTP/1.1\r\nHost: x'],
    [200, 'GET / HTTP/1.1\r\nHost: x'],
    [204, 'OPTIONS /room/peers HTTP/1.1\r\nHost: x'],
    [404, 'GET /nothing HTTP/1.1\r\nHost: x'],
    [404, 'GET /peerjs HTTP/1.1\r\nHost: x'],
    [405, 'POST / HTTP/1.1\r\nHost: x'],
    [400, 'NONSENSE'],
    [400, 'GET / HTTP/1.1'],
    [408, 'GET / HTTP/1.1\r\nHost: x\r\nX: never'],
    [431, `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}`],
    [404, `GET /elsewhere HTTP/1.1\r\nHost: x\r\n${upgrade}`],
    [403, `GET /peerjs?key=r&id=a&token=t HTTP/1.1\r\nHost: x\r\nOrigin: https://b.example\r\n${upgrade}`],
    [400, `GET /peerjs?key=r&id=a&token=t HTTP/1.1\r\nHost: x\r\nOrigin: https://a.example\r\n${upgrade}`],
  ]

  it.each(requests.map(([status, lines]) => [status, lines.slice(0, 60), lines] as const))(
    '%i to %j',
    async (status, _, lines) => {
      const app = mkdtempSync(join(tmpdir(), 'app-'))
      writeFileSync(join(app, 'index.html'), '<title>app</title>')
      await start({ app, origins: ['https://a.example'], patience: { ...SHORT, answerMs: 3e5 } })
      const { answer } = await open(
        status === 408
          ? lines
          : `${lines}\r\n${lines.includes('Upgrade') ? '' : 'Connection: close\r\n'}\r\n`,
      )
      const [head = ''] = (await answer).split('\r\n\r\n', 1)
      const [first = '', ...rest] = head.split('\r\n')
      expect(first).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
      const valueByName = new Map(
        rest.map((line) => [line.split(': ', 1)[0]?.toLowerCase(), line.split(': ').slice(1).join(': ')]),
      )
      for (const [name, value] of ARMOUR) {
        if (name === 'content-security-policy') expect(valueByName.get(name)).toContain(`default-src 'none'`)
        else expect(valueByName.get(name)).toBe(value)
      }
      expect(valueByName.get('content-security-policy')).toContain(`frame-ancestors 'none'`)
      rmSync(app, { recursive: true })
    },
  )

  it.each(['429', '308'])('%s', async (status) => {
    const address = { ...UNLIMITED.address, requests: { burst: status === '429' ? 0 : 1, perSecond: 0 } }
    await start({ base: '/fofoca/', limits: { ...UNLIMITED, address } })
    const response = await fetch(`http://127.0.0.1:${server.port}/fofoca`, { redirect: 'manual' })
    expect(String(response.status)).toBe(status)
    for (const [name, value] of ARMOUR) expect(response.headers.get(name)).toBe(value)
  })
})
