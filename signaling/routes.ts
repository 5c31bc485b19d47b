/**
 * What the server answers over plain HTTP beside the app's files. It is open to pages of other origins, unless the
 * operator names those that may: nothing here knows a user, and a room's members are told only to who names the room.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Broker } from './broker'
import { type IceOptions, iceConfig } from './ice'
import { type Guard, retryAfterSeconds } from './guard'
import { isRoom } from './protocol'

/** Takes the request, or leaves it to `next`. */
export type Handler = (request: IncomingMessage, response: ServerResponse, next: () => void) => void

export interface RoutesOptions {
  /** Whether the bare address opens the room that everyone on this server can read. */
  readonly lobby: boolean
  readonly ice: IceOptions
}

/** `request.url` is taken relative to the base. */
export function routes(broker: Broker, guard: Guard, { lobby, ice }: RoutesOptions): Handler {
  const startedMs = performance.now()
  const config = () => JSON.stringify({ ...iceConfig(ice, Date.now()), lobby })
  const health = () =>
    JSON.stringify({
      status: 'ok',
      sockets: guard.gate.sockets,
      rooms: broker.rooms,
      uptimeSeconds: Math.floor((performance.now() - startedMs) / 1000),
    })
  return (request, response, next) => {
    const origin = guard.allowedOrigin(request)
    if (origin !== undefined) response.setHeader('access-control-allow-origin', origin)
    if (origin !== '*') response.setHeader('vary', 'origin')
    if (request.method === 'OPTIONS') return reply(response, 204)
    const path = pathOf(request)
    if (path === '/healthz') return reply(response, 200, 'application/json', health())
    if (path === '/config.json') return reply(response, 200, 'application/json', config())
    const [, room, list] = /^\/([^/]+)\/(id|peers)$/.exec(path) ?? []
    if (room === undefined || !isRoom(room)) return next()
    if (list === 'id') return reply(response, 200, 'text/plain', randomUUID())
    const refusal = guard.gate.list(room)
    if (!refusal) return reply(response, 200, 'application/json', JSON.stringify(broker.ids(room)))
    guard.log({ event: 'limit', why: refusal, room, address: guard.address(request) })
    tooMany(response)
  }
}

/** Without its query. */
function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '/'
}

export function reply(response: ServerResponse, status: number, type = 'text/plain', body = ''): void {
  response
    .writeHead(status, { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store' })
    .end(body)
}

export function tooMany(response: ServerResponse): void {
  response.setHeader('retry-after', retryAfterSeconds())
  reply(response, 429, 'text/plain', 'Too many requests\n')
}
