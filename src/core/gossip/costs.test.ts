/** What it costs two nodes to be equal and to stay so (DESIGN 6): bytes and flights, the same in every run. */
import { describe, expect, it } from 'vitest'
import type { Actor } from '../causality/dot'
import { EMPTY_VECTOR } from '../causality/version-vector'
import type { FrozenState } from '../codec/record'
import { PING_EVERY_MS, ROOT_ROUND_MS_MAX, ROOT_ROUND_MS_MIN } from '../limits'
import type { Key } from '../store/value'
import type { Version } from '../store/version'
import { encodeMessage } from './codec'
import type { Message } from './messages'
import { connect, deliverOne, type End, settle, TestNode } from './pair.fixtures'

const KEYS = 50_000
const VALUE = 'x'.repeat(100)

function stateOf(versions: readonly Version[], context: FrozenState['context']): FrozenState {
  const entries = versions.map((version, at): [Key, Version[]] => [`key${at}` as Key, [version]])
  return { context, entries, ghosts: new Map(), named: EMPTY_VECTOR }
}

function versionOf(actor: Actor, counter: number): Version {
  return { actor, counter, context: EMPTY_VECTOR, time: 1, merge: 'auto', value: VALUE }
}

const WRITER = 'writer.1' as Actor

/** Every key written once, in order. */
function compact(): FrozenState {
  const versions = Array.from({ length: KEYS }, (_, at) => versionOf(WRITER, at + 1))
  return stateOf(versions, new Map([[WRITER, [1, KEYS]]]))
}

/** Every other key written once more, so that no two counters in a row are alive in most of what there is. */
function holey(): FrozenState {
  const versions = Array.from({ length: KEYS }, (_, at) =>
    versionOf(WRITER, at % 2 === 0 ? at + 1 : KEYS + (at + 1) / 2),
  )
  return stateOf(versions, new Map([[WRITER, [1, 1.5 * KEYS]]]))
}

/** Every key written by somebody else. */
function crowded(actors: number): FrozenState {
  const names = Array.from(
    { length: actors },
    (_, at) => `${(1e9 + at * 7_919).toString(36)}writer.1` as Actor,
  )
  const versions = names.map((actor) => versionOf(actor, 1))
  return stateOf(versions, new Map(names.map((actor) => [actor, [1, 1]])))
}

interface Cost {
  readonly said: readonly Message[]
  /** Both ways, all that is said on the link. */
  readonly bytes: number
  /** From the opening of the link to the last of what brought the states together. */
  readonly roundTrips: number
}

/** Links two nodes, and delivers all that is under way at a time: that is a flight, half a round trip. */
function link(a: TestNode, b: TestNode): Cost {
  const end = connect(a, b)
  const said: Message[] = []
  let [bytes, flights] = [0, 0]
  for (let flight = 1; end.sent.length + end.other.sent.length > 0; flight++) {
    const underWay = [end, end.other].map((from) => ({ from, sizes: from.sent.map(({ length }) => length) }))
    for (const { from, sizes } of underWay) {
      for (const size of sizes) {
        const message = deliverOne(from) as Message
        from.at.give({ type: 'sent', link: from.link, bytes: size })
        said.push(message)
        bytes += size
        if (message.type === 'events' || message.type === 'claim') flights = flight
      }
    }
  }
  expect(a.node.replica.digest()).toBe(b.node.replica.digest())
  return { said, bytes, roundTrips: flights / 2 }
}

/** Ten differences, five a side; half of them deletes. */
function differ(a: TestNode, b: TestNode): void {
  for (const [at, node] of [a, b].entries()) {
    for (let key = 0; key < 3; key++) node.set(`key${1_000 * at + 77 * key}`, at === 0 ? VALUE : undefined)
    for (let key = 3; key < 5; key++) node.set(`key${1_000 * at + 77 * key}`, at === 0 ? undefined : VALUE)
  }
}

describe('a reconnect', () => {
  it.each([
    ['compact', compact],
    ['full of holes', holey],
  ])('after 10 differences in 50,000 keys, where the state is %s: ≤ 4 kB, ≤ 3 round trips', (_, make) => {
    const state = make()
    const [a, b] = [new TestNode('a', { state }), new TestNode('b', { state })]
    differ(a, b)
    const { bytes, roundTrips, said } = link(a, b)
    expect(a.node.replica.entries().size).toBe(KEYS - 5)
    expect(said.flatMap((message) => (message.type === 'events' ? message.events : []))).toHaveLength(5)
    expect(bytes).toBeLessThanOrEqual(4_000)
    expect(roundTrips).toBeLessThanOrEqual(3)
  })

  it('after one difference among 4,000 actors: ≤ 32 kB', () => {
    const state = crowded(4_000)
    const [a, b] = [new TestNode('a', { state }), new TestNode('b', { state })]
    a.set('key7', undefined)
    const { bytes, roundTrips } = link(a, b)
    expect(bytes).toBeLessThanOrEqual(32_000)
    expect(roundTrips).toBeLessThanOrEqual(4)
  })
})

/** Lets time pass for both ends, and delivers what they say. */
function live(end: End, ms: number): Message[] {
  const nodes = [end.at, end.other.at]
  const said: Message[] = []
  const until = end.at.now + ms
  while (end.at.now < until) {
    const now = Math.min(until, ...nodes.map(({ node }) => node.wakeAt()))
    for (const node of nodes) node.wait(now - node.now)
    said.push(...settle(end))
  }
  return said
}

describe('a link of two that are equal', () => {
  const MS = 600_000

  it('carries nothing but one Root a round and a ping every few seconds each: ≤ 200 bytes/s a node', () => {
    const [a, b] = [new TestNode('a'), new TestNode('b')]
    for (let key = 0; key < 100; key++) a.set(`key${key}`, VALUE)
    a.now = b.now += 3_000
    b.give({ type: 'online', self: 'b' }) // so that their rounds are not at the same instants
    const end = connect(a, b)
    settle(end)
    live(end, 10_000) // until the roots of what has just been joined are told
    const said = live(end, MS)
    const count = (type: Message['type']) => said.filter((message) => message.type === type).length
    const roundMs = (ROOT_ROUND_MS_MIN + ROOT_ROUND_MS_MAX) / 2 // as the fixture's random numbers have it
    expect(Math.abs(count('root') - (2 * MS) / roundMs)).toBeLessThanOrEqual(2)
    expect(Math.abs(count('ping') - (2 * MS) / PING_EVERY_MS)).toBeLessThanOrEqual(2)
    expect(count('pong')).toBe(count('ping'))
    expect(said).toHaveLength(count('root') + count('ping') + count('pong'))
    const bytes = said.reduce((sum, message) => sum + encodeMessage(message).length, 0)
    expect(bytes / 2 / (MS / 1_000)).toBeLessThanOrEqual(200)
  })
})
