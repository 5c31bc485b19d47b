/** The server as its clients meet it: real sockets on loopback, a raw client and, below, PeerJS's own protocol in words. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect as connectTcp, type Socket } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FRAME_BYTES_MAX } from './limits'
import { contentSecurityPolicy } from './page-headers'
import { type ServeOptions, type Server, serve } from './server'
import { connect, type RawClient, UNLIMITED } from './testing'

let server: Server
const start = async (options: Partial<ServeOptions> = {}) => {
  server = await serve({ port: 0, host: '127.0.0.1', ...options })
}
beforeEach(() => start())
afterEach(() => server.close())

const restart = async (options: Partial<ServeOptions>) => {
  await server.close()
  await start(options)
}
const get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${server.port}${path}`, init)
const peers = async (room: string) => (await get(`/${room}/peers`)).json()
const dial = (id: string, { key = 'room', token = `token-of-${id}` } = {}) =>
  connect(server.port, { key, id, token })

/** Connected and listed. */
async function joined(id: string, options?: { key?: string; token?: string }): Promise<RawClient> {
  const client = dial(id, options)
  expect(await client.next()).toEqual({ type: 'OPEN' })
  return client
}

/** Whether a frame still gets from one to the other. */
async function reaches(from: RawClient, to: RawClient, dst: string): Promise<void> {
  from.send({ type: 'CANDIDATE', dst, payload: 'are you there?' })
  expect(await to.next()).toMatchObject({ type: 'CANDIDATE', payload: 'are you there?' })
}

describe('relaying', () => {
  it.each(['OFFER', 'ANSWER', 'CANDIDATE', 'LEAVE'])('passes %s on inside a room', async (type) => {
    const [a, b] = [await joined('a'), await joined('b')]
    a.send({ type, dst: 'b', payload: { sdp: 'x', nested: [1, null] } })
    expect(await b.next()).toEqual({ type, src: 'a', dst: 'b', payload: { sdp: 'x', nested: [1, null] } })
  })

  it('takes src from the socket, never from the frame', async () => {
    const [a, b] = [await joined('a'), await joined('b')]
    a.send({ type: 'OFFER', src: 'c', dst: 'b', payload: 1 })
    expect(await b.next()).toMatchObject({ src: 'a' })
  })

  it('does not reach into another room, even under the same id', async () => {
    const [a, b, stranger] = [await joined('a'), await joined('b'), await joined('b', { key: 'elsewhere' })]
    stranger.send({ type: 'OFFER', dst: 'a', payload: 'from elsewhere' })
    expect(await stranger.next()).toEqual({ type: 'EXPIRE', src: 'a', dst: 'b' })
    await reaches(b, a, 'a')
  })

  it.each(['OFFER', 'ANSWER'])('answers an %s to an absent id with EXPIRE', async (type) => {
    const a = await joined('a')
    a.send({ type, dst: 'nobody', payload: 1 })
    expect(await a.next()).toEqual({ type: 'EXPIRE', src: 'nobody', dst: 'a' })
  })

  it('holds nothing back for who comes later', async () => {
    const a = await joined('a')
    for (const type of ['OFFER', 'CANDIDATE', 'LEAVE']) a.send({ type, dst: 'b', payload: 'early' })
    a.send({ type: 'OFFER', dst: 'nobody', payload: 1 }) // its answer tells that all of them were handled
    expect(await a.next()).toMatchObject({ src: 'b' })
    expect(await a.next()).toMatchObject({ src: 'nobody' })
    await reaches(a, await joined('b'), 'b')
  })

  it('takes heartbeats in silence', async () => {
    const [a, b] = [await joined('a'), await joined('b')]
    a.send({ type: 'HEARTBEAT' })
    await reaches(a, b, 'b')
  })
})

describe('discovery', () => {
  it('lists the members of one room only, while they are connected', async () => {
    const a = await joined('a')
    await joined('b')
    await joined('c', { key: 'elsewhere' })
    expect(await peers('room')).toEqual(['a', 'b'])
    expect(await peers('elsewhere')).toEqual(['c'])
    expect(await peers('empty')).toEqual([])
    a.send({ type: 'LEAVE' })
    await a.closed
    expect(await peers('room')).toEqual(['b'])
  })

  it('gives out fresh ids that it takes', async () => {
    const [one, other] = [await (await get('/room/id')).text(), await (await get('/room/id')).text()]
    expect(one).not.toBe(other)
    await joined(one)
  })

  it('may be asked from pages of other origins', async () => {
    const response = await get('/room/peers', { headers: { origin: 'http://elsewhere.example' } })
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect((await get('/room/peers', { method: 'OPTIONS' })).status).toBe(204)
  })
})

describe('identity', () => {
  it('tells a second tab that an id is taken, and leaves the first alone', async () => {
    const [a, b] = [await joined('a'), await joined('b')]
    const thief = dial('a', { token: 'another' })
    expect(await thief.next()).toMatchObject({ type: 'ID-TAKEN' })
    await thief.closed
    await reaches(b, a, 'a')
    expect(await peers('room')).toEqual(['a', 'b'])
  })

  it('lets a new socket with the same token take over, also while the old one is half open', async () => {
    const [old, b] = [await joined('a'), await joined('b')]
    old.socket.pause()
    const fresh = await joined('a')
    await reaches(b, fresh, 'a')
    await reaches(fresh, b, 'b')
    old.socket.resume()
    await old.closed
    await reaches(b, fresh, 'a')
    expect(await peers('room')).toEqual(['a', 'b'])
  })

  it('hears nothing more from a socket that was taken over', async () => {
    const [old, b] = [await joined('a'), await joined('b')]
    old.socket.pause() // so that it learns of its end late
    const fresh = await joined('a')
    old.send({ type: 'OFFER', dst: 'b', payload: 'from the past' })
    old.send({ type: 'LEAVE' })
    old.socket.resume()
    await old.closed
    await reaches(fresh, b, 'b')
  })

  it('frees an id when its socket is gone', async () => {
    const a = await joined('a')
    a.send({ type: 'LEAVE' })
    await a.closed
    await joined('a', { token: 'another' })
  })

  it('knows no ghost: after LEAVE the socket speaks for nobody', async () => {
    const [a, b] = [await joined('a'), await joined('b')]
    a.send({ type: 'LEAVE' })
    a.send({ type: 'OFFER', dst: 'b', payload: 'from a ghost' })
    await a.closed
    await reaches(await joined('a', { token: 'another' }), b, 'b')
  })
})

describe('a client that misbehaves is cut off, and nobody else', () => {
  let a: RawClient
  let b: RawClient
  let bad: RawClient
  beforeEach(async () => {
    a = await joined('a')
    b = await joined('b')
    bad = await joined('bad')
  })
  const onlyOthersAreLeft = async () => {
    await expect.poll(() => peers('room')).toEqual(['a', 'b'])
    await reaches(a, b, 'b')
    await reaches(b, a, 'a')
  }

  it.each([
    '{',
    'null',
    '[]',
    '{"type":"OFFER"}',
    '{"type":"__proto__","dst":"a"}',
    '{"type":"OFFER","dst":5}',
  ])('malformed: %s', async (frame) => {
    bad.send(frame)
    expect(await bad.closed).toBe(1008)
    await onlyOthersAreLeft()
  })

  it('so deep that it can be read, and not be written again', async () => {
    bad.send(`{"type":"OFFER","dst":"a","payload":${'['.repeat(30_000)}${']'.repeat(30_000)}}`)
    expect(await bad.closed).toBe(1008)
    await onlyOthersAreLeft()
  })

  it('malformed, and then deaf: it is unlisted without waiting for its goodbye', async () => {
    bad.send('{')
    bad.socket.pause()
    await onlyOthersAreLeft()
    bad.socket.terminate()
  })

  it('binary', async () => {
    bad.socket.send(new Uint8Array(10))
    expect(await bad.closed).toBe(1008)
    await onlyOthersAreLeft()
  })

  it('one byte too large; the largest one passes', async () => {
    const frame = (padding: number) =>
      JSON.stringify({ type: 'CANDIDATE', dst: 'a', payload: 'x'.repeat(padding) })
    const room = FRAME_BYTES_MAX - frame(0).length
    bad.send(frame(room))
    expect(await a.next()).toMatchObject({ src: 'bad' })
    bad.send(frame(room + 1))
    expect(await bad.closed).toBe(1009)
    await onlyOthersAreLeft()
  })

  it('huge', async () => {
    bad.send('x'.repeat(20 * 1024 * 1024))
    await bad.closed
    await onlyOthersAreLeft()
  })

  it('not UTF-8', async () => {
    bad.socket.send(Buffer.from([0xff, 0xfe, 0xfd]), { binary: false })
    expect(await bad.closed).toBe(1007)
    await onlyOthersAreLeft()
  })

  it('not even WebSocket frames', async () => {
    const raw = Reflect.get(bad.socket, '_socket') as Socket
    raw.write('hello?\r\n\r\n'.repeat(1000))
    await bad.closed
    await onlyOthersAreLeft()
  })

  it('reset', async () => {
    bad.socket.terminate()
    await bad.closed
    await onlyOthersAreLeft()
  })
})

describe('a hello that makes no sense is refused with a reason', () => {
  it.each([
    { key: '', id: 'a', token: 't' },
    { key: 'a/b', id: 'a', token: 't' },
    { key: 'x'.repeat(1000), id: 'a', token: 't' },
    { key: 'room', id: '', token: 't' },
    { key: 'room', id: '__proto__', token: 't' },
    { key: 'room', id: 'a', token: '' },
  ])('%j', async (query) => {
    const client = connect(server.port, query)
    expect(await client.next()).toMatchObject({ type: 'ERROR', payload: { msg: expect.any(String) } })
    expect(await client.closed).toBe(1008)
    expect(await peers('room')).toEqual([])
  })

  it('a path that is not ours', async () => {
    const elsewhere = connect(server.port, { key: 'room', id: 'a', token: 't' }, '/elsewhere')
    expect((await elsewhere.refused).statusCode).toBe(404)
    await joined('a')
  })

  it.each(['GET //%ff%zz HTTP/1.1', 'GET http://[ HTTP/1.1', 'NONSENSE', 'GET /%/peers HTTP/1.1'])(
    'the request line %s',
    async (line) => {
      const socket = connectTcp(server.port, '127.0.0.1')
      socket.on('error', () => undefined).write(`${line}\r\nHost: x\r\nConnection: close\r\n\r\n`)
      socket.resume()
      await once(socket, 'close')
      await joined('a')
    },
  )
})

describe('sleepers', () => {
  it('cuts a half-open socket, and keeps one that answers pings', async () => {
    await restart({ pingMs: 100 })
    const awake = await joined('awake')
    const asleep = await joined('asleep')
    let pings = 0
    const pingedOften = new Promise<void>((resolve) =>
      awake.socket.on('ping', () => ++pings === 3 && resolve()),
    )
    asleep.socket.pause() // reads nothing, so it answers nothing
    await pingedOften
    await expect.poll(() => peers('room')).toEqual(['awake'])
    asleep.socket.terminate()
  })

  it('cuts who speaks and hears nothing', async () => {
    await restart({ pingMs: 100 })
    await joined('awake')
    const deaf = await joined('deaf')
    deaf.socket.pause()
    const speaking = setInterval(() => {
      deaf.send({ type: 'HEARTBEAT' })
      deaf.socket.pong('I heard you')
    }, 20)
    await expect.poll(() => peers('room')).toEqual(['awake'])
    clearInterval(speaking)
    deaf.socket.terminate()
  })

  it('cuts who reads nothing of what it is sent, and holds no more for it', async () => {
    await restart({ limits: UNLIMITED })
    const [a, slow] = [await joined('a'), await joined('slow')]
    slow.socket.pause()
    const frame = { type: 'CANDIDATE', dst: 'slow', payload: 'x'.repeat(60_000) }
    await expect
      .poll(async () => {
        for (let count = 0; count < 50; count++) a.send(frame)
        return peers('room')
      })
      .toEqual(['a'])
    slow.socket.terminate()
  })
})

describe('files', () => {
  let outside: string
  let folder: string
  beforeEach(async () => {
    outside = mkdtempSync(join(tmpdir(), 'app-'))
    folder = join(outside, 'app')
    mkdirSync(join(folder, 'assets'), { recursive: true })
    writeFileSync(join(folder, 'index.html'), '<title>app</title>')
    writeFileSync(join(folder, 'kv.js'), 'export const open = 1')
    writeFileSync(join(folder, 'assets', 'main-abc.js'), '1')
    await restart({ app: folder })
  })
  afterEach(() => rmSync(outside, { recursive: true }))

  it('serves the page, fresh at every visit', async () => {
    const response = await get('/')
    expect(await response.text()).toBe('<title>app</title>')
    expect(response.headers.get('cache-control')).toBe('no-cache')
    const etag = response.headers.get('etag')
    for (const known of [etag ?? '', `W/${etag}`, `"other", ${etag}`, '*'])
      expect((await get('/', { headers: { 'if-none-match': known } })).status).toBe(304)
    for (const other of ['', '"other"', 'W/"other"'])
      expect((await get('/', { headers: { 'if-none-match': other } })).status).toBe(200)
  })

  it('lets hashed files be kept for good', async () => {
    expect((await get('/assets/main-abc.js')).headers.get('cache-control')).toContain('immutable')
  })

  describe('of text', () => {
    const text = 'export const open = 1\n'.repeat(500)
    beforeEach(async () => {
      writeFileSync(join(folder, 'assets', 'large-abc.js'), text)
      await restart({ app: folder, origins: ['https://other.example'] })
    })

    it.each(['gzip', 'gzip, deflate, br, zstd', 'br;q=1.0, GZIP;q=0.8'])(
      'are compressed for who takes %s',
      async (codings) => {
        const response = await get('/assets/large-abc.js', { headers: { 'accept-encoding': codings } })
        expect(response.headers.get('content-encoding')).toBe('gzip')
        expect(Number(response.headers.get('content-length'))).toBeLessThan(text.length / 10)
        expect(await response.text()).toBe(text)
      },
    )

    it.each(['identity', 'br', 'gzip;q=0', 'gzip; q=0.000', 'gzipped', ''])(
      'are as they are for who takes %j',
      async (codings) => {
        const response = await get('/assets/large-abc.js', { headers: { 'accept-encoding': codings } })
        expect(response.headers.get('content-encoding')).toBeNull()
        expect(response.headers.get('content-length')).toBe(String(text.length))
        expect(await response.text()).toBe(text)
      },
    )

    it('are kept apart by what was asked, and known again either way', async () => {
      const etags = []
      for (const codings of ['gzip', 'identity']) {
        const headers = { 'accept-encoding': codings }
        const response = await get('/assets/large-abc.js', { headers })
        expect(response.headers.get('vary')).toBe('origin, accept-encoding')
        const etag = response.headers.get('etag') ?? ''
        etags.push(etag)
        const again = await get('/assets/large-abc.js', { headers: { ...headers, 'if-none-match': etag } })
        expect(again.status).toBe(304)
      }
      expect(etags[0]).not.toBe(etags[1])
    })

    it('are not compressed where that saves nothing', async () => {
      const response = await get('/assets/main-abc.js', { headers: { 'accept-encoding': 'gzip' } })
      expect([response.headers.get('content-encoding'), await response.text()]).toEqual([null, '1'])
    })
  })

  it('lets other origins import the module', async () => {
    const response = await get('/kv.js')
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(response.headers.get('content-type')).toContain('text/javascript')
  })

  it('answers 404 to what is not there, and 405 to what does not ask', async () => {
    expect((await get('/nothing')).status).toBe(404)
    expect((await get('/assets')).status).toBe(404)
    expect((await get('/', { method: 'POST', body: 'x' })).status).toBe(405)
    const head = await get('/', { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
  })

  /** As no client would write it: the first line of the answer, and its body. */
  async function raw(path: string, ...headers: string[]): Promise<{ status: number; body: string }> {
    const socket = connectTcp(server.port, '127.0.0.1')
    const lines = [`GET ${path} HTTP/1.1`, 'Host: x', 'Connection: close', ...headers]
    let answer = ''
    socket.on('error', () => undefined).on('data', (text) => (answer += text.toString()))
    socket.write(`${lines.join('\r\n')}\r\n\r\n`)
    await once(socket, 'close')
    const [head = '', body = ''] = answer.split('\r\n\r\n')
    return { status: Number(head.split(' ')[1]), body }
  }

  it.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/..%5csecret.txt',
    '/..\\secret.txt',
    '/....//secret.txt',
    '//secret.txt',
    '/./secret.txt',
    '/%252e%252e/secret.txt',
    '/%252e%252e%252fsecret.txt',
    '/%25252e%25252e%25252fsecret.txt',
    '/..%255csecret.txt',
    '/%5c..%5c..%5csecret.txt',
    '/secret.txt%2500',
    '/..%00/secret.txt',
    '/%u002e%u002e/secret.txt',
    '/..;/secret.txt',
    '/..%c0%afsecret.txt',
    '/index.html%00',
    '/%00',
    '../secret.txt',
    'http://x/../secret.txt',
    '/room/../../secret.txt',
    '/secret.txt?../../secret.txt',
    '/__proto__',
    '/constructor',
  ])('lets nobody out of the folder: %s', async (path) => {
    writeFileSync(join(folder, '..', 'secret.txt'), 'secret')
    const { status, body } = await raw(path)
    expect([400, 404]).toContain(status)
    expect(body).not.toContain('secret')
    expect((await get('/')).status).toBe(200)
  })

  it('follows no link out of the folder, of a file or of a folder', async () => {
    mkdirSync(join(outside, 'private'))
    for (const place of ['secret.txt', 'private/secret.txt']) writeFileSync(join(outside, place), 'secret')
    symlinkSync(join(outside, 'secret.txt'), join(folder, 'link.txt'))
    symlinkSync(join(outside, 'private'), join(folder, 'linked'))
    await restart({ app: folder })
    for (const path of [
      '/link.txt',
      '/linked',
      '/linked/',
      '/linked/secret.txt',
      '/assets/../linked/secret.txt',
    ])
      expect((await raw(path)).status).toBe(404)
    expect((await get('/')).status).toBe(200)
  })

  it.each(['bytes=10-5', 'bytes=-1', 'bytes=0-', 'bytes=99999-', 'x', 'bytes=0-0,1-1'])(
    'gives the whole file, whatever the range: %s',
    async (range) => {
      expect(await raw('/', `Range: ${range}`)).toEqual({ status: 200, body: '<title>app</title>' })
    },
  )

  it('does not mind that the folder goes away', async () => {
    rmSync(join(folder, 'index.html'))
    expect(await (await get('/')).text()).toBe('<title>app</title>')
  })

  it('wears its armour on the page, and on nothing that others embed', async () => {
    const { headers } = await get('/')
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self';")
    expect(policy).toContain(
      `connect-src 'self' ws://127.0.0.1:${server.port} wss://127.0.0.1:${server.port};`,
    )
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toMatch(/unsafe|\*|data:|http:/)
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
    expect(headers.get('permissions-policy')).toContain('camera=()')
    expect((await get('/kv.js')).headers.get('access-control-allow-origin')).toBe('*')
  })

  it.each(['x; script-src *', "x 'unsafe-inline'", 'x,y', 'a b', '', 'x/y', "'self'"])(
    'takes no directive from the Host header: %j',
    (host) => {
      expect(contentSecurityPolicy(host)).toBe(contentSecurityPolicy(undefined))
    },
  )

  it.each(['localhost:9000', 'a-b.example', '[::1]:9000', '192.168.0.1'])('knows the host %s', (host) => {
    expect(contentSecurityPolicy(host)).toContain(`connect-src 'self' ws://${host} wss://${host};`)
  })
})

describe('mounted', () => {
  it('says that it is ready, and how pages should behave', async () => {
    await joined('a')
    const health = await get('/healthz')
    expect(health.status).toBe(200)
    expect(await health.json()).toEqual({
      status: 'ok',
      sockets: 1,
      rooms: 1,
      uptimeSeconds: expect.any(Number),
    })
    const config = await get('/config.json')
    expect(await config.json()).toEqual({ iceServers: [], lobby: true })
    expect(config.headers.get('cache-control')).toBe('no-store')
    await restart({ lobby: false })
    expect(await (await get('/config.json')).json()).toEqual({ iceServers: [], lobby: false })
  })

  it('works under a path of its own', async () => {
    await restart({ base: '/fofoca/' })
    const client = connect(server.port, { key: 'room', id: 'a', token: 't' }, '/fofoca/peerjs')
    expect(await client.next()).toEqual({ type: 'OPEN' })
    expect(await (await get('/fofoca/room/peers')).json()).toEqual(['a'])
    expect((await get('/fofoca/healthz')).status).toBe(200)
    expect((await get('/healthz')).status).toBe(200)
    expect((await get('/room/peers')).status).toBe(404)
    expect((await get('/fofoca', { redirect: 'manual' })).headers.get('location')).toBe('/fofoca/')
  })

  it('restarts at any time: who comes back is listed again', async () => {
    const a = await joined('a')
    const { port } = server
    await server.close()
    await a.closed
    await start({ port })
    expect(await peers('room')).toEqual([])
    await joined('a')
    expect(await peers('room')).toEqual(['a'])
  })

  it('says EADDRINUSE of a port that is taken', async () => {
    await expect(serve({ port: server.port, host: '127.0.0.1' })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    })
  })

  it('closes once, with clients and requests open', async () => {
    const a = await joined('a')
    const idle = connectTcp(server.port, '127.0.0.1')
    await once(idle, 'connect')
    const [first, second] = [server.close(), server.close()]
    expect(first).toBe(second)
    await first
    await a.closed
    idle.destroy()
  })
})
