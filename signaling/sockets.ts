/**
 * The broker's members as WebSockets. A socket that breaks the protocol is closed with a reason, one that sleeps or
 * doesn't read is cut, and none of it reaches another socket. (`ws` switches Nagle's algorithm off by itself.)
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import { type Broker, type Outlet } from './broker'
import { FRAME_BYTES_MAX, parseFrame, parseHello } from './protocol'

/** A peer that is gone without a word is unlisted after one to two of these. */
const PING_MS = 20_000

/** Whoever leaves this much unread is not there: held back for it would be memory without bound. */
const UNREAD_BYTES_MAX = 1024 * 1024

const GOING_AWAY = 1001
const POLICY_VIOLATION = 1008

export interface Sockets {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, query: URLSearchParams): void
  /** Says goodbye to all; cuts those that don't answer it at once. */
  close(): void
}

export function openSockets(broker: Broker, pingMs = PING_MS): Sockets {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: FRAME_BYTES_MAX,
    perMessageDeflate: false,
  })
  const heard = new WeakSet<WebSocket>()
  const timer = setInterval(() => {
    for (const socket of server.clients) {
      if (heard.delete(socket)) socket.ping()
      else socket.terminate()
    }
  }, pingMs)
  timer.unref()

  function accept(socket: WebSocket, query: URLSearchParams): void {
    heard.add(socket)
    socket.on('pong', () => heard.add(socket))
    socket.on('error', () => socket.terminate()) // too large, not UTF-8, reset by the other side: only this one ends
    const hello = parseHello(query)
    const outlet = outletOf(socket)
    if ('wrong' in hello) {
      outlet.send({ type: 'ERROR', payload: { msg: hello.wrong } })
      socket.close(POLICY_VIOLATION, 'invalid hello')
      return
    }
    const session = broker.join(hello, outlet)
    if (!session) {
      socket.close(POLICY_VIOLATION, 'id is taken')
      return
    }
    socket.on('close', () => session.leave())
    socket.on('message', (data: Buffer, isBinary) => {
      heard.add(socket)
      const frame = isBinary ? undefined : parseFrame(data.toString())
      if (frame) return session.receive(frame)
      session.leave() // at once: the closing handshake may take as long as the other side likes
      socket.close(POLICY_VIOLATION, 'malformed frame')
    })
  }

  return {
    upgrade: (request, socket, head, query) => {
      server.handleUpgrade(request, socket, head, (opened) => accept(opened, query))
    },
    close: () => {
      clearInterval(timer)
      for (const socket of server.clients) {
        socket.close(GOING_AWAY, 'server stops')
        socket.terminate()
      }
      server.close()
    },
  }
}

function outletOf(socket: WebSocket): Outlet {
  return {
    send: (frame) => {
      if (socket.readyState !== WebSocket.OPEN) return
      if (socket.bufferedAmount > UNREAD_BYTES_MAX) socket.terminate()
      else socket.send(JSON.stringify(frame))
    },
    end: () => socket.close(),
  }
}
