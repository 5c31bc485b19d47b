/**
 * A bare data channel, negotiated by PeerJS: messages cut into frames of 16 KiB, of which few are in the channel's
 * buffer at a time, since deeper ones stall. Nothing is proved, acknowledged or retried.
 */
import { type DataConnection, Peer } from 'peerjs'
import type { TabName } from './system'

const FRAME_BYTES = 16_384
const BUFFER_BYTES = 49_152
const LAST = 1

/** `b` dials `a`; resolves when the channel is open. */
export async function openWire(room: string, tab: TabName, onMessage: Receiver): Promise<Wire> {
  const options = { key: room, host: location.hostname, port: Number(location.port), path: '/' }
  const peer = new Peer(`${tab}-${crypto.randomUUID()}`, { ...options, config: { iceServers: [] } })
  await new Promise((resolve) => peer.once('open', resolve))
  const connection = tab === 'a' ? await incoming(peer) : peer.connect(await find(room, 'a'), RAW)
  return new Promise((resolve) => {
    const opened = () => resolve(new Wire(peer, connection, onMessage))
    if (connection.open) opened()
    else connection.once('open', opened)
  })
}

const RAW = { serialization: 'raw', reliable: true }

type Receiver = (message: Uint8Array<ArrayBuffer>, wire: Wire) => void

function incoming(peer: Peer): Promise<DataConnection> {
  return new Promise((resolve) => peer.once('connection', resolve))
}

async function find(room: string, tab: TabName): Promise<string> {
  for (;;) {
    const ids = (await (await fetch(`/${room}/peers`)).json()) as string[]
    const found = ids.find((id) => id.startsWith(`${tab}-`))
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

export class Wire {
  private readonly channel: RTCDataChannel
  private queue: Uint8Array<ArrayBuffer>[] = []
  private parts: Uint8Array<ArrayBuffer>[] = []

  constructor(
    private readonly peer: Peer,
    connection: DataConnection,
    onMessage: Receiver,
  ) {
    this.channel = connection.dataChannel
    this.channel.bufferedAmountLowThreshold = BUFFER_BYTES - FRAME_BYTES
    this.channel.addEventListener('bufferedamountlow', () => this.pump())
    connection.on('data', (data) => {
      const frame = new Uint8Array(data as ArrayBuffer)
      this.parts.push(frame.subarray(1))
      if (frame[0] !== LAST) return
      const parts = this.parts
      this.parts = []
      onMessage(parts.length === 1 ? (parts[0] as Uint8Array<ArrayBuffer>) : joined(parts), this)
    })
  }

  send(message: Uint8Array): void {
    for (let at = 0; at < message.length; at += FRAME_BYTES - 1) {
      const part = message.subarray(at, at + FRAME_BYTES - 1)
      const frame = new Uint8Array(1 + part.length)
      frame[0] = at + part.length === message.length ? LAST : 0
      frame.set(part, 1)
      this.queue.push(frame)
    }
    this.pump()
  }

  close(): void {
    this.peer.destroy()
  }

  private pump(): void {
    let sent = 0
    while (sent < this.queue.length && this.channel.bufferedAmount <= BUFFER_BYTES - FRAME_BYTES) {
      this.channel.send(this.queue[sent++] as Uint8Array<ArrayBuffer>)
    }
    this.queue.splice(0, sent)
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((bytes, part) => bytes + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
