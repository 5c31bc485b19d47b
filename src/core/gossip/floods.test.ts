/** A peer that knows the code, asks and asks, and reads nothing: what waits for it is bounded, and it is told in the end. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import type { Actor } from '../causality/dot'
import { EMPTY_VECTOR } from '../causality/version-vector'
import { stateText } from '../store/oracle.fixtures'
import { MEMBERS_MAX } from '../limits'
import type { Key } from '../store/value'
import { Writer } from '../codec/bytes'
import { decodeMessage, encodeMessage } from './codec'
import type { Message } from './messages'
import { connect, type End, settle, TestNode } from './pair.fixtures'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const PACING = {
  batchBytes: 400,
  windowBytes: 1_000,
  backlogBytesMax: 20_000,
  askedBytesMax: 20_000,
  partBytes: 300,
}
const FLOOD = 2_000
const ANSWER_BYTES = 4_000
const HASH = [1, 2, 3, 4] as const

const say = (end: End, message: Message) =>
  end.at.give({ type: 'received', link: end.link, message: encodeMessage(message) })
const waitingBytes = ({ sent }: End) => sent.reduce((sum, { length }) => sum + length, 0)

const saidBytes = ({ outputs }: TestNode) =>
  outputs.reduce((sum, each) => sum + (each.type === 'send' ? each.message.length : 0), 0)

/** A node with a fragmented state of some size, and its end of a link with a peer that is up to date. */
function flooded(): { a: TestNode; b: TestNode; end: End } {
  const [a, b] = [new TestNode('a', { pacing: PACING }), new TestNode('b')]
  for (let at = 0; at < 400; at++) a.set(`key ${at}`, 'v'.repeat(20))
  for (let at = 0; at < 400; at += 2) a.set(`key ${at}`, undefined)
  const end = connect(a, b)
  settle(end)
  // Every second write of somebody: a context in 400 pieces.
  for (let counter = 2; counter <= 800; counter += 2) {
    const event = { actor: 'y.1' as Actor, counter, context: EMPTY_VECTOR, deleted: true } as const
    say(end, { type: 'events', transfer: 0, total: 0, hops: 1, events: [{ key: 'y' as Key, event }] })
  }
  settle(end)
  return { a, b, end }
}

const live = (from: number): Message => ({
  type: 'graft',
  actors: [],
  rows: new Map([['a.1' as Actor, [from, 400]]]),
})

describe.each<[string, (round: number) => Message]>([
  ['Ping', (round) => ({ type: 'ping', number: round })],
  ['Graft for all that is alive', () => live(1)],
  [
    'Graft for what is not alive',
    () => ({ type: 'graft', actors: [], rows: new Map([['x.1' as Actor, [1, 9]]]) }),
  ],
  [
    'Inquiry for all rows of whatever was offered last',
    (round) => ({ type: 'inquiry', token: 1 + (round % 9), rows: undefined }),
  ],
  ['Root that is another', () => ({ type: 'root', context: HASH, live: HASH, yours: undefined })],
  [
    'Rows with something new',
    (round) => ({
      type: 'rows',
      token: 1e9 + round,
      rows: new Map([
        ['a.1' as Actor, [1, 600]],
        ['x.1' as Actor, [round + 1, round + 1]],
      ]),
    }),
  ],
])('a flood of %s', (_, message) => {
  it('makes no more wait than the backlog and one answer, and both are in sync when it is read', () => {
    const { a, b, end } = flooded()
    a.outputs.length = 0
    for (let round = 0; round < FLOOD; round++) {
      say(end, message(round))
      a.now += 400
    }
    expect(waitingBytes(end)).toBeLessThan(PACING.backlogBytesMax + ANSWER_BYTES)
    settle(end)
    expect(saidBytes(a), 'what waited elsewhere has left too').toBeLessThan(5 * PACING.backlogBytesMax)
    a.set('after', 1)
    for (let round = 0; round < 30; round++) {
      a.wait(1_000)
      b.wait(1_000)
      settle(end)
    }
    expect(stateText(a.node.replica)).toBe(stateText(b.node.replica))
    expect([a, b].map((node) => node.node.peers(node.now)[0]?.inSync)).toEqual([true, true])
  })
})

it('a Ping that found no room is answered when there is some, the last of many', () => {
  const { a, end } = flooded()
  for (let number = 1; number <= FLOOD; number++) say(end, { type: 'ping', number })
  a.set('large', 'v'.repeat(PACING.windowBytes))
  say(end, { type: 'ping', number: FLOOD + 1 })
  const bytes = waitingBytes(end)
  const answered = () =>
    end.sent.flatMap((each) => {
      const message = decodeMessage(each)
      return message.type === 'pong' ? [message.number] : []
    })
  expect(answered()).not.toContain(FLOOD + 1)
  a.give({ type: 'sent', link: end.link, bytes })
  expect(answered().at(-1)).toBe(FLOOD + 1)
})

it('nodes under ever new names are forgotten, the longest unseen first, and none that we are linked with', () => {
  const a = new TestNode('a')
  const friend = connect(new TestNode('b'), a)
  settle(friend)
  for (let number = 0; number < MEMBERS_MAX + 50; number++) {
    const end = connect(new TestNode(`m${number}`), a)
    settle(end)
    a.now += 1
    a.give({ type: 'closed', link: end.other.link })
  }
  const names = a.node.peers(a.now).map(({ nodeId }) => nodeId)
  expect(names.length).toBe(MEMBERS_MAX)
  expect(names).toContain('b')
  expect(names).toContain(`m${MEMBERS_MAX + 49}`)
  expect(names).not.toContain('m0')
})

describe('contexts of more actors than there is memory for', () => {
  const ACTORS = 30_000
  const ROUNDS = 6
  /** In MiB, once what nobody refers to is gone. */
  const heap = () => {
    collectGarbage()
    return process.memoryUsage().heapUsed / 2 ** 20
  }

  it.each<[string, Message]>([
    ['an offer', { type: 'rows', token: 1, rows: new Map() }],
    ['a question', { type: 'inquiry', token: 1, rows: [] }],
    ['a graft', { type: 'graft', actors: [], rows: new Map() }],
  ])('are not even begun where they are not there: %s', (_, message) => {
    const a = new TestNode('a')
    const end = connect(a, new TestNode('b'))
    settle(end)
    const before = heap()
    const claimed = new Writer().tail(encodeMessage(message).slice(0, -1)).uint(1e9).uint(1e9)
    a.give({ type: 'received', link: end.link, message: claimed.bytes() })
    expect(end.open).toBe(false)
    expect(heap() - before).toBeLessThan(1)
  })

  it('are forgotten with the offer that they came in, however many offers there are', () => {
    const a = new TestNode('a')
    const end = connect(a, new TestNode('b'))
    settle(end)
    const offer = (round: number) => {
      const rows = new Map<Actor, [number, number]>()
      for (let at = 0; at < ACTORS; at++) rows.set(`${round}x${at}.1` as Actor, [1, 1e9])
      say(end, { type: 'rows', token: round, rows })
      end.sent.length = a.outputs.length = 0
    }
    offer(1)
    const before = heap()
    for (let round = 2; round <= ROUNDS; round++) offer(round)
    expect(end.open).toBe(true)
    expect(heap() - before, 'of what one offer takes, no more').toBeLessThan(10)
    a.give({ type: 'closed', link: end.link })
    expect(heap(), 'and nothing once the link is gone').toBeLessThan(before)
    expect(a.node.replica.context.rows().size).toBe(0)
  })
})
