/**
 * What every transport must do, whatever carries it. No test library: the cases run under vitest over the network in
 * memory, and inside a browser's page over WebRTC. A case that fails throws.
 */
import { FRAME_PAYLOAD_BYTES } from '../core/gossip/framing'
import { MESSAGE_BYTES_MAX, UNPROVEN_MESSAGE_BYTES_MAX, UNPROVEN_MESSAGES_MAX } from '../core/limits'
import type { LinkId, MemberId, SignalingState, Transport, TransportEvents } from '../runtime/ports'

export interface World {
  /** One more machine in the room. */
  transport(): Transport
  /** Lets the world go on until the condition holds; throws with `what` if it never does. */
  until(what: string, condition: () => boolean): Promise<void>
  /** Lets the world go on until nothing more is to come. */
  rest(): Promise<void>
}

export interface ContractCase {
  name: string
  run(world: World): Promise<void>
}

/** A transport and all it reported. */
interface Machine extends Recording {
  transport: Transport
}

interface Recording {
  signaling: SignalingState[]
  members: (readonly MemberId[])[]
  opened: { link: LinkId; member: MemberId; dialledBy: 'us' | 'them' }[]
  closed: LinkId[]
  dialFailed: MemberId[]
  received: { link: LinkId; message: Uint8Array }[]
  sentBytes: Map<LinkId, number>
  /** Every report in order, by its name. */
  all: string[]
}

export const TRANSPORT_CONTRACT: ContractCase[] = [
  {
    name: 'a dial opens a link, reported once on both sides with who dialled',
    async run(world) {
      const [a, b] = await linked(world)
      equal(a.opened.length, 1, 'links at the dialler')
      equal(b.opened.length, 1, 'links at the dialled')
      equal(a.opened[0]?.member, b.transport.self, 'the member that the dialler sees')
      equal(b.opened[0]?.member, a.transport.self, 'the member that the dialled sees')
      equal(a.opened[0]?.dialledBy, 'us', 'who dialled, to the dialler')
      equal(b.opened[0]?.dialledBy, 'them', 'who dialled, to the dialled')
    },
  },
  {
    name: 'messages of all sizes arrive whole, intact and in order, both ways at once',
    async run(world) {
      const [a, b] = await linked(world)
      const sizes = [0, 1, FRAME_PAYLOAD_BYTES - 1, FRAME_PAYLOAD_BYTES, FRAME_PAYLOAD_BYTES + 1, 1 << 20, 7]
      for (const machine of [a, b]) {
        for (const [index, size] of sizes.entries())
          machine.transport.send(linkOf(machine), pattern(size, index))
      }
      for (const machine of [a, b]) {
        await world.until('all messages', () => machine.received.length === sizes.length)
        for (const [index, size] of sizes.entries()) {
          const got = machine.received[index]
          equal(got?.link, linkOf(machine), `link of message ${index}`)
          ok(got !== undefined && sameBytes(got.message, pattern(size, index)), `message ${index} intact`)
        }
      }
    },
  },
  {
    name: 'a message of the largest size arrives',
    async run(world) {
      const [a, b] = await linked(world)
      a.transport.send(linkOf(a), pattern(MESSAGE_BYTES_MAX, 3))
      await world.until('the message', () => b.received.length === 1)
      ok(sameBytes(b.received[0]?.message, pattern(MESSAGE_BYTES_MAX, 3)), 'the message intact')
    },
  },
  {
    name: 'who is not trusted sends two short messages; one more closes the link, and does not arrive',
    async run(world) {
      const [a, b] = await linked(world, 'us')
      for (let count = 0; count <= UNPROVEN_MESSAGES_MAX; count += 1)
        a.transport.send(linkOf(a), pattern(UNPROVEN_MESSAGE_BYTES_MAX, count))
      await world.until('closed at the other', () => b.closed.length === 1)
      await world.rest()
      equal(b.received.length, UNPROVEN_MESSAGES_MAX, 'messages received')
      equal(a.closed.length, 1, 'closed at the one who sent them')
    },
  },
  ...[UNPROVEN_MESSAGE_BYTES_MAX + 1, FRAME_PAYLOAD_BYTES + 1].map((bytes) => ({
    name: `a message of ${bytes} bytes closes the link of who is not trusted, and does not arrive`,
    async run(world: World) {
      const [a, b] = await linked(world, 'us')
      a.transport.send(linkOf(a), pattern(bytes, 1))
      await world.until('closed on both sides', () => a.closed.length > 0 && b.closed.length > 0)
      equal(b.received.length, 0, 'messages received')
    },
  })),
  {
    name: 'who is trusted after two short messages sends long ones',
    async run(world) {
      const [a, b] = await linked(world, 'us')
      for (let count = 0; count < UNPROVEN_MESSAGES_MAX; count += 1)
        a.transport.send(linkOf(a), pattern(1, count))
      await world.until('the short ones', () => b.received.length === UNPROVEN_MESSAGES_MAX)
      b.transport.trust(linkOf(b))
      a.transport.send(linkOf(a), pattern(1 << 20, 9))
      await world.until('the long one', () => b.received.length === UNPROVEN_MESSAGES_MAX + 1)
    },
  },
  {
    name: 'the bytes reported as sent add up, and none is reported within send',
    async run(world) {
      const [a] = await linked(world)
      const link = linkOf(a)
      let total = 0
      for (let index = 0; index < 300; index += 1) {
        const message = pattern(index * 17, index)
        const before = a.all.length
        a.transport.send(link, message)
        equal(a.all.length, before, 'reports within send')
        total += message.length
      }
      await world.until('all bytes', () => (a.sentBytes.get(link) ?? 0) >= total)
      await world.rest()
      equal(a.sentBytes.get(link), total, 'bytes in all')
    },
  },
  {
    name: 'hanging up closes both sides once, and what was sent before arrives before',
    async run(world) {
      const [a, b] = await linked(world)
      a.transport.send(linkOf(a), pattern(9, 1))
      a.transport.hangUp(linkOf(a))
      equal(a.closed.length, 0, 'reports within hangUp')
      await world.until('closed on both sides', () => a.closed.length > 0 && b.closed.length > 0)
      a.transport.hangUp(linkOf(a))
      b.transport.hangUp(linkOf(b))
      a.transport.send(linkOf(a), pattern(9, 2))
      await world.rest()
      equal(a.closed.join(), String(linkOf(a)), 'closed at the one who hung up')
      equal(b.closed.join(), String(linkOf(b)), 'closed at the other')
      equal(b.received.length, 1, 'messages received')
      equal(b.all.lastIndexOf('received') < b.all.indexOf('closed'), true, 'received before closed')
    },
  },
  {
    name: 'a dial to nobody, and to oneself, fails',
    async run(world) {
      const a = await started(world)
      a.transport.dial('00000000000000000000000000000000')
      equal(a.dialFailed.length, 0, 'reports within dial')
      await world.until('the failure', () => a.dialFailed.length === 1)
      a.transport.dial(a.transport.self)
      await world.until('the second failure', () => a.dialFailed.length === 2)
      equal(a.opened.length, 0, 'links')
    },
  },
  {
    name: 'two dials to one member at once are one',
    async run(world) {
      const [a, b] = [await started(world), await started(world)]
      a.transport.dial(b.transport.self)
      a.transport.dial(b.transport.self)
      await world.until('the link', () => a.opened.length > 0 && b.opened.length > 0)
      await world.rest()
      equal(a.opened.length + a.dialFailed.length, 1, 'outcomes')
      equal(b.opened.length, 1, 'links at the other')
    },
  },
  {
    name: 'when both dial each other, both links live and each side tells them apart',
    async run(world) {
      const [a, b] = [await started(world), await started(world)]
      a.transport.dial(b.transport.self)
      b.transport.dial(a.transport.self)
      await world.until('two links each', () => a.opened.length === 2 && b.opened.length === 2)
      for (const machine of [a, b]) {
        equal(
          machine.opened
            .map(({ dialledBy }) => dialledBy)
            .sort()
            .join(),
          'them,us',
          'who dialled',
        )
      }
      const dialled = a.opened.find(({ dialledBy }) => dialledBy === 'us')
      const answered = b.opened.find(({ dialledBy }) => dialledBy === 'them')
      a.transport.send(dialled?.link ?? 0, pattern(5, 5))
      await world.until('the message', () => b.received.length === 1)
      equal(b.received[0]?.link, answered?.link, 'the link it came on')
    },
  },
  {
    name: 'the members are all others, asked for at the start and on demand',
    async run(world) {
      const [a, b] = [await started(world), await started(world)]
      await world.until('a list after the start', () => a.members.length > 0 && b.members.length > 0)
      a.transport.refresh()
      await world.until('b in the list of a', () => a.members.at(-1)?.includes(b.transport.self) === true)
      ok(!a.members.flat().includes(a.transport.self), 'oneself left out')
    },
  },
  {
    name: 'stopping lets leave what was sent, closes the other side, and reports no more',
    async run(world) {
      const [a, b] = await linked(world)
      for (let index = 0; index < 20; index += 1) a.transport.send(linkOf(a), pattern(10_000, index))
      const reports = a.all.length
      const stopped = Promise.all([a.transport.stop(), a.transport.stop()])
      await world.until('closed at the other', () => b.closed.length === 1)
      await stopped
      await world.rest()
      equal(b.received.length, 20, 'messages that arrived')
      equal(a.all.length, reports, 'reports after stop')
      a.transport.send(linkOf(a), pattern(1, 1))
      a.transport.dial(b.transport.self)
      a.transport.refresh()
      a.transport.renew()
      await world.rest()
      equal(a.all.length, reports, 'reports of a stopped transport')
    },
  },
  {
    name: 'after a stop it starts anew, under another name, with links never numbered as before',
    async run(world) {
      const [a, b] = await linked(world)
      const [formerSelf, formerLink] = [a.transport.self, linkOf(a)]
      await a.transport.stop()
      const again = await started(world, a.transport)
      ok(again.transport.self !== formerSelf, 'another name')
      again.transport.dial(b.transport.self)
      await world.until('the new link', () => again.opened.length === 1 && b.opened.length === 2)
      ok(linkOf(again) !== formerLink, 'another number')
      equal(b.opened[1]?.member, again.transport.self, 'the new name at the other')
    },
  },
  {
    name: 'renewing disturbs nothing that works',
    async run(world) {
      const [a, b] = await linked(world)
      a.transport.renew()
      b.transport.renew()
      await world.rest()
      a.transport.send(linkOf(a), pattern(3, 3))
      await world.until('the message', () => b.received.length === 1)
      equal(a.closed.length + b.closed.length, 0, 'links closed')
      equal(a.signaling.join(), 'up', 'signaling')
    },
  },
]

/** `trusted`: which links of the two are trusted from the beginning. */
async function linked(world: World, trusted: 'all' | 'us' = 'all'): Promise<[Machine, Machine]> {
  const [a, b] = [await started(world), await started(world, world.transport(), trusted === 'all')]
  a.transport.dial(b.transport.self)
  await world.until('the link', () => a.opened.length > 0 && b.opened.length > 0)
  return [a, b]
}

async function started(world: World, transport = world.transport(), trusts = true): Promise<Machine> {
  const recording: Recording = {
    signaling: [],
    members: [],
    opened: [],
    closed: [],
    dialFailed: [],
    received: [],
    sentBytes: new Map(),
    all: [],
  }
  transport.start(recorder(recording, (link) => trusts && transport.trust(link)))
  equal(recording.all.length, 0, 'reports within start')
  await world.until('signaling', () => recording.signaling.at(-1) === 'up')
  return { ...recording, transport }
}

function recorder(recording: Recording, opened: (link: LinkId) => void): TransportEvents {
  const { all } = recording
  return {
    signaling: (state) => void (recording.signaling.push(state), all.push('signaling')),
    members: (ids) => void (recording.members.push(ids), all.push('members')),
    nearby: () => undefined,
    opened: (link, member, dialledBy) => {
      recording.opened.push({ link, member, dialledBy })
      all.push('opened')
      opened(link)
    },
    closed: (link) => void (recording.closed.push(link), all.push('closed')),
    dialFailed: (member) => void (recording.dialFailed.push(member), all.push('dialFailed')),
    received: (link, message) => void (recording.received.push({ link, message }), all.push('received')),
    sent: (link, bytes) => {
      recording.sentBytes.set(link, (recording.sentBytes.get(link) ?? 0) + bytes)
      all.push('sent')
    },
  }
}

function linkOf(machine: Machine): LinkId {
  return machine.opened[0]?.link ?? -1
}

function pattern(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let index = 0; index < length; index += 1) bytes[index] = (index * 31 + (index >> 8) + seed * 7) & 0xff
  return bytes
}

function sameBytes(one: Uint8Array | undefined, other: Uint8Array): boolean {
  return one?.length === other.length && one.every((byte, index) => byte === other[index])
}

function equal(actual: unknown, expected: unknown, what: string): void {
  ok(actual === expected, `${what}: ${String(expected)}, not ${String(actual)}`)
}

function ok(condition: boolean, what: string): void {
  if (!condition) throw new Error(`expected ${what}`)
}
