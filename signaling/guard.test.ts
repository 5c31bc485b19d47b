/** The server on the open internet, with real sockets: limits, origins, proxies, TLS, its log, and how it stops. */
import { connect as connectTls } from 'node:tls'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { retryAfterSeconds } from './guard'
import { FRAGMENTS_MAX, HEADER_BYTES_MAX, RETRY_SECONDS_MAX, RETRY_SECONDS_MIN } from './limits'
import { type LogEvent, newLog } from './log'
import { type ServeOptions, type Server, serve } from './server'
import { connect, type RawClient, UNLIMITED } from './testing'
import { FIRST, RENEWED } from './tls.fixture'

let server: Server
let events: LogEvent[]
afterEach(() => server.close())

async function start(options: Partial<ServeOptions> = {}): Promise<void> {
  events = []
  server = await serve({ port: 0, host: '127.0.0.1', log: (event) => events.push(event), ...options })
}
const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`http://127.0.0.1:${server.port}${path}`, { headers })
const dial = (id: string, { key = 'room', token = 'token', headers = {} } = {}) =>
  connect(server.port, { key, id, token }, '/peerjs', headers)
async function joined(id: string, options?: Parameters<typeof dial>[1]): Promise<RawClient> {
  const client = dial(id, options)
  expect(await client.next()).toEqual({ type: 'OPEN' })
  return client
}
const reasons = () => events.flatMap((event) => ('why' in event ? [`${event.event}: ${event.why}`] : []))

describe('limits', () => {
  it('let no more sockets of one address in, and say when to try again', async () => {
    await start({ limits: { ...UNLIMITED, address: { ...UNLIMITED.address, socketsMax: 2 } } })
    const a = await joined('a', { key: 'one' })
    await joined('b', { key: 'other' })
    const answer = await dial('c').refused
    expect(answer.statusCode).toBe(429)
    const seconds = Number(answer.headers['retry-after'])
    expect(seconds).toBeGreaterThanOrEqual(RETRY_SECONDS_MIN)
    expect(seconds).toBeLessThanOrEqual(RETRY_SECONDS_MAX)
    expect(reasons()).toEqual(['limit: sockets of the address'])
    a.socket.terminate()
    await expect
      .poll(async () => (await (await get('/healthz')).json()) as object)
      .toMatchObject({ sockets: 1 })
    await joined('c')
  })

  it('count what came through our proxies by the address that they saw', async () => {
    const limits = { ...UNLIMITED, address: { ...UNLIMITED.address, socketsMax: 1 } }
    await start({ proxies: 1, limits })
    const from = (address: string) => ({ headers: { 'x-forwarded-for': address } })
    await joined('a', from('198.51.100.1'))
    await joined('b', from('198.51.100.1, 198.51.100.2'))
    expect((await dial('c', from('198.51.100.3, 198.51.100.1')).refused).statusCode).toBe(429)
    await joined('d', from('2001:db8::1'))
    expect((await dial('e', from('2001:db8::2')).refused).statusCode).toBe(429)
    await joined('f', from('2001:db8:0:1::1'))
  })

  it('believe no X-Forwarded-For without a proxy', async () => {
    await start({ limits: { ...UNLIMITED, address: { ...UNLIMITED.address, socketsMax: 1 } } })
    await joined('a', { headers: { 'x-forwarded-for': '198.51.100.1' } })
    const other = dial('b', { headers: { 'x-forwarded-for': '198.51.100.2' } })
    expect((await other.refused).statusCode).toBe(429)
  })

  it.each(['frames', 'bytes'] as const)(
    'put out a socket that floods with %s, and nobody else',
    async (what) => {
      const rate = { burst: what === 'frames' ? 20 : 20_000, perSecond: 1 }
      await start({ limits: { ...UNLIMITED, socket: { ...UNLIMITED.socket, [what]: rate } } })
      const [a, b, flood] = [await joined('a'), await joined('b'), await joined('flood')]
      for (let count = 0; count < 200; count++)
        flood.send({ type: 'CANDIDATE', dst: 'nobody', payload: 'x'.repeat(1000) })
      expect(await flood.closed).toBe(1008)
      expect(await flood.reason).toBe(`${what} of the socket`)
      expect(reasons()).toEqual([`limit: ${what} of the socket`])
      a.send({ type: 'OFFER', dst: 'b', payload: 1 })
      expect(await b.next()).toMatchObject({ src: 'a' })
      expect(await (await get('/room/peers')).json()).toEqual(['a', 'b'])
    },
  )

  it('put out nobody for what others of the room sent', async () => {
    const frames = { burst: 50, perSecond: 0 }
    const socket = { ...UNLIMITED.socket, frames: { burst: 60, perSecond: 0 } }
    await start({ limits: { ...UNLIMITED, socket, room: { ...UNLIMITED.room, frames } } })
    const [a, flood] = [await joined('a'), await joined('flood')]
    for (let count = 0; count < 51; count++) flood.send({ type: 'HEARTBEAT' })
    expect(await flood.closed).toBe(1008)
    a.send({ type: 'HEARTBEAT' })
    await expect.poll(reasons).toEqual(['limit: frames of the room', 'limit: frames of the room'])
    expect(await (await get('/room/peers')).json()).toEqual(['a'])
    expect(a.socket.readyState).toBe(a.socket.OPEN)
  })

  it.each(['ping', 'pong'] as const)('count control frames: a flood of %s', async (frame) => {
    const frames = { burst: 20, perSecond: 1 }
    await start({ limits: { ...UNLIMITED, socket: { ...UNLIMITED.socket, frames } } })
    const flood = await joined('flood')
    for (let count = 0; count < 30; count++) flood.socket[frame]()
    expect(await flood.closed).toBe(1008)
  })

  it('answer requests for lists, and others, no more often than they say', async () => {
    const requests = { burst: 3, perSecond: 0 }
    await start({
      limits: {
        ...UNLIMITED,
        room: { ...UNLIMITED.room, requests: { ...requests, burst: 1 } },
        address: { ...UNLIMITED.address, requests },
      },
    })
    expect((await get('/room/peers')).status).toBe(200)
    const second = await get('/room/peers')
    expect(second.status).toBe(429)
    expect(Number(second.headers.get('retry-after'))).toBeGreaterThanOrEqual(RETRY_SECONDS_MIN)
    expect((await get('/other/peers')).status).toBe(200)
    expect((await get('/healthz')).status).toBe(429)
    expect(reasons()).toEqual(['limit: requests of the room', 'limit: requests of the address'])
  })
})

describe('bounds of a connection', () => {
  it('so many at once, not one more', async () => {
    await start({ limits: { ...UNLIMITED, connectionsMax: 2 } })
    const [a] = [await joined('a'), await joined('b')]
    expect(await dial('c').closed).toBe(1006)
    a.socket.terminate()
    const next = () => {
      const client = dial('c')
      return Promise.race([client.next(), client.closed])
    }
    await expect.poll(next).toEqual({ type: 'OPEN' })
  })

  it('a frame in so many pieces, not one more', async () => {
    await start()
    const send = (client: RawClient, pieces: number) => {
      const text = JSON.stringify({ type: 'OFFER', dst: 'nobody', payload: 'x'.repeat(pieces) })
      for (let at = 0; at < pieces - 1; at++) client.socket.send(text.slice(at, at + 1), { fin: false })
      client.socket.send(text.slice(pieces - 1))
    }
    const [whole, shredded] = [await joined('whole'), await joined('shredded')]
    send(whole, FRAGMENTS_MAX)
    expect(await whole.next()).toMatchObject({ type: 'EXPIRE' })
    send(shredded, FRAGMENTS_MAX + 1)
    expect(await shredded.closed).toBe(1008)
  })

  it('header lines of so many bytes', async () => {
    await start()
    expect((await get('/healthz', { x: 'x'.repeat(HEADER_BYTES_MAX / 2) })).status).toBe(200)
    expect((await get('/healthz', { x: 'x'.repeat(HEADER_BYTES_MAX + 1) })).status).toBe(431)
  })
})

describe('origins', () => {
  it('are all welcome by default', async () => {
    await start()
    await joined('a', { headers: { origin: 'https://elsewhere.example' } })
  })

  it('that the operator did not name get no socket, and read no list', async () => {
    await start({ origins: ['https://a.example', 'https://b.example'] })
    await joined('a', { headers: { origin: 'https://a.example' } })
    for (const headers of [{ origin: 'https://c.example' }, { origin: 'null' }, undefined]) {
      expect((await dial('x', headers ? { headers } : {}).refused).statusCode).toBe(403)
    }
    const allowed = await get('/room/peers', { origin: 'https://b.example' })
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://b.example')
    expect(allowed.headers.get('vary')).toBe('origin')
    const other = await get('/room/peers', { origin: 'https://c.example' })
    expect(other.headers.get('access-control-allow-origin')).toBeNull()
    expect(new Set(reasons())).toEqual(new Set(['refuse: origin']))
  })
})

describe('TLS', () => {
  const certificate = async () => {
    const socket = connectTls({ port: server.port, host: '127.0.0.1', rejectUnauthorized: false })
    await once(socket, 'secureConnect')
    const { subject } = socket.getPeerCertificate()
    socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    const [answer] = (await once(socket, 'data')) as [Buffer]
    socket.destroy()
    return { name: subject.CN, status: answer.toString().split('\r\n')[0] }
  }

  it('is spoken with the certificate given, and with a renewed one from then on', async () => {
    await start({ tls: FIRST })
    expect(await certificate()).toEqual({ name: 'localhost', status: 'HTTP/1.1 200 OK' })
    server.renewTls(RENEWED)
    expect(await certificate()).toEqual({ name: 'renewed.localhost', status: 'HTTP/1.1 200 OK' })
    expect(() => server.renewTls({ cert: 'none', key: 'none' })).toThrow()
    expect(await certificate()).toMatchObject({ name: 'renewed.localhost' })
  })
})

describe('a stop', () => {
  it('tells each socket to come back, and when, and takes no other', async () => {
    await start()
    const clients = await Promise.all(Array.from({ length: 20 }, (_, index) => joined(`tab-${index}`)))
    const { port } = server
    await server.close()
    for (const client of clients) {
      expect(await client.closed).toBe(1012)
      expect(await client.reason).toMatch(/^come back in \d+ s$/)
    }
    expect(new Set(await Promise.all(clients.map((client) => client.reason))).size).toBeGreaterThan(3)
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow()
    expect(events.filter(({ event }) => event === 'stop')).toEqual([{ event: 'stop', sockets: 20 }])
    expect(events.filter(({ event }) => event === 'leave')).toHaveLength(20)
  })

  it('waits for nobody who does not answer', async () => {
    await start()
    const deaf = await joined('deaf')
    deaf.socket.pause()
    await server.close()
    deaf.socket.terminate()
  })

  it('spreads those who come back over the whole time', () => {
    expect(retryAfterSeconds(0)).toBe(RETRY_SECONDS_MIN)
    expect(retryAfterSeconds(0.999_999)).toBe(RETRY_SECONDS_MAX)
  })
})

describe('the log of a whole session', () => {
  it.each([false, true])('has a line for each event, and no secret; addresses: %s', async (addresses) => {
    const lines: string[] = []
    await start({ log: newLog({ addresses, write: (line) => lines.push(line), nowMs: Date.now }) })
    const secrets = {
      key: '0123456789abcdef0123456789abcdef',
      id: 'aaaabbbbccccdddd',
      token: 'secret-token',
    }
    const a = connect(server.port, secrets)
    await a.next()
    const b = await joined('b', secrets)
    b.send({ type: 'OFFER', dst: secrets.id, payload: 'secret payload' })
    await a.next()
    await dial(secrets.id, { ...secrets, token: 'secret-guess' }).closed
    await get(`/${secrets.key}/peers?key=${secrets.key}`)
    a.send('secret malformed frame')
    await a.closed
    b.send({ type: 'LEAVE' })
    await b.closed
    await connect(server.port, { ...secrets, token: '' }).closed
    await server.close()
    expect(lines.map((line) => line.split(' ')[1])).toEqual([
      'start',
      'join',
      'join',
      'refuse',
      'refuse',
      'leave',
      'leave',
      'refuse',
      'stop',
    ])
    const text = lines.join('\n')
    for (const secret of [secrets.key, secrets.id, 'secret', 'payload']) expect(text).not.toContain(secret)
    expect(text.includes('127.0.0.1')).toBe(addresses)
  })
})
