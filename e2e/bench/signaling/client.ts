/** A client as PeerJS is one: it says hello, waits for OPEN, and sends a heartbeat every 5 s. */
import { randomUUID } from 'node:crypto'
import { WebSocket } from 'ws'
import type { Measured } from './servers'

const HEARTBEAT = JSON.stringify({ type: 'HEARTBEAT' })
const HEARTBEAT_MS = 5_000

export interface Frame {
  readonly type: string
  readonly src?: string
  readonly payload?: unknown
}

export interface Client {
  readonly id: string
  /** Resolves with the milliseconds from the first packet to OPEN; rejects if it isn't let in. */
  readonly opened: Promise<number>
  /** Set to see what comes after OPEN. */
  onFrame?: (frame: Frame) => void
  send(frame: object): void
  beat(): void
  close(): void
}

/** `address`: where it says to come from. */
export function connect(server: Measured, room: string, address: string): Client {
  const id = randomUUID()
  const query = new URLSearchParams({ key: server.key(room), id, token: id, version: '1.5.5' })
  const startMs = performance.now()
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/peerjs?${query.toString()}`, {
    headers: { 'x-forwarded-for': address },
    perMessageDeflate: false, // neither server agrees to it
  })
  let beating: NodeJS.Timeout | undefined
  const client: Client = {
    id,
    opened: new Promise((resolve, reject) => {
      socket.on('message', (data: Buffer) => {
        const frame = JSON.parse(data.toString()) as Frame
        if (frame.type === 'OPEN') resolve(performance.now() - startMs)
        else if (frame.type === 'ERROR' || frame.type === 'ID-TAKEN') reject(new Error(JSON.stringify(frame)))
        else client.onFrame?.(frame)
      })
      socket.on('error', reject)
      socket.on('close', (code) => {
        clearInterval(beating)
        reject(new Error(`closed with ${code}`))
      })
    }),
    send: (frame) => socket.send(JSON.stringify(frame)),
    beat: () => {
      beating = setInterval(() => socket.send(HEARTBEAT), HEARTBEAT_MS)
    },
    close: () => {
      clearInterval(beating)
      socket.terminate()
    },
  }
  return client
}

/** Of the block that is for documents (RFC 5737) and of private ones: an address for each number. */
export function address(number: number): string {
  return `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`
}
