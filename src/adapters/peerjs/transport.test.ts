/** What the contract of transports, in real browsers, can't see: how often PeerJS is begun. */
import { expect, it, vi } from 'vitest'

const begun: string[] = []
vi.mock('peerjs', () => ({
  Peer: class {
    constructor(id: string) {
      begun.push(id)
    }
    on() {}
    removeAllListeners() {}
    disconnect() {}
    destroy() {}
    readonly socket = { on() {}, removeAllListeners() {}, listeners: () => [] }
  },
}))
const { PeerJsTransport } = await import('./transport')

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

it('stopped in the turn in which it was started, it joins nobody; started again, once', async () => {
  vi.stubGlobal('RTCPeerConnection', Object)
  vi.stubGlobal('addEventListener', () => undefined)
  const clock = { now: () => 0, steady: () => 0, wake: () => () => undefined, pause: turn }
  const transport = new PeerJsTransport({
    ...{ host: 'localhost', port: 1, path: '/', secure: false, roomId: 'room' },
    memberKey: new Uint8Array(32),
    clock,
    random: { bytes: (count) => crypto.getRandomValues(new Uint8Array(count)) },
  })
  const events = {
    signaling: vi.fn(),
    members: vi.fn(),
    nearby: vi.fn(),
    opened: vi.fn(),
    closed: vi.fn(),
    dialFailed: vi.fn(),
    received: vi.fn(),
    sent: vi.fn(),
  }
  transport.start(events)
  await transport.stop()
  transport.start(events)
  await turn()
  await turn()
  expect(begun).toEqual([transport.self])
  await transport.stop()
  vi.unstubAllGlobals()
})
