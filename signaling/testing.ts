/** A raw client for the tests: everything it receives can be awaited, in order; nothing waits for time. */
import type { IncomingMessage } from 'node:http'
import { WebSocket } from 'ws'
import type { Limits, Rate, ShareLimits } from './limits'

export interface RawClient {
  readonly socket: WebSocket
  /** The next frame that was not yet asked for. */
  next(): Promise<unknown>
  send(frame: unknown): void
  /** Resolves with the close code. */
  readonly closed: Promise<number>
  /** Resolves with the reason of the close. */
  readonly reason: Promise<string>
  /** Resolves with the answer of a server that lets nobody in. */
  readonly refused: Promise<IncomingMessage>
}

export function connect(
  port: number,
  query: Record<string, string>,
  path = '/peerjs',
  headers: Record<string, string> = {},
): RawClient {
  const url = `ws://127.0.0.1:${port}${path}?${new URLSearchParams(query).toString()}`
  const socket = new WebSocket(url, { headers })
  const frames: unknown[] = []
  const waiting: ((frame: unknown) => void)[] = []
  socket.on('message', (data: Buffer) => {
    const frame: unknown = JSON.parse(data.toString())
    const first = waiting.shift()
    if (first) first(frame)
    else frames.push(frame)
  })
  socket.on('error', () => undefined) // seen as `closed`
  return {
    socket,
    next: () =>
      frames.length > 0 ? Promise.resolve(frames.shift()) : new Promise((resolve) => waiting.push(resolve)),
    send: (frame) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    closed: new Promise((resolve) => socket.once('close', resolve)),
    reason: new Promise((resolve) => socket.once('close', (_, reason) => resolve(reason.toString()))),
    refused: new Promise((resolve) =>
      socket.once('unexpected-response', (request, response) => {
        resolve(response)
        request.destroy()
      }),
    ),
  }
}

const ENDLESS: Rate = { burst: Number.MAX_SAFE_INTEGER, perSecond: 1 }
const ALL_OF_IT: ShareLimits = {
  socketsMax: 100_000,
  joins: ENDLESS,
  frames: ENDLESS,
  bytes: ENDLESS,
  requests: ENDLESS,
}

/** For a test that is about one limit, and changes that. */
export const UNLIMITED: Limits = {
  socketsMax: 100_000,
  connectionsMax: 100_000,
  socket: { frames: ENDLESS, bytes: ENDLESS },
  address: { ...ALL_OF_IT, connectionsMax: 100_000 },
  room: ALL_OF_IT,
}
