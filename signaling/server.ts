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
import type { AddressInfo, Socket } from 'node:net'
import { Broker } from './broker'
import { type IceOptions, NO_ICE } from './ice'
import { files } from './files'
import { Guard, type GuardOptions } from './guard'
import {
  BACKLOG_MAX,
  HEADER_BYTES_MAX,
  KEPT_MS_BEHIND_PROXY,
  LIMITS,
  PATIENCE,
  type Patience,
} from './limits'
import { ARMOUR, setPageHeaders } from './page-headers'
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
  readonly patience?: Patience
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
  const { base = '/', lobby = true, ice = NO_ICE, limits = LIMITS, proxies = 0 } = options
  const patience = options.patience ?? {
    ...PATIENCE,
    ...(proxies > 0 ? { keptMs: KEPT_MS_BEHIND_PROXY } : {}),
  }
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

  const http = listener(options.tls, patience, (request, response) => {
    const late = setTimeout(() => request.socket.destroy(), patience.answerMs).unref()
    response.once('close', () => clearTimeout(late))
    for (const [name, value] of ARMOUR) response.setHeader(name, value)
    const refusal = guard.gate.request(guard.share(request))
    if (refusal) {
      guard.log({ event: 'limit', why: refusal, address: guard.address(request) })
      return tooMany(response)
    }
    if (request.headers.host === undefined && request.httpVersion !== '1.0')
      return reply(response, 400, 'text/plain', 'No host\n')
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
  http.on('drop', (data) =>
    guard.log({ event: 'limit', why: 'connections of the server', address: data?.remoteAddress ?? '' }),
  )
  http.on('connection', (socket: Socket) => guard.connection(socket))
  http.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const status = statusOf(error)
    if (status !== undefined && socket.writable) refuse(socket, status)
    else socket.destroy()
  })
  http.on('upgrade', (request, socket, head) => {
    const query = signalingQuery(request, base)
    if (query) sockets.upgrade(request, socket, head, query)
    else refuse(socket, '404 Not Found')
  })

  await new Promise<void>((resolve, reject) => {
    http
      .once('error', reject)
      .listen({ port: options.port, host: options.host, backlog: BACKLOG_MAX }, resolve)
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

/** What Node itself answers who writes no HTTP, or not in time; undefined where nothing can be answered. */
function statusOf({ code = '' }: NodeJS.ErrnoException): string | undefined {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return '408 Request Timeout'
  if (code === 'HPE_HEADER_OVERFLOW') return '431 Request Header Fields Too Large'
  return code.startsWith('HPE_') ? '400 Bad Request' : undefined
}

function listener(tls: Tls | undefined, patience: Patience, answer: RequestListener): HttpServer | TlsServer {
  const options: ServerOptions = {
    noDelay: true,
    maxHeaderSize: HEADER_BYTES_MAX,
    requireHostHeader: false, // we refuse it ourselves
    headersTimeout: patience.headersMs,
    requestTimeout: patience.requestMs,
    keepAliveTimeout: patience.keptMs,
    connectionsCheckingInterval: patience.lookMs,
  }
  return tls
    ? createTlsServer({ ...options, ...tls, handshakeTimeout: patience.handshakeMs }, answer)
    : createServer(options, answer)
}
