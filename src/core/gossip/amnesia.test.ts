import { describe, expect, it } from 'vitest'
import type { Actor } from '../causality/dot'
import { counterOf, EMPTY_VECTOR, type VersionVector } from '../causality/version-vector'
import type { FrozenState } from '../codec/record'
import { mergedValue } from '../store/merge'
import { stateText } from '../store/oracle.fixtures'
import type { Key } from '../store/value'
import { decodeMessage, encodeMessage } from './codec'
import type { KeyedEvent, Message } from './messages'
import { connect, introOf, prove, deliverOne, type End, settle, TestNode } from './pair.fixtures'

const A = 'a.1' as Actor
const say = (end: End, message: Message) =>
  end.at.give({ type: 'received', link: end.link, message: encodeMessage(message) })
const equal = (a: TestNode, b: TestNode) => expect(stateText(a.node.replica)).toBe(stateText(b.node.replica))
const valuesOf = ({ node }: TestNode) =>
  Object.fromEntries([...node.replica.entries()].map(([key, versions]) => [key, mergedValue(versions)]))
const versionsOf = ({ node }: TestNode, key: string) =>
  node.replica
    .versions(key as Key)
    .map(({ value }) => value)
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
const renamings = ({ outputs }: TestNode) =>
  outputs.flatMap((output) => (output.type === 'recommit' ? [output.renaming] : []))
const typesOf = (messages: readonly Message[]) => messages.map(({ type }) => type)

/** Links them, and again as long as one of them ends it; until both say the same. */
function meet(...nodes: TestNode[]): void {
  for (let round = 0; round < 6; round++) {
    const ends = nodes.flatMap((from, at) => nodes.slice(at + 1).map((to) => connect(from, to)))
    settle(...ends)
    for (const node of nodes) node.wait(2_000)
    settle(...ends)
    cut(...ends)
  }
}

function cut(...ends: End[]): void {
  for (const end of ends.flatMap((end) => [end, end.other])) {
    if (!end.open) continue
    end.open = false
    end.at.give({ type: 'closed', link: end.link })
  }
}

/** `a` wrote `k1` … `k5`, which `b` has; its disk is copied; it wrote up to `k10`, which `b` has too. */
function wentBack(): { disk: FrozenState; b: TestNode } {
  const [a, b] = [new TestNode('a'), new TestNode('b')]
  for (let key = 1; key <= 5; key++) a.set(`k${key}`, key)
  meet(a, b)
  const disk = a.node.freeze()
  for (let key = 6; key <= 10; key++) a.set(`k${key}`, key)
  meet(a, b)
  expect(counterOf(disk.named, A)).toBe(5)
  return { disk, b }
}

describe('a disk that went back', () => {
  it('is told by the first Root of a peer, before anything of our own leaves, and goes on under another name', () => {
    const { disk, b } = wentBack()
    const a = new TestNode('a', { actor: A, state: disk })
    const said = settle(connect(a, b))
    expect(typesOf(said)).not.toContain('events')
    expect(renamings(a)).toEqual([{ from: A, above: 5, to: 'a.2' }])
    meet(a, b)
    a.set('more', true)
    meet(a, b)
    equal(a, b)
    expect(a.node.replica.versions('more' as Key)[0]).toMatchObject({ actor: 'a.2', counter: 1 })
    expect(renamings(a)).toHaveLength(1)
  })

  it.each([
    ['fewer', 2],
    ['as many', 5],
    ['more', 9],
  ])('with %s new writes than were lost keeps all of them, and the lost ones', (_, count) => {
    const { disk, b } = wentBack()
    const a = new TestNode('a', { actor: A, state: disk })
    for (let at = 0; at < count; at++) a.set(`new${at}`, at)
    a.set('k1', undefined)
    a.set('k7', 'again')
    meet(a, b)
    equal(a, b)
    expect(renamings(a)).toEqual([{ from: A, above: 5, to: 'a.2' }])
    for (let at = 0; at < count; at++) expect(valuesOf(b)).toMatchObject({ [`new${at}`]: at })
    expect(valuesOf(b)).toMatchObject({ k2: 2, k6: 6, k10: 10 })
    expect(valuesOf(b)).not.toHaveProperty('k1')
    expect(versionsOf(b, 'k7')).toEqual(['again', 7])
  })

  it('is told even after our first offer, which only names what we wrote, by dots of which nothing is alive', () => {
    const { disk, b } = wentBack()
    for (let key = 1; key <= 10; key++) b.set(`k${key}`, undefined)
    const a = new TestNode('a', { actor: A, state: disk })
    for (let at = 0; at < 9; at++) a.set(`new${at}`, at)
    const end = connect(a, b)
    for (let flight = 0; flight < 3; flight++) for (const side of [end, end.other]) deliverOne(side)
    expect(end.sent.map((bytes) => decodeMessage(bytes).type)).toContain('rows')
    settle(end)
    expect(renamings(a)).toEqual([{ from: A, above: 5, to: 'a.2' }])
    meet(a, b)
    equal(a, b)
    expect(valuesOf(b)).toEqual(Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`new${at}`, at])))
  })

  it('and was started again after more new writes than were lost shows it by what its dots hold', () => {
    const { disk, b } = wentBack()
    const before = new TestNode('a', { actor: A, state: disk })
    for (let at = 0; at < 9; at++) before.set(`new${at}`, at)
    const a = new TestNode('a', { actor: A, state: before.node.freeze() })
    meet(a, b)
    equal(a, b)
    expect(renamings(a)).toEqual([{ from: A, above: 5, to: 'a.2' }])
    for (let at = 0; at < 9; at++) expect(valuesOf(b)).toMatchObject({ [`new${at}`]: at })
    expect(valuesOf(b)).toMatchObject({ k6: 6, k10: 10 })
  })

  it('while somebody in between is linked: what it forwards tells it, before it is applied', () => {
    const { disk, b } = wentBack()
    const [a, c] = [new TestNode('a', { actor: A, state: disk }), new TestNode('c')]
    const [ac, bc] = [connect(a, c), connect(b, c)]
    settle(ac)
    expect(renamings(a)).toEqual([])
    a.set('new', 1) // A:6 once more
    settle(ac)
    settle(bc, ac)
    for (const node of [a, b, c]) node.wait(2_000)
    settle(bc, ac)
    meet(a, b, c)
    expect(renamings(a)[0]).toMatchObject({ from: A, to: 'a.2' })
    equal(a, b)
    equal(a, c)
    expect(valuesOf(a)).toMatchObject({ new: 1, k10: 10 })
  })

  it('takes in its own newer file only after its writes got another name', () => {
    const { disk, b } = wentBack()
    const file = b.node.exportState()
    const a = new TestNode('a', { actor: A, state: disk })
    a.set('k6', 'new')
    const types = a.give({ type: 'join', fragment: file, origin: 'import' }).map(({ type }) => type)
    expect(types.indexOf('recommit')).toBeGreaterThanOrEqual(0)
    expect(types.indexOf('recommit')).toBeLessThan(types.indexOf('commit'))
    expect(versionsOf(a, 'k6')).toEqual(['new', 6])
    meet(a, b)
    equal(a, b)
  })
})

describe('a renaming', () => {
  it('in the middle of a transfer ends it with the link; the next link brings the rest', () => {
    const few = { batchBytes: 40, windowBytes: 450, backlogBytesMax: 1e6, partBytes: 1e4 }
    const [a, b] = [new TestNode('a', { pacing: few }), new TestNode('b', { pacing: few })]
    a.set('mine', 1)
    for (let key = 0; key < 20; key++) b.set(`k${key}`, key)
    const end = connect(a, b)
    for (let turn = 0; turn < 100 && a.node.replica.entries().size < 5; turn++) {
      for (const from of [end, end.other]) deliverOne(from)
    }
    expect(a.node.receiving()).toBeDefined()
    a.give({ type: 'rename', renaming: { from: A, above: 0, to: 'a.9' as Actor } })
    expect([end.open, a.node.receiving()]).toEqual([false, undefined])
    expect(a.wait(5_000)).toContainEqual({ type: 'dial', member: 'b' })
    end.other.open = false
    b.give({ type: 'closed', link: end.other.link })
    meet(a, b)
    equal(a, b)
    expect(a.node.replica.entries().size).toBe(21)
  })

  it('tells those who watch which keys have versions of another name', () => {
    const a = new TestNode('a')
    a.set('x', 1)
    a.set('y', 1)
    const outputs = a.give({ type: 'rename', renaming: { from: A, above: 1, to: 'a.9' as Actor } })
    expect(outputs).toContainEqual({ type: 'changed', keys: new Set(['y']), origin: 'local' })
  })
})

describe('what others may say of us', () => {
  /** Linked, five writes of `a` sent and known. */
  function linked(): { a: TestNode; b: TestNode; end: End } {
    const [a, b] = [new TestNode('a'), new TestNode('b')]
    const end = connect(a, b)
    for (let key = 1; key <= 5; key++) a.set(`k${key}`, key)
    settle(end)
    equal(a, b)
    a.outputs.length = 0
    return { a, b, end }
  }
  const event = (counter: number, key: string, value: number, context: VersionVector = EMPTY_VECTOR) => ({
    key: key as Key,
    event: { actor: 'b.1' as Actor, counter, context, time: 1_000, merge: 'auto' as const, value },
  })
  const own = (counter: number, key: string, value: number): KeyedEvent => ({
    key: key as Key,
    event: { actor: A, counter, context: EMPTY_VECTOR, time: 1_000, merge: 'auto', value },
  })
  const events = (...list: KeyedEvent[]): Message => ({
    type: 'events',
    transfer: 0,
    total: 0,
    hops: 1,
    events: list,
  })
  const rows = (row: readonly number[]): Message => ({ type: 'rows', token: 1, rows: new Map([[A, row]]) })
  const claim = (part: { known?: number; ghost?: number }): Message => ({
    type: 'claim',
    transfer: 1,
    known: part.known === undefined ? new Map() : new Map([[A, [1, part.known]]]),
    events: 0,
    dead: new Map(),
    ghosts: part.ghost === undefined ? undefined : new Map([['z' as Key, [A, part.ghost]]]),
  })

  it.each<[string, (counter: number) => Message]>([
    ['rows', (counter) => rows([counter, counter])],
    ['an announcement', (counter) => ({ ...rows([counter, counter]), type: 'have' }) as Message],
    ['an event under our name', (counter) => events(own(counter, `k${counter}`, counter))],
    ['the past of an event', (counter) => events(event(1, 'z', 1, [A, counter]))],
    ['a claim', (counter) => claim({ known: counter })],
    ['ghosts of a claim', (counter) => claim({ ghost: counter })],
  ])('in %s is all that we sent, and not one more', (_, message) => {
    const fine = linked()
    say(fine.end, message(5))
    expect(renamings(fine.a)).toEqual([])
    const strange = linked()
    const before = valuesOf(strange.a)
    say(strange.end, message(6))
    expect(renamings(strange.a)).toHaveLength(1)
    expect(valuesOf(strange.a)).toEqual(before)
    expect(strange.end.open).toBe(false)
  })

  it.each<[string, KeyedEvent]>([
    ['another value', own(3, 'k3', 33)],
    ['another key', own(3, 'z', 3)],
    ['a delete', { key: 'k3' as Key, event: { actor: A, counter: 3, context: EMPTY_VECTOR, deleted: true } }],
  ])('of a dot of ours is not %s; from there on ours go by another name', (_, keyed) => {
    const { a, b, end } = linked()
    say(end, rows([1, 5])) // all of them are known there
    say(end, events(keyed))
    expect(renamings(a)).toEqual([{ from: A, above: 2, to: 'a.2' }])
    meet(a, b)
    equal(a, b)
    expect(valuesOf(a)).toMatchObject({ k3: 3, k4: 4, k5: 5 })
  })

  it('may be old: a dot that is dead here, or an old file of ours, is no other content', () => {
    const { a, end } = linked()
    const file = a.node.exportState()
    a.set('k3', undefined)
    say(end, events(own(3, 'k3', 3)))
    a.give({ type: 'join', fragment: file, origin: 'import' })
    expect(renamings(a)).toEqual([])
    expect(valuesOf(a)).not.toHaveProperty('k3')
  })

  it('is nothing of what we wrote and never sent', () => {
    const [a, b] = [new TestNode('a'), new TestNode('b')]
    a.set('k1', 1)
    const end = connect(a, b)
    prove(end.other)
    say(end, introOf('b'))
    say(end, {
      type: 'root',
      context: [1, 2, 3, 4],
      live: [1, 2, 3, 4],
      yours: { row: [1, 1], ghosts: 0, latest: [] },
    })
    expect(renamings(a)).toEqual([{ from: A, above: 0, to: 'a.2' }])
  })

  it('may be what we wrote, once it is in a file', () => {
    const [a, b] = [new TestNode('a'), new TestNode('b')]
    a.set('k1', 1)
    b.give({ type: 'join', fragment: a.node.exportState(), origin: 'import' })
    meet(a, b)
    expect(renamings(a)).toEqual([])
    equal(a, b)
  })

  it('is no more than our Intro asked for: an actor that came after it is unknown to all', () => {
    const [a, b] = [new TestNode('a'), new TestNode('b')]
    b.give({
      type: 'join',
      fragment: { context: new Map([[A, [1, 3]]]), entries: new Map(), ghosts: new Map() },
      origin: 'import',
    })
    const end = connect(a, b)
    deliverOne(end.other)
    expect(end.sent).toHaveLength(2) // Hello and Intro, which names no actor
    a.node.actor = 'a.7' as Actor
    a.set('k', 1)
    settle(end)
    expect(renamings(a)).toEqual([])
    equal(a, b)
  })

  it('comes with the first Root of a link and with no other', () => {
    const root: Message = { type: 'root', context: [1, 2, 3, 4], live: [1, 2, 3, 4], yours: undefined }
    const { end } = linked()
    const outputs = say(end, { ...root, yours: { row: [], ghosts: 0, latest: [] } })
    expect(outputs.map(({ type }) => type)).toContain('malformed')
    const [a, b] = [new TestNode('a'), new TestNode('b')]
    const first = connect(a, b)
    prove(first.other)
    say(first, introOf('b'))
    expect(say(first, root).map(({ type }) => type)).toContain('malformed')
  })

  it('is remembered in the commit of what said it, and decides what stays ours', () => {
    const { a, end } = linked()
    const outputs = say(end, events(event(1, 'z', 1, [A, 2])))
    const named = outputs.flatMap((output) => (output.type === 'commit' ? [output.effects.named] : []))
    expect(named).toEqual([[A, 2]])
    expect(say(end, rows([1, 4])).filter(({ type }) => type === 'commit')).toMatchObject([
      { effects: { named: [A, 4], entries: [] }, ownWrites: 0 },
    ])
    expect(say(end, rows([1, 3])).filter(({ type }) => type === 'commit')).toEqual([])
    const again = new TestNode('a', { actor: A, state: a.node.freeze() })
    again.give({
      type: 'join',
      fragment: { context: new Map([[A, [1, 9]]]), entries: new Map(), ghosts: new Map() },
      origin: 'peer',
    })
    expect(renamings(again)).toEqual([{ from: A, above: 4, to: 'a.2' }])
  })
})
