import { EventEmitter } from 'node:events'
import type { DataConnection } from 'peerjs'
import { expect, it, vi } from 'vitest'
import { frameAt } from '../../core/gossip/framing'
import { FakeClock } from '../browser/slots.testing'
import { Link } from './link'

const MESSAGE = Uint8Array.of(1, 2, 3)
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
  return { emitter, sent, peerConnection }
}

function linked(dialledBy: 'us' | 'them') {
  const { emitter, sent, peerConnection } = connection()
  const events = { opened: vi.fn(), closed: vi.fn(), received: vi.fn(), sent: vi.fn() }
  const clock = new FakeClock()
  const link = new Link(emitter as unknown as DataConnection, dialledBy, clock, events)
  const arrives = (message: Uint8Array) => emitter.emit('data', frameAt(message, 0).slice().buffer)
  return { emitter, sent, peerConnection, events, clock, link, arrives }
}

it('opens once, however often the browser says that it is open', () => {
  const { emitter, sent, events, link } = linked('us')
  emitter.emit('open')
  link.send(MESSAGE)
  emitter.emit('open')
  expect(events.opened).toHaveBeenCalledTimes(1)
  expect(sent).toHaveLength(1)
})

it('speaks at once if we dialled', () => {
  const { emitter, sent, link } = linked('us')
  emitter.emit('open')
  link.send(MESSAGE)
  expect(sent).toHaveLength(1)
})

it.each([
  ['has spoken', ({ arrives }: ReturnType<typeof linked>) => arrives(MESSAGE)],
  ['keeps silent for a while', ({ clock }: ReturnType<typeof linked>) => clock.advance(200)],
])('otherwise once the dialler %s', (_, passes) => {
  const each = linked('them')
  each.emitter.emit('open')
  each.link.send(MESSAGE)
  each.clock.advance(199)
  expect(each.sent).toEqual([])
  passes(each)
  expect(each.sent).toHaveLength(1)
})

it('opens once it is known with whom, and has what came before', () => {
  const { emitter, peerConnection, events, arrives } = linked('them')
  peerConnection.remoteDescription.sdp = ''
  emitter.emit('open')
  arrives(MESSAGE)
  expect(events.opened).not.toHaveBeenCalled()
  peerConnection.remoteDescription.sdp = SDP
  peerConnection.dispatchEvent(new Event('signalingstatechange'))
  expect(events.opened).toHaveBeenCalledExactlyOnceWith({ ours: 'sha-256 AB:01', theirs: 'sha-256 AB:01' })
  expect(events.received).toHaveBeenCalledExactlyOnceWith(MESSAGE)
})

it('is gone with what is malformed, and says so once', async () => {
  const { emitter, events } = linked('us')
  emitter.emit('open')
  emitter.emit('data', 'a text')
  emitter.emit('close')
  await Promise.resolve()
  expect(events.closed).toHaveBeenCalledTimes(1)
})
