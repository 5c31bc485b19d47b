/**
 * The broker's members as WebSockets. A socket that breaks the protocol or a limit is closed with a reason, one that
 * sleeps or doesn't read is cut, and none of it reaches another socket. (`ws` switches Nagle's algorithm off by itself.)
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import { type Broker, type Outlet } from './broker'
import { type Place } from './gate'
import { type Guard, retryAfterSeconds } from './guard'
import {
  CLOSING_MS_MAX,
  FRAGMENTS_MAX,
  FRAME_BYTES_MAX,
  PING_MS,
  STOP_MS_MAX,
  STOPS_PER_SECOND,
  UNREAD_BYTES_MAX,
} from './limits'
import { ARMOUR } from './page-headers'
import { type Hello, parseHello, parseFrame } from './protocol'

const NORMAL = 1000
const POLICY_VIOLATION = 1008
const SERVICE_RESTART = 1012

export interface Sockets {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, query: URLSearchParams): void
  /**
   * Closes all, one after the other in no order, so that they don't all come back at once, and tells each when to. Cuts
   * those that don't answer. Nobody is let in any more.
   */
  close(): Promise<void>
}

export function openSockets(broker: Broker, guard: Guard, pingMs = PING_MS): Sockets {
  const { gate, log } = guard
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: FRAME_BYTES_MAX,
    maxFragments: FRAGMENTS_MAX,
    perMessageDeflate: false,
  })
  server.on('wsClientError', (_, socket) => refuse(socket, '400 Bad Request'))
  /** Who came since the last ping, or answered it: whoever reads nothing can't, whatever it says. */
  const awake = new WeakSet<WebSocket>()
  let ping = ''
  const timer = setInterval(() => {
    gate.sweep()
    ping = randomUUID()
    for (const socket of server.clients) {
      if (awake.delete(socket)) socket.ping(ping)
      else socket.terminate()
    }
  }, pingMs)
  timer.unref()
  let stopping = false

  function accept(
    socket: WebSocket,
    hello: ReturnType<typeof parseHello>,
    place: Place,
    address: string,
  ): void {
    awake.add(socket)
    socket.on('error', () => socket.terminate()) // too large, not UTF-8, reset by the other side: only this one ends
    const outlet = outletOf(socket)
    if ('wrong' in hello) {
      outlet.send({ type: 'ERROR', payload: { msg: hello.wrong } })
      log({ event: 'refuse', why: hello.wrong, address })
      return shut(socket, POLICY_VIOLATION, 'invalid hello')
    }
    const { room, id } = hello
    const session = broker.join(hello, outlet)
    if (!session) {
      log({ event: 'refuse', why: 'id is taken', room, address })
      return shut(socket, POLICY_VIOLATION, 'id is taken')
    }
    log({ event: 'join', room, id, address })
    socket.on('close', () => {
      session.leave()
      log({ event: 'leave', room, id, address })
    })
    const putOut = (event: 'refuse' | 'limit', why: string) => {
      session.leave() // at once: the closing handshake may take as long as the other side likes
      log({ event, why, room, address })
      shut(socket, POLICY_VIOLATION, why)
      if (event === 'limit') socket.pause() // a flood is not even read
    }
    const isWithinLimits = (bytes: number) => {
      if (socket.readyState !== WebSocket.OPEN) return false
      const overuse = place.frame(bytes)
      if (overuse?.isOwn) putOut('limit', overuse.why)
      else if (overuse) log({ event: 'limit', why: overuse.why, room, address }) // the frame is lost, and no more
      return overuse === undefined
    }
    socket.on('ping', (data: Buffer) => isWithinLimits(data.length))
    socket.on('pong', (data: Buffer) => {
      if (data.toString() === ping) awake.add(socket)
      isWithinLimits(data.length)
    })
    socket.on('message', (data: Buffer, isBinary) => {
      if (!isWithinLimits(data.length)) return
      const frame = isBinary ? undefined : parseFrame(data.toString())
      if (frame) session.receive(frame)
      else putOut('refuse', 'malformed frame')
    })
  }

  return {
    upgrade: (request, socket, head, query) => {
      const address = guard.address(request)
      const hello = parseHello(query)
      const room = roomOf(hello)
      if (stopping) return refuse(socket, '503 Service Unavailable')
      if (guard.allowedOrigin(request) === undefined) {
        log({ event: 'refuse', why: 'origin', ...room, address })
        return refuse(socket, '403 Forbidden')
      }
      const place = gate.enter(guard.share(request), room.room)
      if (typeof place === 'string') {
        log({ event: 'limit', why: place, ...room, address })
        return refuse(socket, '429 Too Many Requests')
      }
      socket.once('close', () => place.release())
      server.handleUpgrade(request, socket, head, (opened) => accept(opened, hello, place, address))
    },
    close: async () => {
      stopping = true
      clearInterval(timer)
      await closeAll(server.clients)
      server.close()
    },
  }
}

const RETRIED: ReadonlySet<string> = new Set(['429 Too Many Requests', '503 Service Unavailable'])

/**
 * Before the handshake, which is the cheapest: PeerJS sees a server that is down, and its page tries again later. Who
 * doesn't go then is cut.
 */
export function refuse(socket: Duplex, status: string): void {
  const lines = [`HTTP/1.1 ${status}`, 'Connection: close', 'Content-Length: 0']
  for (const [name, value] of ARMOUR) lines.push(`${name}: ${value}`)
  if (RETRIED.has(status)) lines.push(`Retry-After: ${retryAfterSeconds()}`)
  socket.on('error', () => socket.destroy()).end(`${lines.join('\r\n')}\r\n\r\n`)
  const cut = setTimeout(() => socket.destroy(), CLOSING_MS_MAX).unref()
  socket.once('close', () => clearTimeout(cut))
}

/** Says goodbye, and doesn't wait long for an answer. */
function shut(socket: WebSocket, code: number, reason: string): void {
  socket.close(code, reason)
  setTimeout(() => socket.terminate(), CLOSING_MS_MAX).unref()
}

async function closeAll(clients: ReadonlySet<WebSocket>): Promise<void> {
  const sockets = shuffled([...clients])
  const msEach = Math.min(1000 / STOPS_PER_SECOND, STOP_MS_MAX / sockets.length)
  await Promise.all(
    sockets.map(async (socket, index) => {
      await new Promise((resolve) => setTimeout(resolve, index * msEach))
      if (socket.readyState === WebSocket.CLOSED) return
      const closed = new Promise((resolve) => socket.once('close', resolve))
      socket.close(SERVICE_RESTART, `come back in ${retryAfterSeconds()} s`)
      setTimeout(() => socket.terminate(), CLOSING_MS_MAX).unref()
      await closed
    }),
  )
}

function shuffled<T>(list: readonly T[]): T[] {
  return list
    .map((item) => ({ item, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

function roomOf(hello: ReturnType<typeof parseHello>): Partial<Pick<Hello, 'room'>> {
  return 'wrong' in hello ? {} : { room: hello.room }
}

function outletOf(socket: WebSocket): Outlet {
  return {
    send: (frame) => {
      if (socket.readyState !== WebSocket.OPEN) return
      if (socket.bufferedAmount > UNREAD_BYTES_MAX) socket.terminate()
      else socket.send(JSON.stringify(frame))
    },
    end: () => shut(socket, NORMAL, 'goodbye'),
  }
}
