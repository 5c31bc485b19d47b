/** A member at the signaling server that is no page. */
import { createRequire } from 'node:module'
import type { WebSocket as Socket } from 'ws'

// What the runner is told of `ws` otherwise is its stand-in for browsers.
const { WebSocket } = createRequire(import.meta.url)('ws') as { WebSocket: typeof Socket }

/** Joins a room by its id, at a server at this address, whoever its certificate is of; resolves once it is listed. */
export async function joinServer(
  url: string,
  { room, id, token = 'token' }: { room: string; id: string; token?: string },
): Promise<Socket> {
  const address = new URL('peerjs', url)
  address.protocol = address.protocol.replace('http', 'ws')
  address.search = new URLSearchParams({ key: room, id, token, version: '1.5.5' }).toString()
  const socket = new WebSocket(address, { rejectUnauthorized: false })
  await new Promise((resolve, reject) => socket.once('message', resolve).once('error', reject))
  return socket
}
