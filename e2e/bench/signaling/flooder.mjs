/**
 * One hostile client, in a process of its own: sends candidates of 1 kB to nobody as fast as the server takes them, and
 * is back at once whenever it is put out. Its argument is the socket's address. Counts what it sent, and tells when asked.
 */
import { WebSocket } from 'ws'

const url = process.argv[2] ?? ''
const FRAME = JSON.stringify({ type: 'CANDIDATE', dst: 'nobody', payload: 'x'.repeat(1_000) })
const HELD_BYTES_MAX = 1024 * 1024
const BACK_MS = 20
let frames = 0
let putOut = 0
let refused = 0

function flood() {
  const socket = new WebSocket(url, { headers: { 'x-forwarded-for': '198.51.100.66' } })
  socket.on('open', () => {
    const pour = () => {
      if (socket.readyState !== WebSocket.OPEN) return
      for (let count = 0; count < 100 && socket.bufferedAmount < HELD_BYTES_MAX; count++) {
        socket.send(FRAME)
        frames += 1
      }
      setImmediate(pour)
    }
    pour()
  })
  socket.on('unexpected-response', (request) => {
    refused += 1
    request.destroy()
  })
  socket.on('close', (code) => {
    if (code === 1008) putOut += 1
    setTimeout(flood, BACK_MS)
  })
  socket.on('error', () => undefined) // its close comes too
}

process.on('message', () => process.send?.({ frames, putOut, refused }))
flood()
