/** A cloned disk, used by two live nodes: two sessions of one node id, and at first of one actor. */
import { describe, expect, it } from 'vitest'
import type { Actor } from '../causality/dot'
import type { FrozenState } from '../codec/record'
import { mergedValue } from '../store/merge'
import { stateText } from '../store/oracle.fixtures'
import { decodeMessage } from './codec'
import { connect, deliverOne, type End, settle, TestNode } from './pair.fixtures'

const A = 'a.1' as Actor
const valuesOf = ({ node }: TestNode) =>
  Object.fromEntries([...node.replica.entries()].map(([key, versions]) => [key, mergedValue(versions)]))
const ids = (...nodes: TestNode[]) => nodes.map(({ node }) => node.nodeId)

/** Three writes of `a.1`. */
function disk(): FrozenState {
  const a = new TestNode('a')
  for (const key of ['x', 'y', 'z']) a.set(key, 'before')
  return a.node.freeze()
}

function twins(): [TestNode, TestNode] {
  const state = disk()
  const clone = (member: string) => new TestNode(member, { nodeId: 'a', actor: A, state })
  return [clone('m1'), clone('m2')]
}

/** Time passes, what is said is delivered, and whoever is to dial another does. Returns the dials. */
function live(rounds: number, ...nodes: TestNode[]): number {
  let dials = 0
  for (let round = 0; round < rounds; round++) {
    for (const node of nodes) {
      for (const output of node.wait(500)) {
        const to = nodes.find(({ member }) => output.type === 'dial' && output.member === member)
        if (to === undefined) continue
        dials++
        connect(node, to)
      }
    }
    settle(...new Set(nodes.flatMap(({ ends }) => [...ends.values()])))
  }
  return dials
}

const openEnds = (node: TestNode): End[] => [...node.ends.values()].filter(({ open }) => open)

function allEqual(...nodes: TestNode[]): void {
  expect(new Set(nodes.map(({ node }) => stateText(node.replica))).size).toBe(1)
}

describe('twins', () => {
  it.each([
    ['directly, the one with the smaller id dialling', 0],
    ['directly, the other dialling', 1],
  ])('that meet %s become two nodes: the one with the larger member id takes another', (_, first) => {
    const [a, b] = twins()
    a.set('x', 'a')
    a.set('a', 1)
    b.set('x', 'b')
    settle(first === 0 ? connect(a, b) : connect(b, a))
    live(20, a, b)
    expect(ids(a, b)).toEqual(['a', 'axm2'])
    expect(b.outputs).toContainEqual({ type: 'nodeRenamed', nodeId: 'axm2' })
    expect([a.node.actor, b.node.actor]).toEqual([A, 'axm2.2m2'])
    expect([openEnds(a).length, openEnds(b).length]).toEqual([1, 1])
    allEqual(a, b)
    expect(valuesOf(a)).toMatchObject({ a: 1, y: 'before' })
    expect(a.node.replica.versions('x' as never).map(({ value }) => value)).toEqual(
      expect.arrayContaining(['a', 'b']),
    )
  })

  it('are not what a page and the one before it are, whose last words come late', () => {
    const [gone, back, c] = [
      new TestNode('m1', { nodeId: 'a' }),
      new TestNode('m2', { nodeId: 'a', actor: A, state: disk() }),
      new TestNode('c'),
    ]
    const late = connect(gone, c)
    for (const each of [late, late.other, late, late.other]) deliverOne(each)
    gone.give({ type: 'offline', why: 'left' })
    expect(late.sent.map((bytes) => decodeMessage(bytes).type)).toEqual(['intro', 'bye'])
    settle(connect(c, back))
    deliverOne(late) // its Intro
    settle(...back.ends.values()) // and the other session answers
    settle(late)
    live(4, c, back)
    expect(ids(back)).toEqual(['a'])
    expect(back.outputs.filter(({ type }) => type === 'nodeRenamed')).toEqual([])
    expect(openEnds(c)).toHaveLength(1)
  })

  it('of which one goes before it has taken another name part without a fault', () => {
    const [a, b] = twins()
    const end = connect(b, a)
    for (const each of [end, end.other, end, end.other]) deliverOne(each)
    b.give({ type: 'offline', why: 'offline' }) // it has not heard whom it is linked with
    const said = [deliverOne(end), deliverOne(end)].map((message) => message?.type)
    expect(said).toEqual(['intro', 'bye'])
    expect(a.outputs.map(({ type }) => type)).not.toContain('malformed')
    expect(end.other.open).toBe(false)
    expect(ids(a, b)).toEqual(['a', 'a'])
  })

  it('that meet at a third node alone are told by it, and no longer end one another’s links', () => {
    const [a, b] = twins()
    const c = new TestNode('c')
    a.set('x', 'a')
    b.set('x', 'b')
    b.set('b', 1)
    settle(connect(a, c))
    settle(connect(b, c))
    const dials = () => live(20, a, c) + live(20, b, c)
    live(20, a, b, c)
    expect(ids(a, b)).toEqual(['a', 'axm2'])
    expect(dials()).toBe(0)
    expect(openEnds(c)).toHaveLength(2)
    expect(c.node.peers(c.now).filter(({ state }) => state === 'linked')).toHaveLength(2)
    live(20, a, b, c)
    allEqual(a, b, c)
    expect(valuesOf(c)).toMatchObject({ b: 1, y: 'before' })
  })

  it('of which both wrote and both were started again lose nothing, and agree', () => {
    const [before, other] = twins()
    for (let at = 0; at < 3; at++) before.set(`a${at}`, at)
    for (let at = 0; at < 5; at++) other.set(`b${at}`, at)
    const [a, b] = [before, other].map(
      ({ member, node }) => new TestNode(member, { nodeId: 'a', actor: A, state: node.freeze() }),
    ) as [TestNode, TestNode]
    settle(connect(a, b))
    live(30, a, b)
    allEqual(a, b)
    expect(valuesOf(a)).toMatchObject({ a0: 0, a1: 1, a2: 2, b0: 0, b4: 4 })
  })

  it('of which one took another actor by itself still become two nodes', () => {
    const state = disk()
    const a = new TestNode('m1', { nodeId: 'a', actor: A, state })
    const b = new TestNode('m2', { nodeId: 'a', state })
    b.set('b', 1)
    settle(connect(a, b))
    live(20, a, b)
    expect(ids(a, b)).toEqual(['a', 'axm2'])
    allEqual(a, b)
  })

  it('are two nodes of which one had the other’s actor: that one alone is named anew', () => {
    const state = disk()
    const a = new TestNode('m1', { nodeId: 'a', actor: A, state })
    const b = new TestNode('m2', { nodeId: 'b', actor: A, state })
    settle(connect(a, b))
    live(20, a, b)
    expect(a.node.actor).toBe(A)
    expect(b.node.actor).not.toBe(A)
    allEqual(a, b)
  })

  it('three of them become three', () => {
    const [a, b] = twins()
    const c = new TestNode('m3', { nodeId: 'a', actor: A, state: disk() })
    for (const [at, node] of [a, b, c].entries()) node.set(`k${at}`, at)
    settle(connect(a, b), connect(b, c), connect(a, c))
    live(40, a, b, c)
    expect(new Set(ids(a, b, c)).size).toBe(3)
    allEqual(a, b, c)
    expect(valuesOf(a)).toMatchObject({ k0: 0, k1: 1, k2: 2 })
  })
})
