import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Actor } from '../causality/dot'
import { dominates, EMPTY_VECTOR } from '../causality/version-vector'
import { encodeEffects } from '../codec/record'
import { decodeEffects } from '../codec/record.fixtures'
import type { KeyedEvent } from '../gossip/messages'
import type { Effects } from './effects'
import { joinFragment, type StateFragment } from './fragment'
import { mergedValue } from './merge'
import { History, sameDot, stateText } from './oracle.fixtures'
import { Replica } from './replica'
import type { Key } from './value'

const MEMOS = [0, 1, 1_000]
const ACTORS = ['a.1', 'b.1', 'c.1'] as Actor[]
const KEYS = ['x', 'y'] as Key[]
const X = KEYS[0]!

/** One write of a history: who, what, and which of the events before it the writer gets to know first. */
interface Step {
  readonly actor: number
  readonly key: number
  readonly deletes: boolean
  /** Bit i: the writer has the event i. */
  readonly seen: number
}

/** The events of a history, as true replicas write them. */
function eventsOf(steps: readonly Step[], memo: number): KeyedEvent[] {
  const replicas = ACTORS.map(() => new Replica(memo))
  const events: KeyedEvent[] = []
  for (const { actor, key: at, deletes, seen } of steps) {
    const replica = replicas[actor]!
    for (const [index, { key, event }] of events.entries())
      if ((seen & (1 << index)) !== 0) replica.apply(key, event)
    const key = KEYS[at]!
    const dot = { actor: ACTORS[actor]!, counter: replica.context.highest(ACTORS[actor]!) + 1 }
    const event = deletes
      ? replica.delete(key, dot)
      : replica.put(key, events.length, 'auto', dot, 1_000 + actor)
    events.push({ key, event })
  }
  return events
}

function fragmentOf(replica: Replica): StateFragment {
  return {
    context: replica.context.copyRows(),
    entries: new Map(replica.entries()),
    ghosts: new Map(replica.ghostsByKey()),
  }
}

function fragmentOfEvents(events: readonly KeyedEvent[]): StateFragment {
  const replica = new Replica(0)
  for (const { key, event } of events) replica.apply(key, event)
  replica.takeEffects()
  return fragmentOf(replica)
}

/** Applies, settles, and holds it against the truth. */
function applied(replica: Replica, history: History, { key, event }: KeyedEvent): void {
  replica.apply(key, event)
  settled(replica, history)
}

function joined(replica: Replica, history: History, fragment: StateFragment): void {
  joinFragment(replica, fragment)
  settled(replica, history)
}

function settled(replica: Replica, history: History): Effects | undefined {
  const effects = replica.takeEffects()
  const fault = history.fault(replica)
  if (fault !== undefined) throw new Error(fault)
  return effects
}

function ordersOf<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]]
  return items.flatMap((first, at) => ordersOf(items.toSpliced(at, 1)).map((rest) => [first, ...rest]))
}

/** All ways to cut a list into runs. */
function splitsOf<T>(items: readonly T[]): T[][][] {
  if (items.length === 0) return [[]]
  return items.flatMap((_, at) =>
    splitsOf(items.slice(at + 1)).map((rest) => [items.slice(0, at + 1), ...rest]),
  )
}

/** Every history of `length` writes by so many actors on so many keys, with every causal shape. */
function* historiesOf(length: number, actors: number, keys: number): Iterable<Step[]> {
  if (length === 0) return yield []
  for (const before of historiesOf(length - 1, actors, keys)) {
    const entered = 1 + Math.max(-1, ...before.map(({ actor }) => actor)) // which one enters next makes no difference
    for (let actor = 0; actor < Math.min(actors, entered + 1); actor++) {
      const others = before.map((step, at) => (step.actor === actor ? 0 : 1 << at)).filter((bit) => bit > 0)
      for (let choice = 0; choice < 1 << others.length; choice++) {
        const seen = others.reduce((bits, bit, at) => bits | ((choice & (1 << at)) === 0 ? 0 : bit), 0)
        for (let key = 0; key < keys; key++)
          for (const deletes of [false, true]) yield [...before, { actor, key, deletes, seen }]
      }
    }
  }
}

describe('small histories, all of them', { timeout: 60_000 }, () => {
  it.each([
    [4, 2, 1],
    [3, 3, 1],
    [3, 2, 2],
  ])('of %i events by %i actors on %i keys: every order is exact at every step and ends alike', (...size) => {
    for (const steps of historiesOf(...size)) {
      const events = eventsOf(steps, 1_000)
      const history = new History(events)
      const ends = new Set<string>()
      for (const order of ordersOf(events)) {
        const replica = new Replica(0)
        for (const event of order) applied(replica, history, event)
        ends.add(stateText(replica) + replica.digest() + readsOf(replica))
      }
      if (ends.size !== 1) throw new Error(`${ends.size} ends of ${JSON.stringify(steps)}`)
    }
  })

  it.each([
    [3, 2, 1],
    [3, 3, 1],
  ])('of %i events by %i actors on %i keys: so is every split of them into events and claims', (...size) => {
    for (const steps of historiesOf(...size)) {
      const events = eventsOf(steps, 0)
      const history = new History(events)
      const ends = new Set<string>()
      for (const order of ordersOf(events)) {
        for (const runs of splitsOf(order)) {
          const replica = new Replica(1)
          for (const run of runs) {
            if (run.length === 1) applied(replica, history, run[0]!)
            else joined(replica, history, fragmentOfEvents(run))
          }
          ends.add(stateText(replica) + replica.digest())
        }
      }
      if (ends.size !== 1) throw new Error(`${ends.size} ends of ${JSON.stringify(steps)}`)
    }
  })

  function readsOf(replica: Replica): string {
    return JSON.stringify(replica.keys().map((key) => [key, mergedValue(replica.versions(key))]))
  }
})

const steps = (length: number) =>
  fc.array(
    fc.record({ actor: fc.nat(2), key: fc.nat(1), deletes: fc.boolean(), seen: fc.nat(2 ** length - 1) }),
    { minLength: 1, maxLength: length },
  )
const memos = fc.constantFrom(...MEMOS)

/** Parts of a history that a replica is told, each alone (an event) or as one claim; they may overlap. */
const parts = fc.array(fc.uniqueArray(fc.nat(63), { minLength: 1, maxLength: 5 }), {
  minLength: 1,
  maxLength: 8,
})

function partsOf(events: readonly KeyedEvent[], numbers: readonly number[][]): KeyedEvent[][] {
  return numbers.map((part) => [...new Set(part.map((number) => events[number % events.length]!))])
}

function told(parts: readonly KeyedEvent[][], history: History, memo = 0): Replica {
  const replica = new Replica(memo)
  for (const part of parts) {
    if (part.length === 1) applied(replica, history, part[0]!)
    else joined(replica, history, fragmentOfEvents(part))
  }
  return replica
}

describe('a replica', { timeout: 60_000 }, () => {
  it('is exact after every event and every claim, and equal where knowledge is equal', () => {
    fc.assert(
      fc.property(steps(7), parts, memos, memos, (steps, numbers, writers, reader) => {
        const events = eventsOf(steps, writers)
        const history = new History(events)
        const some = partsOf(events, numbers)
        const a = told(some, history, reader)
        const b = told([...some].reverse(), history)
        const c = told(
          [...new Set(some.flat())].map((event) => [event]),
          history,
          1_000,
        )
        expect([stateText(b), b.digest()]).toEqual([stateText(a), a.digest()])
        expect([stateText(c), c.digest()]).toEqual([stateText(a), a.digest()])
        for (const part of some) joined(a, history, fragmentOfEvents(part))
        for (const event of some.flat()) applied(a, history, event)
        expect(stateText(a)).toBe(stateText(b))
      }),
      { numRuns: 1_500 },
    )
  })

  it('joins whole states commutatively, associatively, idempotently, with no effects the second time', () => {
    fc.assert(
      fc.property(steps(7), parts, parts, parts, (steps, one, two, three) => {
        const events = eventsOf(steps, 1)
        const history = new History(events)
        const [a, b, c] = [one, two, three].map((numbers) => told(partsOf(events, numbers), history))
        const join = (...replicas: Replica[]) => {
          const all = new Replica(0)
          for (const replica of replicas) joined(all, history, fragmentOf(replica))
          return all
        }
        const left = join(join(a!, b!), c!)
        expect(stateText(join(a!, join(b!, c!)))).toBe(stateText(left))
        expect(stateText(join(c!, b!, a!, b!))).toBe(stateText(left))
        joinFragment(left, fragmentOf(a!))
        joinFragment(left, fragmentOf(left))
        expect(left.takeEffects()).toBeUndefined()
        left.takeChangedKeys()
      }),
      { numRuns: 700 },
    )
  })

  it('is rebuilt from its effects, and from them as records', () => {
    fc.assert(
      fc.property(steps(7), parts, memos, (steps, numbers, memo) => {
        const events = eventsOf(steps, memo)
        const history = new History(events)
        const replica = new Replica(memo)
        const [again, fromDisk] = [new Replica(0), new Replica(0)]
        for (const part of partsOf(events, numbers)) {
          const before = new Map(replica.entries())
          if (part.length === 1) replica.apply(part[0]!.key, part[0]!.event)
          else joinFragment(replica, fragmentOfEvents(part))
          const effects = settled(replica, history)
          const changed = KEYS.filter((key) => before.get(key) !== replica.entries().get(key))
          expect([...replica.takeChangedKeys()].sort()).toEqual(changed)
          if (effects === undefined) continue
          again.replay(effects)
          for (const record of encodeEffects(effects)) fromDisk.replay(decodeEffects(record))
          expect([stateText(again), again.digest()]).toEqual([stateText(replica), replica.digest()])
          expect([stateText(fromDisk), fromDisk.digest()]).toEqual([stateText(replica), replica.digest()])
          expect([again.takeEffects(), again.takeChangedKeys().size]).toEqual([undefined, 0])
        }
        expect(history.fault(again)).toBeUndefined()
      }),
      { numRuns: 700 },
    )
  })

  it('writes over all that it has seen of a key', () => {
    fc.assert(
      fc.property(steps(7), parts, (steps, numbers) => {
        const events = eventsOf(steps, 1_000)
        const history = new History(events)
        const replica = told(partsOf(events, numbers), history, 1_000)
        const before = replica.clock(X)
        const ghost = replica.ghostsByKey().get(X) ?? EMPTY_VECTOR
        const version = replica.put(X, 'new', 'auto', { actor: 'w.1' as Actor, counter: 1 }, 5)
        history.add(X, version)
        settled(replica, history)
        expect(replica.versions(X)).toEqual([version])
        const other = new Replica(0)
        for (const { key, event } of events) other.apply(key, event)
        joinFragment(other, { context: new Map(), entries: new Map([[X, [version]]]), ghosts: new Map() })
        for (const seen of other.versions(X)) {
          expect(sameDot(seen, version) || !replica.context.has(seen)).toBe(true)
        }
        expect(dominates(version.context, before) && dominates(version.context, ghost)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('lets a re-created key dominate its past while the delete is remembered, and converges when it is not', () => {
    for (const memo of MEMOS) {
      const [a, b] = [new Replica(memo), new Replica(memo)]
      const first = a.put(X, 1, 'auto', { actor: ACTORS[0]!, counter: 1 }, 10)
      b.apply(X, first)
      const deletion = a.delete(X, { actor: ACTORS[0]!, counter: 2 })
      const again = a.put(X, 2, 'auto', { actor: ACTORS[0]!, counter: 3 }, 11)
      b.apply(X, again)
      expect(b.versions(X)).toHaveLength(memo === 0 ? 2 : 1)
      b.apply(X, deletion)
      b.takeEffects()
      a.takeEffects()
      expect(stateText(b)).toBe(stateText(a))
    }
  })

  it('has no ghosts when it knows all', () => {
    fc.assert(
      fc.property(
        steps(7),
        memos,
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        (steps, memo, keys) => {
          const events = eventsOf(steps, memo)
          const shuffled = events
            .map((event) => ({ event, key: keys.next().value! }))
            .sort((a, b) => a.key - b.key)
          const replica = told(
            shuffled.map(({ event }) => [event]),
            new History(events),
          )
          expect(replica.ghostsByKey().size).toBe(0)
          for (const row of replica.context.rows().values()) expect(row).toHaveLength(2)
        },
      ),
      { numRuns: 300 },
    )
  })
})
