/** The one server: the app's files, PeerJS signaling and room discovery, on one port, under any path. */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server as HttpServer,
  type ServerOptions,
  type ServerResponse,
} from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { Broker } from './broker'
import { type IceOptions, NO_ICE } from './ice'
import { files } from './files'
import { Guard, type GuardOptions } from './guard'
import { HEADER_BYTES_MAX, HEADERS_MS_MAX, LIMITS, REQUEST_MS_MAX } from './limits'
import { setPageHeaders } from './page-headers'
import { reply, routes, tooMany } from './routes'
import { openSockets, refuse } from './sockets'

/** A certificate with its chain, and its key, both PEM. */
export interface Tls {
  readonly cert: string | Buffer
  readonly key: string | Buffer
}

export interface ServeOptions extends GuardOptions {
  /** 0: any free one. */
  readonly port: number
  /** Absent: every interface. */
  readonly host?: string
  /** The folder with the built app; absent: signaling alone. */
  readonly app?: string
  /** Where it is mounted, for a proxy that passes the path on; begins and ends with "/". */
  readonly base?: string
  readonly lobby?: boolean
  /** Absent: no STUN or TURN. */
  readonly ice?: IceOptions
  /** Absent: plain HTTP. */
  readonly tls?: Tls
  readonly pingMs?: number
}

export interface Server {
  readonly port: number
  /** Takes a renewed certificate for new connections. Throws if it is none, and keeps the old one. */
  renewTls(tls: Tls): void
  /**
   * Takes no more connections, tells those it has when to come back, and resolves when all are gone, after at most
   * 12 s. Further calls give the same promise.
   */
  close(): Promise<void>
}

/** Resolves when it listens; rejects with the system's error (`EADDRINUSE`, …) if it can't. */
export async function serve(options: ServeOptions): Promise<Server> {
  const { base = '/', lobby = true, ice = NO_ICE, limits = LIMITS } = options
  const broker = new Broker()
  const guard = new Guard(options)
  const sockets = openSockets(broker, guard, options.pingMs)
  const answer = routes(broker, guard, { lobby, ice })
  const file = options.app === undefined ? undefined : files(options.app)
  const notFound = (response: ServerResponse) => reply(response, 404, 'text/plain', 'Not found\n')

  const notAllowed = (response: ServerResponse) => {
    response.setHeader('allow', 'GET, HEAD, OPTIONS')
    reply(response, 405, 'text/plain', 'Method not allowed\n')
  }

  const http = listener(options.tls, (request, response) => {
    const refusal = guard.gate.request(guard.share(request))
    if (refusal) {
      guard.log({ event: 'limit', why: refusal, address: guard.address(request) })
      return tooMany(response)
    }
    const url = request.url ?? '/'
    if (url !== '/healthz') {
      if (`${url}/` === base) return void response.writeHead(308, { location: base }).end()
      if (!url.startsWith(base)) return notFound(response)
      request.url = url.slice(base.length - 1)
    }
    answer(request, response, () => {
      if (request.method !== 'GET' && request.method !== 'HEAD') return notAllowed(response)
      if (!file) return notFound(response)
      setPageHeaders(request, response)
      file(request, response, () => notFound(response))
    })
  })
  http.maxConnections = limits.connectionsMax
  http.on('upgrade', (request, socket, head) => {
    const query = signalingQuery(request, base)
    if (query) sockets.upgrade(request, socket, head, query)
    else refuse(socket, '404 Not Found')
  })

  await new Promise<void>((resolve, reject) => {
    http.once('error', reject).listen({ port: options.port, host: options.host }, resolve)
  }).catch(async (error: unknown) => {
    await sockets.close()
    throw error
  })
  const { port } = http.address() as AddressInfo
  guard.log({ event: 'start', port })

  async function stop(): Promise<void> {
    guard.log({ event: 'stop', sockets: guard.gate.sockets })
    const isFree = new Promise<void>((resolve) => http.close(() => resolve()))
    await sockets.close()
    http.closeAllConnections()
    await isFree
  }
  let closing: Promise<void> | undefined
  return {
    port,
    renewTls: (tls) => 'setSecureContext' in http && http.setSecureContext(tls),
    close: () => (closing ??= stop()),
  }
}

/** The query of a request for `<base>peerjs`; undefined for any other. */
export function signalingQuery({ url = '/' }: IncomingMessage, base: string): URLSearchParams | undefined {
  const [path, query = ''] = url.split('?', 2)
  return path === `${base}peerjs` ? new URLSearchParams(query) : undefined
}

function listener(tls: Tls | undefined, answer: RequestListener): HttpServer | TlsServer {
  const options: ServerOptions = {
    noDelay: true,
    maxHeaderSize: HEADER_BYTES_MAX,
    headersTimeout: HEADERS_MS_MAX,
    requestTimeout: REQUEST_MS_MAX,
  }
  return tls ? createTlsServer({ ...options, ...tls }, answer) : createServer(options, answer)
}
