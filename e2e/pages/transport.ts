/** The page of `transport.spec.ts`: one PeerJS transport a tab, what it reported, and the contract to be run here. */
import { memberKey, roomId, serverFromLocation } from '../../src/adapters/browser/room'
import { PeerJsTransport } from '../../src/adapters/peerjs/transport'
import { TRANSPORT_CONTRACT, type World } from '../../src/adapters/transport.contract'
import type { Clock, LinkId, MemberId, Random, SignalingState, Transport } from '../../src/runtime/ports'

const UNTIL_MS_MAX = 15_000
const REST_MS = 300

/** The browser's clock, or one on which deadlines come sooner. */
function clock(speed: number): Clock {
  return {
    now: () => Date.now(),
    steady: () => performance.now(),
    wake(delayMs, callback) {
      const timer = setTimeout(callback, delayMs / speed)
      return () => clearTimeout(timer)
    },
    pause: () => slept(0),
  }
}

const random: Random = { bytes: (count) => crypto.getRandomValues(new Uint8Array(count)) }

export class Tab {
  readonly transport: Transport
  signaling: SignalingState[] = []
  members: readonly MemberId[] = []
  opened: { link: LinkId; member: MemberId; dialledBy: 'us' | 'them' }[] = []
  closed: LinkId[] = []
  dialFailed: MemberId[] = []
  /** Size and check sum of each message, in order. */
  received: string[] = []
  bytesReceived = 0
  bytesSent = 0

  constructor(room: string, speed = 1) {
    this.transport = new PeerJsTransport({
      ...serverFromLocation(location.href),
      roomId: roomId(room),
      memberKey: memberKey(room),
      clock: clock(speed),
      random,
    })
  }

  start(): void {
    this.transport.start({
      signaling: (state) => this.signaling.push(state),
      members: (ids) => (this.members = ids),
      nearby: () => undefined,
      opened: (link, member, dialledBy) => {
        this.opened.push({ link, member, dialledBy })
        this.transport.trust(link)
      },
      closed: (link) => this.closed.push(link),
      dialFailed: (member) => this.dialFailed.push(member),
      received: (_, message) => {
        this.received.push(print(message))
        this.bytesReceived += message.length
      },
      sent: (_, bytes) => (this.bytesSent += bytes),
    })
  }

  /** Sends messages of these sizes in one go; returns what the other side has to receive. */
  send(link: LinkId, sizes: readonly number[]): string[] {
    return sizes.map((size, index) => {
      const message = pattern(size, index)
      this.transport.send(link, message)
      return print(message)
    })
  }
}

/** All transports of one case are in this one page. */
async function runContract(name: string): Promise<void> {
  const room = `contract ${name}`
  const transports: Transport[] = []
  const world: World = {
    transport: () => {
      const { transport } = new Tab(room)
      transports.push(transport)
      return transport
    },
    until: async (what, condition) => {
      const deadline = performance.now() + UNTIL_MS_MAX
      while (!condition()) {
        if (performance.now() > deadline) throw new Error(`expected ${what}`)
        await slept(5)
      }
    },
    rest: () => slept(REST_MS),
  }
  try {
    await TRANSPORT_CONTRACT.find((each) => each.name === name)?.run(world)
  } finally {
    await Promise.all(transports.map((transport) => transport.stop()))
  }
}

function slept(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function pattern(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let index = 0; index < length; index += 1) bytes[index] = (index * 31 + (index >> 8) + seed * 7) & 0xff
  return bytes
}

/** Fowler–Noll–Vo, over all bytes. */
function print(bytes: Uint8Array): string {
  let hash = 0x811c9dc5
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  return `${bytes.length}:${hash >>> 0}`
}

const lab = { Tab, runContract, tab: new Tab('') }

declare global {
  interface Window {
    lab: typeof lab
  }
}
window.lab = lab
