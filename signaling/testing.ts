/** A raw client for the tests: everything it receives can be awaited, in order; nothing waits for time. */
import { WebSocket } from 'ws'

export interface RawClient {
  readonly socket: WebSocket
  /** The next frame that was not yet asked for. */
  next(): Promise<unknown>
  send(frame: unknown): void
  /** Resolves with the close code. */
  readonly closed: Promise<number>
}

export function connect(port: number, query: Record<string, string>, path = '/peerjs'): RawClient {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}?${new URLSearchParams(query).toString()}`)
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
  }
}
