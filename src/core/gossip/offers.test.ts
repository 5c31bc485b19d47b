/** Offers of contexts of many actors, between nodes. */
import { describe, expect, it } from 'vitest'
import type { Rows } from '../causality/context'
import type { Actor } from '../causality/dot'
import { counterOf, EMPTY_VECTOR } from '../causality/version-vector'
import { ROOT_ROUND_MS_MAX, ROWS_WHOLE_ACTORS_MAX } from '../limits'
import { stateText } from '../store/oracle.fixtures'
import type { Key } from '../store/value'
import { decodeMessage, encodeMessage } from './codec'
import type { KeyedEvent, Message } from './messages'
import { PACING } from './pacing'
import { connect, deliverOne, type End, settle, TestNode } from './pair.fixtures'
import { SKETCHING } from './summary'

const equal = (a: TestNode, b: TestNode) => expect(stateText(a.node.replica)).toBe(stateText(b.node.replica))
const say = (end: End, message: Message) =>
  end.at.give({ type: 'received', link: end.link, message: encodeMessage(message) })
const offering = new Set<Message['type']>(['rows', 'outline', 'inquiry', 'differing', 'want'])
const offersIn = (said: readonly Message[]) => said.filter(({ type }) => offering.has(type))
const textsOf = (rows: Rows) => [...rows].map(([actor, row]) => `${actor}=${row.join()}`)
const typesOf = (messages: readonly Message[]) => messages.map(({ type }) => type)

function put(counter: number, actor: string, key: string, value = key): KeyedEvent {
  const event = {
    actor: actor as Actor,
    counter,
    context: EMPTY_VECTOR,
    time: 1,
    merge: 'auto',
    value,
  } as const
  return { key: key as Key, event }
}

function learn(node: TestNode, ...events: KeyedEvent[]): void {
  for (const { key, event } of events) node.node.replica.apply(key, event)
  node.node.replica.takeEffects()
}

/** Two nodes that know one write of each of so many actors, and one more each. */
function crowd(actors: number, sketching: Partial<typeof SKETCHING> = {}): [TestNode, TestNode] {
  const pacing = { ...PACING, sketching: { ...SKETCHING, ...sketching } }
  const nodes: [TestNode, TestNode] = [new TestNode('a', { pacing }), new TestNode('b', { pacing })]
  for (const node of nodes)
    learn(node, ...Array.from({ length: actors - 1 }, (_, at) => put(1, `n${at}.1`, `k${at}`)))
  for (const node of nodes) node.set(`of ${node.member}`, 1)
  return nodes
}

/** Delivers until a message of this type is the next that `end` has sent. */
function deliverUpTo(type: Message['type'], end: End): void {
  for (let turn = 0; turn < 100; turn++) {
    if (end.sent[0] !== undefined && decodeMessage(end.sent[0]).type === type) return
    if (deliverOne(end) === undefined) deliverOne(end.other)
  }
  throw new Error(`no ${type}`)
}

describe('what is offered', () => {
  it('goes row by row with as many actors as the limit, and by an outline with one more', () => {
    for (const [actors, types] of [
      [ROWS_WHOLE_ACTORS_MAX, ['rows', 'want']],
      [ROWS_WHOLE_ACTORS_MAX + 1, ['outline', 'inquiry', 'differing', 'want']],
    ] as const) {
      const [a, b] = crowd(actors)
      const said = offersIn(settle(connect(a, b)))
      expect(typesOf(said).toSorted()).toEqual([...types, ...types].toSorted())
      equal(a, b)
    }
  })

  it('is no more than what differs', () => {
    const [a, b] = crowd(ROWS_WHOLE_ACTORS_MAX + 1)
    learn(b, put(2, 'n8.1', 'more'))
    const said = settle(connect(a, b))
    const rows = said.flatMap((message) => (message.type === 'differing' ? textsOf(message.rows) : []))
    expect(rows.toSorted()).toEqual(['a.1=1,1', 'b.1=1,1', 'n8.1=1,1', 'n8.1=1,2'])
    equal(a, b)
  })

  it('is known without a question where nothing of it is new', () => {
    const [a, b] = crowd(3, { wholeActors: 1 })
    settle(connect(a, b))
    const c = new TestNode('c', { state: a.node.freeze() })
    c.set('of c', 1)
    const said = offersIn(settle(connect(b, c)))
    expect(typesOf(said)).toEqual(expect.arrayContaining(['outline', 'rows', 'want'])) // of `c` all: it has the limit
    expect(typesOf(said)).not.toContain('inquiry')
    equal(b, c)
  })

  it('is asked for row by row where the outline does not tell', () => {
    const [a, b] = crowd(20, { wholeActors: 1, outlineCells: 3 })
    learn(b, ...Array.from({ length: 19 }, (_, at) => put(2, `n${at}.1`, `more${at}`)))
    const said = offersIn(settle(connect(a, b)))
    expect(typesOf(said)).toContain('rows')
    expect(typesOf(said)).not.toContain('differing')
    equal(a, b)
  })

  it('stands still for who asked for the rest of it, while both learn more', () => {
    const [a, b] = crowd(20, { wholeActors: 1 })
    const end = connect(a, b)
    deliverUpTo('inquiry', end)
    const [dead, late] = [put(2, 'n3.1', 'dead'), put(2, 'n4.1', 'late')]
    learn(a, dead, late, put(2, 'n5.1', 'only here'))
    learn(b, dead)
    a.set('dead', undefined)
    settle(end)
    expect([a, b].flatMap(({ outputs }) => outputs.filter(({ type }) => type === 'malformed'))).toEqual([])
    a.wait(2_000)
    b.wait(2_000)
    settle(end)
    equal(a, b)
    expect(b.node.replica.versions('dead' as Key)).toEqual([])
  })

  it('names all that it is of: what of our own is known there is noted', () => {
    const [a, b] = crowd(3, { wholeActors: 1 })
    const end = connect(a, b)
    settle(end)
    expect(counterOf(a.node.replica.named(), 'a.1' as Actor)).toBe(0)
    learn(b, put(2, 'n0.1', 'more'))
    for (const node of [a, b]) node.wait(ROOT_ROUND_MS_MAX)
    const said = offersIn(settle(end))
    expect(
      said.flatMap((message) => (message.type === 'differing' ? [...message.rows.keys()] : [])),
    ).toContain('n0.1')
    equal(a, b)
    expect(counterOf(a.node.replica.named(), 'a.1' as Actor)).toBe(1)
  })

  it('shows a cloned disk also by an outline', () => {
    const [a, b] = crowd(3, { wholeActors: 1 })
    settle(connect(a, b))
    for (const node of [a, b]) {
      for (const end of node.ends.values()) end.open = false
      for (const link of node.ends.keys()) node.give({ type: 'closed', link })
      node.ends.clear()
    }
    learn(a, put(1, 'z.1', 'k', 'a'))
    learn(b, put(1, 'z.1', 'k', 'b'))
    settle(connect(a, b))
    equal(a, b)
  })
})

describe('of an outline', () => {
  /** `a` has asked `b` for rows of its offer. */
  function asked(): { a: TestNode; b: TestNode; end: End; token: number } {
    const [a, b] = crowd(20, { wholeActors: 1 })
    const end = connect(a, b)
    deliverUpTo('inquiry', end)
    const inquiry = decodeMessage(end.sent[0] as Uint8Array)
    return { a, b, end, token: inquiry.type === 'inquiry' ? inquiry.token : 0 }
  }
  const malformed = (node: TestNode) => node.outputs.filter(({ type }) => type === 'malformed').length

  it('rows that were not asked for end the link', () => {
    const { a, end, token } = asked()
    say(end, { type: 'differing', token, rows: new Map([['z.1' as Actor, [1, 5]]]) })
    expect(malformed(a)).toBe(1)
    expect(end.open).toBe(false)
  })

  it('rows that are not there end the link of who asks for them', () => {
    const { b, end, token } = asked()
    say(end.other, { type: 'inquiry', token, rows: [[1, 2, 3, 4]] })
    expect(malformed(b)).toBe(1)
  })

  it('that another has replaced no rows are given, and none are taken', () => {
    const { a, b, end, token } = asked()
    const sent = end.other.sent.length
    say(end.other, { type: 'inquiry', token: token + 99, rows: [[1, 2, 3, 4]] })
    expect(end.other.sent).toHaveLength(sent)
    say(end, { type: 'differing', token: token + 99, rows: new Map([['z.1' as Actor, [1, 5]]]) })
    expect(end.sent.map((bytes) => decodeMessage(bytes).type)).not.toContain('want')
    expect([malformed(a), malformed(b)]).toEqual([0, 0])
    settle(end)
    equal(a, b)
  })
})
