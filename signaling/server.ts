/** The one server: the app's files, PeerJS signaling and room discovery, on one port, under any path. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import sirv from 'sirv'
import { Broker } from './broker'
import { type Handler, reply, routes } from './routes'
import { openSockets } from './sockets'

export interface ServeOptions {
  /** 0: any free one. */
  readonly port: number
  /** Absent: every interface. */
  readonly host?: string
  /** The folder with the built app; absent: signaling alone. */
  readonly app?: string
  /** Where it is mounted, for a proxy that passes the path on; begins and ends with "/". */
  readonly base?: string
  readonly lobby?: boolean
  readonly pingMs?: number
}

export interface Server {
  readonly port: number
  /** Cuts every connection; resolves when the port is free. Further calls give the same promise. */
  close(): Promise<void>
}

/** Resolves when it listens; rejects with the system's error (`EADDRINUSE`, …) if it can't. */
export async function serve(options: ServeOptions): Promise<Server> {
  const { base = '/', lobby = true } = options
  const broker = new Broker()
  const sockets = openSockets(broker, options.pingMs)
  const answer = routes(broker, { lobby })
  const file = options.app === undefined ? undefined : files(options.app)
  const notFound = (response: ServerResponse) => reply(response, 404, 'text/plain', 'Not found\n')

  const http = createServer({ noDelay: true }, (request, response) => {
    const url = request.url ?? '/'
    if (url !== '/healthz') {
      if (`${url}/` === base) return void response.writeHead(308, { location: base }).end()
      if (!url.startsWith(base)) return notFound(response)
      request.url = url.slice(base.length - 1)
    }
    answer(request, response, () => {
      if (file) file(request, response, () => notFound(response))
      else notFound(response)
    })
  })
  http.on('upgrade', (request, socket, head) => {
    const query = signalingQuery(request, base)
    if (query) sockets.upgrade(request, socket, head, query)
    else socket.on('error', () => socket.destroy()).end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n')
  })

  await new Promise<void>((resolve, reject) => {
    http.once('error', reject).listen({ port: options.port, host: options.host }, resolve)
  }).catch((error: unknown) => {
    sockets.close()
    throw error
  })

  let closing: Promise<void> | undefined
  return {
    port: (http.address() as AddressInfo).port,
    close: () =>
      (closing ??= new Promise((resolve) => {
        http.close(() => resolve())
        sockets.close()
        http.closeAllConnections()
      })),
  }
}

/** The query of a request for `<base>peerjs`; undefined for any other. */
export function signalingQuery({ url = '/' }: IncomingMessage, base: string): URLSearchParams | undefined {
  const [path, query = ''] = url.split('?', 2)
  return path === `${base}peerjs` ? new URLSearchParams(query) : undefined
}

/** Hashed names never change and are kept for good; everything else is asked for again, and mostly answered with 304. */
function files(folder: string): Handler {
  return sirv(folder, {
    etag: true,
    setHeaders: (response, path) => {
      const forever = path.startsWith('/assets/')
      response.setHeader('cache-control', forever ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
}
