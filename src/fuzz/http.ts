/** HTTP, byte by byte, to a running server with an app folder, beside which lies what it must never send. */
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serve } from '../../signaling/server'
import { UNLIMITED } from '../../signaling/testing'
import type { Seeded } from '../sim/seeded'
import { mutatedText } from './mutate'
import type { Outcome } from './targets'

export interface HttpTarget {
  /** Sends one request. Rejects if the answer shows what it must not. */
  attack(random: Seeded): Promise<Outcome>
  /** Rejects unless the server answers as it did. */
  lives(): Promise<void>
  close(): Promise<void>
}

const SECRET = 'what lies beside the app'
/** A server that waits for more of a request is not waited for. */
const ANSWER_MS_MAX = 2_000

const HEADERS = 'Host: localhost\r\nConnection: close\r\n'
const REQUESTS = [
  `GET / HTTP/1.1\r\n${HEADERS}\r\n`,
  `GET /assets/app.js HTTP/1.1\r\n${HEADERS}If-None-Match: "x"\r\n\r\n`,
  `GET /../secret.txt HTTP/1.1\r\n${HEADERS}\r\n`,
  `GET /%2e%2e/secret.txt HTTP/1.1\r\n${HEADERS}\r\n`,
  `GET //../../secret.txt?x#y HTTP/1.1\r\n${HEADERS}\r\n`,
  `HEAD /healthz HTTP/1.1\r\n${HEADERS}\r\n`,
  `OPTIONS /config.json HTTP/1.1\r\n${HEADERS}Origin: http://elsewhere\r\n\r\n`,
  `GET /room/peers HTTP/1.1\r\n${HEADERS}X-Forwarded-For: 1.2.3.4\r\n\r\n`,
  `POST /room/id HTTP/1.1\r\n${HEADERS}Content-Length: 4\r\n\r\nbody`,
  `GET /peerjs?key=room&id=a&token=b HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
]

export async function openHttp(): Promise<HttpTarget> {
  const folder = mkdtempSync(join(tmpdir(), 'fofoca-fuzz-'))
  mkdirSync(join(folder, 'app/assets'), { recursive: true })
  writeFileSync(join(folder, 'secret.txt'), SECRET)
  writeFileSync(join(folder, 'app/index.html'), '<!doctype html>')
  writeFileSync(join(folder, 'app/assets/app.js'), 'export {}')
  const server = await serve({ port: 0, host: '127.0.0.1', app: join(folder, 'app'), limits: UNLIMITED })
  return {
    async attack(random) {
      const answer = await ask(server.port, mutatedText(random.pick(REQUESTS), REQUESTS, random))
      if (answer.includes(SECRET)) throw new Error('the server sends what lies beside the app')
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? '0')
      if (status >= 500 && status !== 501 && status !== 505) throw new Error(`the server answers ${status}`)
      return status >= 100 && status < 400 ? 'taken' : 'refused'
    },
    async lives() {
      const answer = await ask(server.port, `GET /healthz HTTP/1.1\r\n${HEADERS}\r\n`)
      if (!answer.startsWith('HTTP/1.1 200')) throw new Error('the server is not well any more')
    },
    async close() {
      await server.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** All that comes back, until the other side ends it, or a socket has been opened. */
function ask(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    socket.setTimeout(ANSWER_MS_MAX, () => socket.destroy())
    socket.on('data', (data) => {
      answer += data.toString('latin1')
      if (answer.startsWith('HTTP/1.1 101')) socket.destroy()
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') reject(error)
    })
    socket.once('close', () => resolve(answer))
    // What is not whole is no longer waited for once we have said all.
    socket.end(request, 'latin1')
  })
}
