/**
 * A server between the pages and the real one, as its operator may put it there: it writes down all that passes, and
 * may change what signaling says.
 */
import { createServer, type IncomingMessage, request as ask, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type * as ws from 'ws'

const { WebSocket, WebSocketServer } = createRequire(import.meta.url)('ws') as typeof ws

export interface Frame {
  readonly type: string
  readonly src: string
  readonly dst: string
  readonly payload: Readonly<Record<string, unknown>>
}

/** Sends a frame to whom it names, as if it came from whom it names. */
export type Deliver = (frame: Frame) => void

/** What becomes of a frame that one member sends another. */
export type Meddle = (frame: Frame, deliver: Deliver) => void | Promise<void>

export interface Relay {
  /** With a slash at the end, on this machine. */
  readonly url: string
  /** Every request with all its headers, every answer's head, and every frame either way. */
  readonly log: readonly string[]
  stop(): Promise<void>
}

/** `server`: the address of the real one. Without `meddle` all passes as it is. */
export async function startRelay(server: string, meddle?: Meddle): Promise<Relay> {
  const log: string[] = []
  const socketById = new Map<string, ws.WebSocket>()
  const deliver: Deliver = (frame) => socketById.get(frame.dst)?.send(JSON.stringify(frame))

  const http = createServer((request, response) => void pass(server, log, request, response))
  const sockets = new WebSocketServer({ noServer: true })
  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    note(log, request)
    sockets.handleUpgrade(request, socket, head, (near) => {
      const address = new URL(request.url ?? '', server)
      const id = address.searchParams.get('id') ?? ''
      address.protocol = 'ws:'
      const far = new WebSocket(address)
      const waiting: string[] = []
      socketById.set(id, near)
      far.once('open', () => waiting.splice(0).forEach((text) => far.send(text)))
      near.on('message', (data: Buffer) => {
        const text = data.toString()
        log.push(`> ${text}`)
        const frame = { ...(JSON.parse(text) as Frame), src: id }
        if (meddle !== undefined && frame.dst !== undefined) void meddle(frame, deliver)
        else if (far.readyState === WebSocket.OPEN) far.send(text)
        else waiting.push(text)
      })
      far.on('message', (data: Buffer) => {
        log.push(`< ${data.toString()}`)
        near.send(data.toString())
      })
      near.once('close', () => far.terminate())
      far.once('close', () => near.close())
      far.on('error', () => near.close())
    })
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const { port } = http.address() as AddressInfo
  return {
    url: `http://localhost:${port}/`,
    log,
    stop: async () => {
      for (const client of sockets.clients) client.terminate()
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}

function note(log: string[], { method, url, rawHeaders }: IncomingMessage): void {
  log.push(`${method} ${url}`, ...rawHeaders)
}

async function pass(
  server: string,
  log: string[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  note(log, request)
  const body: Buffer[] = []
  for await (const part of request) body.push(part as Buffer)
  if (body.length > 0) log.push(Buffer.concat(body).toString())
  const { method, headers } = request
  const onward = ask(new URL(request.url ?? '/', server), { method, headers }, (answer) => {
    log.push(`${answer.statusCode}`, ...answer.rawHeaders)
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  onward.on('error', () => response.destroy())
  onward.end(Buffer.concat(body))
}
