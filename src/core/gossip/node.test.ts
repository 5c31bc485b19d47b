import { describe, expect, it } from 'vitest'
import type { Actor } from '../causality/dot'
import { EMPTY_VECTOR } from '../causality/version-vector'
import { stateText } from '../store/oracle.fixtures'
import {
  FINGERPRINT_ENTRIES,
  ROOT_EVERY_MS_MIN,
  ROOT_REST_MS,
  ROOT_REST_MS_MAX,
  SILENCE_MS_MAX,
  SILENCE_MS_MIN,
  SKETCH_ATTEMPTS_MAX,
  TRANSFER_IDLE_MS_MAX,
  UNREACHABLE_DIALS_MIN,
} from '../limits'
import type { Key } from '../store/value'
import { decodeMessage, encodeMessage } from './codec'
import type { ClaimMessage, Message } from './messages'
import { NONCE_BYTES } from './proof'
import { SKETCHING } from './summary'
import { connect, deliverOne, type End, settle, TestNode } from './pair.fixtures'

const typesOf = (messages: readonly Message[]) => messages.map(({ type }) => type)
const say = (end: End, message: Message) =>
  end.at.give({ type: 'received', link: end.link, message: encodeMessage(message) })
const equal = (a: TestNode, b: TestNode) => expect(stateText(a.node.replica)).toBe(stateText(b.node.replica))
const dialled = (node: TestNode) =>
  node.outputs.flatMap((output) => (output.type === 'dial' ? [output.member] : []))
const few = { batchBytes: 40, windowBytes: 300, backlogBytesMax: 1e6, partBytes: 1e4 }

function ready(a: TestNode, b: TestNode): End {
  const end = connect(a, b)
  settle(end)
  expect(a.node.peers(a.now)[0]?.state).toBe('linked')
  return end
}

describe('while signaling is down', () => {
  it('a node dials those who are nearby, and nobody else', () => {
    const node = new TestNode('a')
    node.give({ type: 'signaling', up: false, self: 'a' })
    node.give({ type: 'members', members: ['far', 'near'] })
    node.give({ type: 'nearby', members: ['near'] })
    node.wait(5_000)
    expect(dialled(node)).toEqual(['near'])
    node.give({ type: 'dialFailed', member: 'near' })
    node.give({ type: 'nearby', members: [] })
    node.wait(60_000)
    expect(dialled(node)).toEqual(['near'])
    node.give({ type: 'signaling', up: true, self: 'a' })
    expect(dialled(node).toSorted()).toEqual(['far', 'near', 'near'])
  })
})

describe('a member whom no dial reaches', () => {
  it('is told, until there is a link, the list has it no more, or nothing is listed', () => {
    const node = new TestNode('a')
    const fail = () => {
      for (let dial = 0; dial < UNREACHABLE_DIALS_MIN; dial++) node.give({ type: 'dialFailed', member: 'b' })
    }
    node.give({ type: 'signaling', up: true, self: 'a' })
    node.give({ type: 'members', members: ['a', 'b'] })
    expect(node.node.unreachable()).toBe(0)
    fail()
    expect(node.node.unreachable()).toBe(1)
    expect(node.outputs.some(({ type }) => type === 'peersChanged')).toBe(true)

    node.outputs.length = 0
    node.give({ type: 'members', members: ['a'] })
    expect(node.node.unreachable()).toBe(0)
    expect(node.outputs.some(({ type }) => type === 'peersChanged')).toBe(true)

    node.give({ type: 'members', members: ['a', 'b'] })
    node.give({ type: 'signaling', up: false, self: 'a' })
    expect(node.node.unreachable()).toBe(0)
    node.give({ type: 'signaling', up: true, self: 'a' })
    expect(node.node.unreachable()).toBe(1)
    connect(node, new TestNode('b'))
    expect(node.node.unreachable()).toBe(0)
  })
})

describe('a goodbye', () => {
  it.each([
    ['on the last link with a member: it is not dialled again', false],
    ['that comes late, on a link of before, when the member is back: it is', true],
  ])('%s', (_, isBack) => {
    const [a, b] = [new TestNode('a'), new TestNode('b')]
    a.give({ type: 'members', members: ['b'] })
    const before = ready(a, b)
    const again = isBack ? connect(b, a) : undefined
    say(before, { type: 'bye', why: 'offline' })
    if (again !== undefined) a.give({ type: 'closed', link: again.other.link })
    a.outputs.length = 0
    a.give({ type: 'members', members: ['b'] })
    a.wait(5_000)
    expect(dialled(a)).toEqual(isBack ? ['b'] : [])
  })
})

describe('who is here', () => {
  it('is not known before the list, and until somebody of it is linked or was dialled in vain', () => {
    const node = new TestNode('a')
    const changes = () => node.outputs.splice(0).some(({ type }) => type === 'peersChanged')
    expect(node.node.isAwaiting()).toBe(true)
    node.give({ type: 'members', members: ['a'] })
    expect(node.node.isAwaiting()).toBe(false)
    expect(changes()).toBe(true)
    node.give({ type: 'members', members: ['a', 'b'] })
    expect(node.node.isAwaiting()).toBe(true)
    expect(changes()).toBe(true)
    node.give({ type: 'dialFailed', member: 'b' })
    expect(node.node.isAwaiting()).toBe(false)
    node.give({ type: 'members', members: ['a', 'b', 'c'] })
    expect(node.node.isAwaiting()).toBe(true)
    const end = connect(node, new TestNode('c'))
    expect(node.node.isAwaiting()).toBe(true)
    settle(end, end.other)
    expect(node.node.isAwaiting()).toBe(false)
    node.give({ type: 'closed', link: end.link })
    expect(node.node.isAwaiting()).toBe(false)
    node.give({ type: 'signaling', up: false, self: 'a' })
    expect(node.node.isAwaiting()).toBe(false)
  })
})

/** So many that the fingerprint of them is made in four steps. */
function manyWrites() {
  return Array.from({ length: 3.5 * FINGERPRINT_ENTRIES }, (_, at) => ({ key: `k${at}` as Key, value: at }))
}

describe('a link', () => {
  it('begins with Hello, Proof, Intro, a ping and one Root each way when the states are equal', () => {
    const [a, b] = [new TestNode('a'), new TestNode('b')]
    const said = typesOf(settle(connect(a, b)))
    expect(said.toSorted()).toEqual([
      'hello',
      'hello',
      'intro',
      'intro',
      'ping',
      'ping',
      'pong',
      'pong',
      'proof',
      'proof',
      'root',
      'root',
    ])
    expect(a.node.peers(a.now)).toMatchObject([{ nodeId: 'b', state: 'linked', inSync: true }])
  })

  it('brings both to the same state, deletes included', () => {
    const [a, b] = [new TestNode('a', { pacing: few }), new TestNode('b', { pacing: few })]
    for (let key = 0; key < 30; key++) a.set(`k${key}`, 'from a')
    for (let key = 20; key < 50; key++) b.set(`k${key}`, 'from b')
    a.set('k3', undefined)
    b.set('k40', undefined)
    settle(connect(a, b))
    equal(a, b)
    expect(a.node.replica.entries().size).toBe(48)
    expect(a.node.replica.versions('k25' as Key)).toHaveLength(2)
  })

  it('ends after so much silence, not sooner', () => {
    const [a, b] = [new TestNode('a'), new TestNode('b')]
    const end = connect(a, b)
    settle(end)
    a.wait(SILENCE_MS_MIN - 1)
    expect(end.open).toBe(true)
    a.wait(SILENCE_MS_MAX - SILENCE_MS_MIN + 1)
    expect(end.open).toBe(false)
  })

  it.each([
    [60_000, true],
    [0, false],
  ])(
    'is not taken for silent for a timer that came late: a minute passed, %i ms of it late',
    (lateMs, stands) => {
      const a = new TestNode('a')
      const end = connect(a, new TestNode('b'))
      settle(end)
      a.now += 60_000
      a.give({ type: 'tick', lateMs })
      expect(end.open).toBe(stands)
    },
  )

  it('need not wait for the fingerprint of a large state: that is made at rest, in steps, and told then', () => {
    const [a, b] = [new TestNode('a'), new TestNode('b')]
    a.give({ type: 'write', writes: manyWrites(), merge: 'auto', wallMs: 1_000, origin: 'local' })
    const end = connect(a, b)
    const roots = settle(end).filter((message) => message.type === 'root')
    expect(roots.map(({ live }) => live !== undefined)).toEqual([false, true])
    equal(a, b)
    const inSync = () => a.node.peers(a.now)[0]?.inSync
    expect(inSync()).toBe(false)
    expect(b.wait(2_000)).not.toEqual([]) // its timers are throttled: all at once
    expect(a.wait(a.node.wakeAt() - a.now)).toEqual([])
    for (const _ of [2, 3]) {
      expect(a.node.wakeAt()).toBe(a.now) // there is more to do
      expect(inSync()).toBe(false)
      expect(a.wait(0)).toEqual([])
    }
    a.wait(0)
    settle(end)
    expect(inSync()).toBe(true)
  })

  it('carries the offers right behind the first Roots when the Intros show other states, and no second ones', () => {
    const [a, b] = [new TestNode('a'), new TestNode('b')]
    a.set('k', 'from a')
    b.set('l', 'from b')
    const end = connect(a, b)
    for (let flight = 0; flight < 3; flight++) for (const side of [end, end.other]) deliverOne(side)
    for (const { sent } of [end, end.other]) {
      const types = sent.map((bytes) => decodeMessage(bytes).type)
      expect(types.filter((type) => type !== 'ping' && type !== 'pong')).toEqual(['root', 'rows'])
    }
    const said = typesOf(settle(end))
    expect(said.filter((type) => type === 'rows')).toHaveLength(2)
    equal(a, b)
  })

  it('is told the root once the state has rested, and not more often than there is time between two', () => {
    const [a, b] = [new TestNode('a'), new TestNode('b')]
    const end = ready(a, b)
    const rootsIn = (ms: number) => {
      a.wait(ms)
      return settle(end).filter(({ type }) => type === 'root').length
    }
    a.wait(ROOT_EVERY_MS_MIN)
    settle(end)

    a.set('k', 1)
    expect(rootsIn(ROOT_REST_MS - 1)).toBe(0)
    a.set('k', 2) // no rest yet
    expect(rootsIn(ROOT_REST_MS - 1)).toBe(0)
    expect(rootsIn(1)).toBeGreaterThan(0)

    a.set('k', 3)
    expect(rootsIn(ROOT_EVERY_MS_MIN - 1)).toBe(0)
    expect(rootsIn(1)).toBeGreaterThan(0)
  })

  it('is told in the end, though a large state never rests', () => {
    const [a, b] = [new TestNode('a'), new TestNode('b')]
    a.give({ type: 'write', writes: manyWrites(), merge: 'auto', wallMs: 1_000, origin: 'local' })
    const end = ready(a, b)
    let agreed = 0
    for (let passed = 0; passed < ROOT_REST_MS_MAX + 20 * ROOT_REST_MS; passed += ROOT_REST_MS / 2) {
      a.set('k', passed)
      settle(end)
      for (const node of [a, b]) node.wait(ROOT_REST_MS / 2)
      settle(end)
      if (a.node.peers(a.now)[0]?.inSync === true) agreed += 1
    }
    expect(agreed).toBeGreaterThan(0)
  })

  it('carries another offer at once if the state changed since the first one', () => {
    const [a, b] = [new TestNode('a'), new TestNode('b')]
    a.set('k', 1)
    const end = connect(a, b)
    for (let flight = 0; flight < 3; flight++) for (const side of [end, end.other]) deliverOne(side)
    a.set('k', 2) // nobody is told, since the peer's Root is still on its way
    const said = settle(end)
    expect(said.flatMap((message) => (message.type === 'rows' ? [...message.rows.values()] : []))).toEqual([
      [1, 1],
      [1, 2],
    ])
    equal(a, b)
  })

  it('carries no own events before the first Root of the peer', () => {
    const [a, b] = [new TestNode('a'), new TestNode('b')]
    const end = connect(a, b)
    a.set('k', 1)
    expect(end.sent).toHaveLength(1)
    settle(end)
    equal(a, b)
    a.set('k', 2)
    expect(typesOf(settle(end))).toEqual(['events'])
    equal(a, b)
  })

  it('is refused, and both are told, when no version is common', () => {
    const [a, b] = [new TestNode('a'), new TestNode('b')]
    const end = connect(a, b)
    const outputs = say(end, {
      type: 'hello',
      lowestVersion: 2,
      highestVersion: 9,
      nonce: new Uint8Array(NONCE_BYTES),
    })
    expect(outputs.map(({ type }) => type)).toEqual(expect.arrayContaining(['updateNeeded', 'hangUp']))
    expect(end.open).toBe(false)
  })

  it('is dropped by what no Fofoca sends, with the state untouched and others undisturbed', () => {
    const [a, b, c] = [new TestNode('a'), new TestNode('b'), new TestNode('c')]
    const [ab, ac] = [ready(a, b), ready(a, c)]
    a.set('k', 1)
    settle(ab, ac)
    const before = stateText(a.node.replica)
    const outputs = a.give({ type: 'received', link: ab.link, message: Uint8Array.of(99) })
    expect(outputs.map(({ type }) => type)).toEqual(expect.arrayContaining(['malformed', 'hangUp']))
    expect(stateText(a.node.replica)).toBe(before)
    expect(ac.open).toBe(true)
    c.set('k', 2)
    settle(ac)
    equal(a, c)
  })

  it('is redialled ever less often when the peer only opens it', () => {
    const a = new TestNode('a')
    a.give({ type: 'members', members: ['b'] })
    const delays: number[] = []
    for (let round = 0; round < 8; round++) {
      const b = new TestNode('b')
      const end = connect(a, b)
      a.give({ type: 'received', link: end.link, message: Uint8Array.of(99) })
      const from = a.now
      while (!a.wait(50).some(({ type }) => type === 'dial'))
        if (a.now - from > 60_000) throw new Error('never')
      delays.push(a.now - from)
    }
    expect(delays.at(-1)).toBeGreaterThan(20_000)
  })
})

describe('two links to one node', () => {
  it('dialled by both at once become one, whatever arrives first', () => {
    for (let order = 0; order < 64; order++) {
      const [a, b] = [new TestNode('a'), new TestNode('b')]
      const [first, second] = [connect(a, b), connect(b, a)]
      for (let bit = 0; bit < 6; bit++) {
        const end = (order & (1 << bit)) === 0 ? first : second
        deliverOne(bit % 2 === 0 ? end : end.other)
        expect(Math.min(a.openLinks, b.openLinks)).toBeGreaterThan(0)
      }
      settle(first, second)
      expect([a.openLinks, b.openLinks]).toEqual([1, 1])
      expect(first.open && first.other.open).toBe(true) // dialled by the smaller id
      a.set('k', order)
      settle(first, second)
      equal(a, b)
    }
  })

  it('of which the older is a session that is gone become the newer', () => {
    const a = new TestNode('a')
    const old = ready(a, new TestNode('b1', { nodeId: 'b' }))
    const next = ready(a, new TestNode('b2', { nodeId: 'b' }))
    expect(a.node.peers(a.now)).toMatchObject([{ nodeId: 'b', state: 'linked', inSync: true }])
    expect(old.open).toBe(true) // it may answer yet
    a.wait(5_000)
    expect([old.open, next.open]).toEqual([false, true])
    expect(a.node.peers(a.now)).toMatchObject([{ nodeId: 'b', state: 'linked' }])
  })
})

describe('goodbye', () => {
  it('is not followed by redials, and forgotten when the peer dials again', () => {
    const [a, b] = [new TestNode('a'), new TestNode('b')]
    const first = ready(a, b)
    b.give({ type: 'offline', why: 'offline' })
    settle(first)
    expect(a.node.peers(a.now)[0]?.state).toBe('away')
    expect(a.give({ type: 'members', members: ['b'] }).some(({ type }) => type === 'dial')).toBe(false)
    b.give({ type: 'online', self: 'b' })
    const second = ready(b, a)
    second.other.open = false
    a.give({ type: 'closed', link: second.other.link })
    const dials = a.wait(5_000).filter(({ type }) => type === 'dial')
    expect(dials).toEqual([{ type: 'dial', member: 'b' }])
  })
})

describe('a pull', () => {
  /** `a` lacks what `b` has; delivered up to the Want, which is on its way. */
  function asked(): { a: TestNode; b: TestNode; end: End } {
    const [a, b] = [new TestNode('a', { pacing: few }), new TestNode('b', { pacing: few })]
    for (let key = 0; key < 20; key++) b.set(`k${key}`, key)
    const end = connect(a, b)
    for (let turn = 0; turn < 50; turn++) {
      if (end.sent.length > 0 && typeOf(end.sent[0]!) === 'want') return { a, b, end }
      deliverOne(end)
      while (deliverOne(end.other) !== undefined);
    }
    throw new Error('no Want')
  }
  const typeOf = (bytes: Uint8Array) =>
    ['hello', 'intro', 'root', 'rows', 'want', 'events', 'claim'][bytes[0]!]

  it('has many frames here, and lives through writes on both sides', () => {
    const { a, b, end } = asked()
    deliverOne(end)
    expect(end.other.sent.filter((bytes) => typeOf(bytes) === 'events').length).toBeGreaterThan(1)
    a.set('k1', 'a')
    b.set('k2', undefined)
    b.set('k3', 'b')
    deliverOne(end.other)
    a.set('k4', 'a')
    settle(end)
    a.wait(2_000)
    b.wait(2_000)
    settle(end)
    equal(a, b)
  })

  it('that is broken anywhere leaves single events, and the next link resumes', () => {
    for (let delivered = 0; delivered < 12; delivered++) {
      const { a, b, end } = asked()
      deliverOne(end)
      for (let left = delivered; left > 0; left--) {
        const bytes = end.other.sent[0]?.length ?? 0
        deliverOne(end.other)
        b.give({ type: 'sent', link: end.other.link, bytes })
      }
      const got = a.node.replica.entries().size
      for (const side of [end, end.other]) {
        side.open = false
        side.at.give({ type: 'closed', link: side.link })
      }
      const again = connect(b, a)
      const events = settle(again).flatMap((message) => (message.type === 'events' ? message.events : []))
      expect(events).toHaveLength(20 - got)
      equal(a, b)
    }
  })

  it('asked for by an offer that was replaced is asked for anew at once', () => {
    const { a, b, end } = asked()
    const c = new TestNode('c')
    for (let key = 0; key < 20; key++)
      c.node.replica.apply(`k${key}` as Key, b.node.replica.versions(`k${key}` as Key)[0]!)
    const other = connect(a, c)
    settle(other) // what `c` offers is on its way from `b`: let pass
    expect(a.node.replica.entries().size).toBe(0)
    say(end.other, { type: 'root', context: [1, 2, 3, 4], live: [1, 2, 3, 4], yours: undefined }) // `b` offers once more
    settle(end, other)
    equal(a, b)
    equal(a, c)
  })

  it('discards a claim of which an event is missing, keeps the events, and asks for the rest at once', () => {
    const { a, b, end } = asked()
    deliverOne(end)
    const frames = end.other.sent
    frames.splice(
      frames.findIndex((bytes) => typeOf(bytes) === 'events'),
      1,
    )
    const said = settle(end)
    equal(a, b)
    expect(typesOf(said).filter((type) => type === 'claim')).toHaveLength(2)
  })

  it('of which nothing came at all is not asked for again in an endless circle', () => {
    const { a, end } = asked()
    end.sent.length = 0
    const claim = { type: 'claim', known: new Map(), events: 1, dead: new Map(), ghosts: undefined } as const
    for (const transfer of [1, 2, 3]) say(end, { ...claim, transfer })
    expect(a.node.receiving()).toBeUndefined()
    expect(end.sent).toEqual([])
  })

  it('that stands still for so long is given up, not sooner, and asked for anew', () => {
    const { a, b, end } = asked()
    end.sent.length = 0 // the Want is lost
    const rootsSent = () => end.sent.filter((bytes) => typeOf(bytes) === 'root').length
    const alive = () => {
      for (const side of [end, end.other]) say(side, { type: 'ping', number: 1 })
    }
    for (let passed = 0; passed < TRANSFER_IDLE_MS_MAX - 1_000; passed += 1_000) {
      alive()
      for (const node of [a, b]) node.wait(1_000)
    }
    const before = rootsSent()
    for (const node of [a, b]) node.wait(1_000)
    expect(rootsSent()).toBe(before + 1)
    settle(end)
    equal(a, b)
  })

  it.each<[string, Partial<ClaimMessage>]>([
    ['kills what was not asked about', { dead: new Map([['z.1' as Actor, [1, 1]]]) }],
    ['kills what was asked for', { dead: new Map([['b.1' as Actor, [1, 1]]]) }],
  ])('drops the link for a claim that %s', (_, wrong) => {
    const { a, end } = asked()
    const before = stateText(a.node.replica)
    const claim = { type: 'claim', known: new Map(), events: 0, dead: new Map(), ghosts: undefined } as const
    const outputs = [1, 2, 3].flatMap((transfer) => say(end, { ...claim, transfer, ...wrong }))
    expect(outputs.map(({ type }) => type)).toEqual(expect.arrayContaining(['malformed']))
    expect(stateText(a.node.replica)).toBe(before)
  })

  it('drops the link for a claim that says anew what both know', () => {
    const [a, b] = [new TestNode('a', { pacing: few }), new TestNode('b', { pacing: few })]
    for (let key = 0; key < 20; key++) b.set(`k${key}`, key)
    const first = connect(a, b)
    settle(first)
    a.give({ type: 'closed', link: first.link })
    b.give({ type: 'closed', link: first.other.link })
    b.set('news', 1)
    const end = connect(a, b)
    while (a.node.receiving() === undefined && (deliverOne(end) ?? deliverOne(end.other)) !== undefined);
    const before = stateText(a.node.replica)
    const claim = { type: 'claim', events: 0, dead: new Map(), ghosts: undefined } as const
    const known = new Map([['b.1' as Actor, [20, 20]]])
    const outputs = [1, 2, 3].flatMap((transfer) => say(end, { ...claim, transfer, known }))
    expect(outputs.map(({ type }) => type)).toEqual(expect.arrayContaining(['malformed']))
    expect(stateText(a.node.replica)).toBe(before)
  })
})

function wantOf(token: number) {
  const summary = { kind: 'list', live: new Map(), contents: undefined } as const
  return { token, transfer: 1, want: new Map(), summary, ghosts: [0, 0, 0, 0] as const }
}

describe('a sketch that does not tell', () => {
  const sketching = { ...SKETCHING, cells: 3, listWeight: 0 }

  it('is followed by a larger one, and what came before is not sent again', () => {
    const pacing = { ...few, sketching }
    const [a, b] = [new TestNode('a', { pacing }), new TestNode('b', { pacing })]
    for (let key = 0; key < 100; key++) a.set(`k${key}`, key)
    settle(connect(a, b))
    let retries = 0
    for (let round = 0; round < 60; round++) {
      for (const node of [a, b]) {
        for (const [link, end] of node.ends) {
          end.open = false
          node.give({ type: 'closed', link })
        }
        node.ends.clear()
      }
      for (let key = 0; key < 3; key++) a.set(`k${(round * 7 + key) % 100}`, undefined)
      for (let key = 3; key < 6; key++) a.set(`k${(round * 7 + key) % 100}`, round)
      const said = settle(connect(a, b))
      equal(a, b)
      retries += typesOf(said).filter((type) => type === 'retry').length
      const streamed = said.flatMap((message) => (message.type === 'events' ? message.events : []))
      expect(streamed).toHaveLength(3)
      for (const message of said) if (message.type === 'want') expect(message.summary.kind).toBe('sketch')
    }
    expect(retries).toBeGreaterThan(0)
  })

  it('is asked for no more often than there are attempts', () => {
    const pacing = { ...few, sketching }
    const [a, b] = [new TestNode('a', { pacing }), new TestNode('b', { pacing })]
    const end = ready(a, b)
    say(end, { type: 'rows', token: 1, rows: new Map([['z.1' as Actor, [1, 5]]]) })
    const kinds: string[] = []
    for (let turn = 0; turn < 20 && end.open; turn++) {
      const want = end.sent.map((bytes) => decodeMessage(bytes)).findLast(({ type }) => type === 'want')
      if (want?.type !== 'want') throw new Error('no Want')
      kinds.push(want.summary.kind)
      say(end, { type: 'retry', transfer: want.transfer })
    }
    expect(kinds).toEqual([...Array.from({ length: SKETCH_ATTEMPTS_MAX }, () => 'sketch'), 'list'])
    expect(end.open).toBe(false) // a list always tells
  })
})

describe('a message too large to go at once', () => {
  /** Rows, Want and Claim with gaps, kills and ghosts, in parts of 20 bytes at the most. */
  function apart(windowBytes = few.windowBytes, partBytes = 20): { a: TestNode; b: TestNode } {
    const pacing = { ...few, windowBytes, partBytes }
    const [a, b] = [new TestNode('a', { pacing }), new TestNode('b', { pacing })]
    for (let key = 0; key < 40; key++) a.set(`k${key}`, key)
    settle(connect(a, b))
    for (const end of [...a.ends.values(), ...b.ends.values()]) end.open = false
    for (const node of [a, b]) for (const link of node.ends.keys()) node.give({ type: 'closed', link })
    for (let key = 0; key < 40; key += 3) b.set(`k${key}`, undefined)
    const gaps = (counter: number) => ({
      actor: 'z.1' as Actor,
      counter,
      context: ['y.1' as Actor, counter],
      time: 1,
      merge: 'auto' as const,
      value: counter,
    })
    for (let counter = 2; counter < 40; counter += 2)
      b.node.replica.apply(`z${counter}` as Key, gaps(counter))
    b.node.replica.takeEffects()
    return { a, b }
  }

  it('goes in parts, other messages between them, and both come to the same state', () => {
    const { a, b } = apart()
    const end = connect(a, b)
    const said: Message[] = []
    for (let turn = 0; turn < 40; turn++) {
      for (const from of [end, end.other]) {
        const bytes = from.sent[0]?.length ?? 0
        const message = deliverOne(from)
        if (message === undefined) continue
        said.push(message)
        from.at.give({ type: 'sent', link: from.link, bytes })
      }
      if (turn < 20) b.set('live', turn)
    }
    said.push(...settle(end))
    const types = typesOf(said)
    expect(types.filter((type) => type === 'part').length).toBeGreaterThan(5)
    expect(types.slice(types.indexOf('part'), types.lastIndexOf('part'))).toContain('events')
    a.wait(2_000)
    b.wait(2_000)
    settle(end)
    equal(a, b)
    expect(a.node.replica.versions('k3' as Key)).toEqual([])
  })

  it('is not overtaken by the one that replaces it', () => {
    const { a, b } = apart(30, 40)
    const end = connect(a, b)
    for (let turn = 0; turn < 40; turn++) deliverOne(turn % 2 === 0 ? end : end.other)
    // `b` has offered in parts, which wait, since nothing has drained; it learns what closes the gaps, and offers anew, in few bytes.
    for (let counter = 1; counter < 40; counter += 2) {
      const event = { actor: 'z.1' as Actor, counter, context: EMPTY_VECTOR, deleted: true } as const
      b.node.replica.apply('closed' as Key, event)
    }
    b.node.replica.takeEffects()
    say(end.other, { type: 'root', context: [1, 2, 3, 4], live: undefined, yours: undefined })
    for (const { at, link } of [end, end.other]) at.give({ type: 'sent', link, bytes: 1_000 })
    settle(end)
    equal(a, b)
  })

  it('has no more under way than the window', () => {
    const { a, b } = apart()
    const end = connect(a, b)
    let most = 0
    for (let turn = 0; turn < 400; turn++) {
      for (const from of [end, end.other]) {
        most = Math.max(
          most,
          from.sent.reduce((bytes, message) => bytes + message.length, 0),
        )
        const bytes = from.sent[0]?.length ?? 0
        if (deliverOne(from) !== undefined) from.at.give({ type: 'sent', link: from.link, bytes })
      }
    }
    equal(a, b)
    expect(most).toBeLessThan(few.windowBytes + 150)
  })

  const part = (index: number, last: boolean, bytes: Uint8Array): Message => ({
    type: 'part',
    index,
    last,
    bytes,
  })
  const rows = encodeMessage({ type: 'rows', token: 1, rows: new Map([['z.1' as Actor, [1, 5]]]) })
  const ping = encodeMessage({ type: 'ping', number: 1 })
  const [one, mebibyte] = [Uint8Array.of(1), new Uint8Array(2 ** 20)]

  it.each<[string, Message[]]>([
    ['begins in the middle', [part(1, true, rows)]],
    ['leaves one out', [part(0, false, one), part(2, false, one)]],
    ['comes twice', [part(0, false, one), part(0, false, one)]],
    ['has an empty part', [part(0, false, new Uint8Array())]],
    ['is no message', [part(0, true, one)]],
    ['never goes in parts', [part(0, true, ping)]],
    [
      'is one byte too large',
      [...Array.from({ length: 32 }, (_, at) => part(at, false, mebibyte)), part(32, false, one)],
    ],
  ])('ends the link if it %s', (_, messages) => {
    const [a, b] = [new TestNode('a'), new TestNode('b')]
    const end = ready(a, b)
    const outputs = messages.map((message) => say(end, message).map(({ type }) => type))
    for (const before of outputs.slice(0, -1)) expect(before).not.toContain('malformed')
    expect(outputs.at(-1)).toContain('malformed')
  })

  it.each([
    ['an offer', rows, 1],
    ['an answer to one', encodeMessage({ type: 'want', ...wantOf(1) }), 0],
  ])('delays an offer of ours until it is whole, for it may be %s', (_, whole, offers) => {
    const [a, b] = [new TestNode('a'), new TestNode('b')]
    const end = ready(a, b)
    a.now += 1_000
    say(end, part(0, false, whole.subarray(0, 3)))
    say(end, { type: 'root', context: [1, 2, 3, 4], live: undefined, yours: undefined })
    const sentRows = () => end.sent.filter((bytes) => decodeMessage(bytes).type === 'rows').length
    expect(sentRows()).toBe(0)
    say(end, part(1, true, whole.subarray(3)))
    expect(sentRows()).toBe(offers)
  })

  it('is taken in however many parts', () => {
    const [a, b] = [new TestNode('a'), new TestNode('b')]
    const end = ready(a, b)
    const outputs = [...rows].flatMap((byte, at) =>
      say(end, part(at, at === rows.length - 1, Uint8Array.of(byte))),
    )
    expect(outputs.filter(({ type }) => type === 'malformed')).toEqual([])
    const want = end.sent.map((bytes) => decodeMessage(bytes)).find(({ type }) => type === 'want')
    expect(want).toMatchObject({ want: new Map([['z.1', [1, 5]]]) })
  })
})

describe('a cloned disk', () => {
  const actor = 'z.1' as Actor
  const put = (node: TestNode, counter: number, key: string, value: string) =>
    node.node.replica.apply(key as Key, {
      actor,
      counter,
      context: EMPTY_VECTOR,
      time: 1,
      merge: 'auto',
      value,
    })

  it.each([
    ['the same key', 'k', 'k'],
    ['different keys', 'k', 'l'],
  ])('that gave one dot to two writes of %s: all pick the same', (_, keyA, keyB) => {
    const [a, b, c] = [new TestNode('a'), new TestNode('b'), new TestNode('c')]
    put(a, 1, keyA, 'a')
    put(b, 1, keyB, 'b')
    put(c, 1, keyB, 'c')
    const links = [connect(a, b), connect(b, c), connect(c, a)]
    for (let round = 0; round < 8; round++) {
      settle(...links)
      for (const node of [a, b, c]) node.wait(2_000)
    }
    settle(...links)
    equal(a, b)
    equal(b, c)
    expect(a.node.replica.entries().size).toBe(1)
  })

  it('that gave one dot to a write and to a delete: nobody has it', () => {
    const [a, b] = [new TestNode('a'), new TestNode('b')]
    put(a, 1, 'k', 'a')
    b.node.replica.apply('k' as Key, { actor, counter: 1, context: EMPTY_VECTOR, deleted: true })
    settle(connect(a, b))
    equal(a, b)
    expect(a.node.replica.entries().size).toBe(0)
  })
})
