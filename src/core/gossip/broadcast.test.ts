import { describe, expect, it } from 'vitest'
import type { Actor } from '../causality/dot'
import { ANNOUNCE_AFTER_MS, MISSING_AFTER_MS, PULLED_PUSHED_MAX } from '../limits'
import { stateText } from '../store/oracle.fixtures'
import type { Key } from '../store/value'
import { decodeMessage, encodeMessage } from './codec'
import type { Message } from './messages'
import { PACING } from './pacing'
import { connect, deliverOne, type End, settle, TestNode } from './pair.fixtures'

const typesOf = (messages: readonly Message[]) => messages.map(({ type }) => type)
const waiting = (end: End) => typesOf(end.sent.map((bytes) => decodeMessage(bytes)))

/** Three nodes, each linked with the others. */
function triangle() {
  const [a, b, c] = [new TestNode('a'), new TestNode('b'), new TestNode('c')]
  const [ab, ac, bc] = [connect(a, b), connect(a, c), connect(b, c)]
  settle(ab, ac, bc)
  const nodes = [a, b, c]
  /** Lets time pass everywhere, and delivers what is said then. */
  const wait = (ms: number) => {
    for (const node of nodes) node.wait(ms)
    return settle(ab, ac, bc)
  }
  return { a, b, c, ab, ac, bc, wait }
}

/** A triangle in which the tree of `a` goes from it to the others. */
function pruned() {
  const room = triangle()
  room.a.set('k', 1)
  const first = settle(room.ab, room.ac, room.bc)
  room.wait(2_000)
  return { ...room, first }
}

function equal(...nodes: TestNode[]): void {
  expect(new Set(nodes.map(({ node }) => stateText(node.replica))).size).toBe(1)
}

describe('what is written', () => {
  it('goes everywhere the first time, and the duplicates prune', () => {
    const { first } = pruned()
    expect(typesOf(first).toSorted()).toEqual(['events', 'events', 'events', 'events', 'prune', 'prune'])
  })

  it('goes once to each from then on, and is not announced to those who have all', () => {
    const { a, b, c, ab, ac, bc, wait } = pruned()
    a.set('k', 2)
    expect(typesOf(settle(ab, ac, bc))).toEqual(['events', 'events'])
    equal(a, b, c)
    expect(typesOf(wait(300)).filter((type) => type === 'have')).toEqual([])
    wait(2_000)
    expect(
      typesOf(wait(2_000)).filter((type) => type !== 'ping' && type !== 'pong' && type !== 'root'),
    ).toEqual([])
  })

  it('goes on although the peer says that it came over more links than can be counted', () => {
    const { a, b, c, ab, ac, bc } = triangle()
    settle(ab, ac, bc)
    const lied = {
      actor: 'liar.1' as Actor,
      counter: 1,
      context: [],
      time: 1,
      merge: 'auto',
      value: 1,
    } as const
    const hops = Number.MAX_SAFE_INTEGER
    const message = encodeMessage({
      type: 'events',
      transfer: 0,
      total: 0,
      hops,
      events: [{ key: 'k' as Key, event: lied }],
    })
    b.give({ type: 'received', link: ab.other.link, message })
    settle(ab, ac, bc)
    equal(a, b, c)
    expect([a, b, c].map(({ openLinks }) => openLinks)).toEqual([2, 2, 2])
    expect(c.node.replica.versions('k' as Key)).toHaveLength(1)
  })

  it('has a tree for each writer', () => {
    const { b, ab, ac, bc } = pruned()
    b.set('k', 3)
    expect(typesOf(settle(ab, ac, bc)).filter((type) => type === 'events')).toHaveLength(4)
  })

  /** `a` wrote, `c` has it, and what was under way to `b` is lost. */
  function lost() {
    const room = pruned()
    room.a.set('other', 2)
    expect(waiting(room.ab)).toEqual(['events'])
    room.ab.sent.length = 0
    settle(room.ac)
    expect(room.b.node.replica.entries().size).toBe(1)
    return room
  }

  it('is announced to those on which it was not pushed, asked for when it does not come, and pushed there again', () => {
    const { a, b, c, bc } = lost()
    c.wait(ANNOUNCE_AFTER_MS)
    expect(waiting(bc.other)).toContain('have')
    while (deliverOne(bc.other) !== undefined);
    bc.sent.length = 0 // not the Roots: they would do, too
    b.wait(MISSING_AFTER_MS)
    expect(waiting(bc).filter((type) => type !== 'root')).toEqual(['graft'])
    while (deliverOne(bc) !== undefined);
    expect(waiting(bc.other)).toContain('events')
    settle(bc)
    equal(a, b, c)
  })

  it('is answered with a Root when it is not held any more', () => {
    const { a, b, c, ac, bc } = lost()
    a.set('other', undefined)
    settle(ac)
    bc.other.sent.length = 0
    c.wait(ANNOUNCE_AFTER_MS)
    while (deliverOne(bc.other) !== undefined);
    bc.sent.length = 0
    b.wait(MISSING_AFTER_MS)
    bc.other.sent.length = 0
    while (deliverOne(bc) !== undefined);
    expect(waiting(bc.other)).toContain('root')
    settle(bc)
    for (const node of [b, c]) node.wait(10_000)
    settle(bc)
    equal(b, c)
  })

  it('comes by another link at once when the one that brought it ends', () => {
    const { a, b, c, ab, ac, bc } = pruned()
    for (const end of [ab, ab.other]) {
      end.open = false
      end.at.give({ type: 'closed', link: end.link })
    }
    expect(waiting(bc)).toContain('graft')
    settle(bc)
    a.set('k', 5)
    expect(typesOf(settle(ac, bc))).toEqual(['events', 'events'])
    equal(a, b, c)
  })
})

describe('what a pull brought', () => {
  it.each([
    [PULLED_PUSHED_MAX, true],
    [PULLED_PUSHED_MAX + 1, false],
  ])('of %d events is pushed on: %s', (events, isPushed) => {
    const [a, b, c] = [new TestNode('a'), new TestNode('b'), new TestNode('c')]
    for (let key = 0; key < events; key++) a.set(`k${key}`, key)
    const bc = connect(b, c)
    settle(bc)
    settle(connect(a, b))
    expect(b.node.replica.entries().size).toBe(events)
    expect(waiting(bc).includes('events')).toBe(isPushed)
    c.wait(2_000)
    b.wait(2_000) // its Root, which is not answered by one that `c` sent long ago
    settle(bc)
    equal(a, b, c)
  })
})

describe('what is asked for by Graft', () => {
  it('goes no further than the backlog allows, and the rest by anti-entropy', () => {
    const pacing = { ...PACING, batchBytes: 50, backlogBytesMax: 300 }
    const [a, b] = [new TestNode('a', { pacing }), new TestNode('b')]
    const ab = connect(a, b)
    settle(ab)
    for (let key = 0; key < 60; key++) a.set(`key ${key}`, key)
    settle(ab)
    const rows = a.node.replica.context.copyRows()
    a.give({
      type: 'received',
      link: ab.link,
      message: encodeMessage({ type: 'graft', actors: [], rows }),
    })
    const sizes = ab.sent.map(({ length }) => length)
    const bytes = sizes.reduce((sum, size) => sum + size, 0)
    expect(bytes).toBeGreaterThan(pacing.backlogBytesMax)
    expect(bytes).toBeLessThanOrEqual(pacing.backlogBytesMax + Math.max(...sizes))
    expect(typesOf(settle(ab))).toContain('root')
  })
})
