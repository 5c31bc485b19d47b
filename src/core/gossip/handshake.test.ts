import { describe, expect, it } from 'vitest'
import { PROOF_MS_MAX } from '../limits'
import { decodeMessage, encodeMessage } from './codec'
import type { Hello, Message, ProofMessage } from './messages'
import { connect, deliverOne, type End, introOf, settle, TestNode } from './pair.fixtures'

const say = (end: End, message: Message) =>
  end.at.give({ type: 'received', link: end.link, message: encodeMessage(message) })
const refusals = ({ outputs }: TestNode) =>
  outputs.flatMap((each) => (each.type === 'refused' ? [each.why] : []))
const linked = (...nodes: TestNode[]) =>
  nodes.every((node) => node.node.peers(node.now)[0]?.state === 'linked')

/** A link of which each end sees what `channels` says, in the order of the dialler and the dialled. */
function bridged(a: TestNode, b: TestNode, channels: [ours: string, theirs: string][]): End {
  return connect(a, b, (at) => {
    const [ours, theirs] = channels[at === a ? 0 : 1] as [string, string]
    return { ours, theirs }
  })
}

describe('the proof', () => {
  it('lets in who has the code', () => {
    const [a, b] = [new TestNode('a'), new TestNode('b')]
    settle(connect(a, b))
    expect(linked(a, b)).toBe(true)
  })

  it('refuses who has another code, without a word about the sender or its data', () => {
    const [a, b] = [new TestNode('a'), new TestNode('b', { proofKey: new Uint8Array(32).fill(1) })]
    a.set('k', 'secret')
    const said = settle(connect(a, b)).map(({ type }) => type)
    expect([...new Set(said)]).toEqual(['hello', 'proof'])
    expect([...refusals(a), ...refusals(b)]).toContain('unproven')
    expect(a.openLinks + b.openLinks).toBe(0)
  })

  it('finds out who carries the link through two connections of its own, and both are told', () => {
    const [a, b] = [new TestNode('a'), new TestNode('b')]
    const end = bridged(a, b, [
      ['A', 'M1'],
      ['B', 'M2'],
    ])
    while (deliverOne(end) !== undefined && deliverOne(end.other) !== undefined);
    expect(refusals(a)).toEqual(['intercepted'])
    expect(refusals(b)).toEqual(['intercepted'])
  })

  it.each([
    [
      'one certificate more',
      [
        ['A', 'B,M'],
        ['B', 'A'],
      ],
    ],
    [
      'only one side looked at',
      [
        ['A', 'B'],
        ['B', 'M'],
      ],
    ],
  ] as [string, [string, string][]][])('is bound to both certificates: %s', (_, channels) => {
    const [a, b] = [new TestNode('a'), new TestNode('b')]
    settle(bridged(a, b, channels))
    expect(linked(a)).toBe(false)
    expect([...refusals(a), ...refusals(b)]).toContain('intercepted')
  })

  it('does not serve twice', () => {
    const [a, b, c] = [new TestNode('a'), new TestNode('b'), new TestNode('c')]
    const first = connect(a, b)
    const [hello, proof] = [deliverOne(first.other), (deliverOne(first), deliverOne(first.other))]
    expect([hello?.type, proof?.type]).toEqual(['hello', 'proof'])
    const again = connect(c, a) // somebody who heard all that b said to a
    say(again.other, hello as Hello)
    say(again.other, proof as ProofMessage)
    expect(refusals(a)).toEqual(['unproven'])
  })

  it('does not serve him who asked for it', () => {
    const [a, m] = [new TestNode('a'), new TestNode('m', { proofKey: new Uint8Array(32).fill(1) })]
    const end = connect(m, a)
    const hello = deliverOne(end.other) as Hello
    say(end.other, { ...hello, nonce: hello.nonce.map((byte) => byte ^ 1) })
    const proof = deliverOne(end.other) as ProofMessage
    say(end.other, proof)
    expect(refusals(a)).toEqual(['unproven'])
  })

  it('is not asked for with our own nonce', () => {
    const [a, m] = [new TestNode('a'), new TestNode('m')]
    const end = connect(m, a)
    const hello = deliverOne(end.other) as Hello
    const outputs = say(end.other, hello)
    expect(outputs.map(({ type }) => type)).toEqual(expect.arrayContaining(['malformed', 'hangUp']))
  })

  it.each<[string, Message]>([
    ['an Intro', introOf('b')],
    ['events', { type: 'events', transfer: 0, total: 0, hops: 0, events: [] }],
    ['a goodbye', { type: 'bye', why: 'left' }],
    ['a ping', { type: 'ping', number: 1 }],
  ])('comes before %s', (_, message) => {
    const [a, b] = [new TestNode('a'), new TestNode('b')]
    const end = connect(b, a)
    deliverOne(end)
    const outputs = say(end.other, message)
    expect(outputs.map(({ type }) => type)).toEqual(expect.arrayContaining(['malformed', 'hangUp']))
  })

  it('is what the transport is told of, before anything else is said', () => {
    const [a, b] = [new TestNode('a'), new TestNode('b')]
    settle(connect(a, b))
    const told = a.outputs.flatMap((each) => {
      if (each.type === 'send') return [decodeMessage(each.message).type]
      return each.type === 'proven' ? ['proven'] : []
    })
    expect(told.slice(0, 4)).toEqual(['hello', 'proof', 'proven', 'intro'])
  })

  it('that is not right is nothing that the transport is told of', () => {
    const [a, b] = [new TestNode('a'), new TestNode('b', { proofKey: new Uint8Array(32).fill(1) })]
    settle(connect(a, b))
    expect([...a.outputs, ...b.outputs].filter(({ type }) => type === 'proven')).toEqual([])
  })

  it('is waited for so long, whatever else comes, and no longer', () => {
    const [a, b] = [new TestNode('a'), new TestNode('b')]
    const end = connect(b, a)
    a.wait(PROOF_MS_MAX - 1)
    deliverOne(end)
    expect(end.other.open).toBe(true)
    a.wait(1)
    expect(end.other.open).toBe(false)
  })
})
