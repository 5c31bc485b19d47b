/** One dot, two contents: what two users of one cloned disk wrote (DESIGN 4.2). */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Actor } from '../causality/dot'
import { EMPTY_VECTOR, type VersionVector } from '../causality/version-vector'
import { connect, settle, TestNode } from '../gossip/pair.fixtures'
import { joinFragment, type StateFragment } from './fragment'
import { stateText } from './oracle.fixtures'
import { Replica } from './replica'
import type { Key } from './value'
import type { StoreEvent, Version } from './version'

const [X, Y] = ['x', 'y'] as [Key, Key]
const Z = 'z.1' as Actor

function put(counter: number, value: string, context: VersionVector = EMPTY_VECTOR, actor = Z): Version {
  return { actor, counter, context, time: 1, merge: 'auto', value }
}

function having(...events: [Key, StoreEvent][]): Replica {
  const replica = new Replica(0)
  for (const [key, event] of events) replica.apply(key, event)
  replica.takeEffects()
  return replica
}

function fragmentOf(replica: Replica): StateFragment {
  return {
    context: replica.context.copyRows(),
    entries: new Map(replica.entries()),
    ghosts: new Map(replica.ghostsByKey()),
  }
}

function joined(...replicas: Replica[]): Replica {
  const into = new Replica(0)
  for (const replica of replicas) joinFragment(into, fragmentOf(replica))
  into.takeEffects()
  return into
}

const alive = (replica: Replica) =>
  [...replica.entries()].flatMap(([key, versions]) =>
    versions.map(({ value }) => `${key}=${value as string}`),
  )

describe('one dot with two contents', () => {
  it.each([
    ['one key', X],
    ['two keys', Y],
  ])('of %s: a file of one side joined with the other gives the same in either order', (_, key) => {
    const contents = [having([X, put(1, 'a')]), having([key, put(1, 'b')]), having([key, put(1, 'c')])]
    const [a, b, c] = contents as [Replica, Replica, Replica]
    const states = [joined(a, b, c), joined(c, b, a), joined(b, a, c), joined(joined(c, a), joined(a, b))]
    expect(new Set(states.map(stateText)).size).toBe(1)
    expect(alive(states[0]!)).toHaveLength(1)
  })

  it('of an event that comes again, in either order', () => {
    const both = having([X, put(1, 'a')], [X, put(1, 'b')])
    expect(stateText(both)).toBe(stateText(having([X, put(1, 'b')], [X, put(1, 'a')])))
    expect(alive(both)).toHaveLength(1)
  })

  it('leaves dead what either of them covered, in either order', () => {
    const old = put(1, 'old', EMPTY_VECTOR, 'y.1' as Actor)
    const [one, two] = [put(1, 'a', ['y.1' as Actor, 1]), put(1, 'b')]
    for (const events of [
      [one, two],
      [two, one],
    ]) {
      const replica = having([X, old], ...events.map((event): [Key, StoreEvent] => [X, event]))
      expect(alive(replica)).not.toContain('x=old')
      // … and what has not come yet stays a ghost.
      const before = having(...events.map((event): [Key, StoreEvent] => [X, event]))
      before.apply(X, old)
      expect(alive(before)).not.toContain('x=old')
    }
  })

  it.each([
    ['a', 'b'],
    ['b', 'a'],
  ])('of which the one that stands is covered already leaves none of it (%s, %s)', (here, there) => {
    const later = put(1, 'later', [Z, 1], 'y.1' as Actor)
    const replica = having([X, put(1, here)], [Y, later])
    joinFragment(replica, fragmentOf(having([Y, put(1, there)])))
    expect(alive(replica)).not.toContain(`y=${there}`)
    expect(alive(replica)).toContain('y=later')
  })

  it('and however many of them are scattered over nodes: all end up with the same', () => {
    const events = fc.record({
      counter: fc.integer({ min: 1, max: 3 }),
      key: fc.constantFrom(X, Y),
      value: fc.constantFrom('a', 'b', undefined),
      past: fc.nat(2),
    })
    const seen = fc.array(events, { maxLength: 5 })
    fc.assert(
      fc.property(seen, seen, seen, (...all) => {
        const nodes = ['a', 'b', 'c'].map((name) => new TestNode(name))
        for (const [at, list] of all.entries()) {
          for (const { counter, key, value, past } of list) {
            const context: VersionVector = past === 0 || past >= counter ? EMPTY_VECTOR : [Z, past]
            const event: StoreEvent =
              value === undefined
                ? { actor: Z, counter, context, deleted: true }
                : put(counter, value, context)
            nodes[at]!.node.replica.apply(key, event)
          }
          nodes[at]!.node.replica.takeEffects()
        }
        const [a, b, c] = nodes as [TestNode, TestNode, TestNode]
        const ends = [connect(a, b), connect(b, c), connect(c, a)]
        for (let round = 0; round < 8; round++) {
          settle(...ends)
          for (const node of nodes) node.wait(2_000)
        }
        settle(...ends)
        const states = nodes.map(({ node: { replica } }) => [alive(replica).sort(), replica.digest()])
        expect(states[1]).toEqual(states[0])
        expect(states[2]).toEqual(states[0])
        for (const { node } of nodes) {
          for (const versions of node.replica.entries().values())
            for (const version of versions) expect(node.replica.context.has(version)).toBe(true)
        }
      }),
      { numRuns: 300 },
    )
  })
})
