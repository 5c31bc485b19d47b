import { EventEmitter } from 'node:events'
import type { DataConnection } from 'peerjs'
import { expect, it, vi } from 'vitest'
import { FakeClock } from '../browser/slots.testing'
import { Link } from './link'

const SDP = 'a=fingerprint:sha-256 AB:01'

/** A connection that PeerJS has negotiated, with a channel that takes all. */
function connection() {
  const sent: unknown[] = []
  const dataChannel = Object.assign(new EventTarget(), {
    readyState: 'open',
    bufferedAmount: 0,
    bufferedAmountLowThreshold: 0,
    send: (frame: unknown) => sent.push(frame),
    close: () => undefined,
  })
  const peerConnection = Object.assign(new EventTarget(), {
    connectionState: 'connected',
    localDescription: { sdp: SDP },
    remoteDescription: { sdp: SDP },
  })
  const emitter = Object.assign(new EventEmitter(), { dataChannel, peerConnection, close: () => undefined })
  return { emitter, sent }
}

it('opens once, however often the browser says that it is open', () => {
  const { emitter, sent } = connection()
  const opened = vi.fn()
  const events = { opened, closed: vi.fn(), received: vi.fn(), sent: vi.fn() }
  const link = new Link(emitter as unknown as DataConnection, 'us', new FakeClock(), events)
  emitter.emit('open')
  link.send(Uint8Array.of(1))
  emitter.emit('open')
  expect(opened).toHaveBeenCalledTimes(1)
  expect(sent).toHaveLength(1)
})
