import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Actor } from '../causality/dot'
import { covers, dominates, EMPTY_VECTOR, join, vectorOf } from '../causality/version-vector'
import type { FrozenState } from '../codec/record'
import { joinFragment } from './fragment'
import { History, stateText } from './oracle.fixtures'
import { type Renaming, renameState, renameVector } from './rename'
import { Replica } from './replica'
import type { Key } from './value'
import type { StoreEvent } from './version'

const [A, B, NEW] = ['a.1', 'b.1', 'a.2'] as [Actor, Actor, Actor]
const vectors = fc
  .array(fc.tuple(fc.constantFrom(A, B), fc.integer({ min: 1, max: 9 })), { maxLength: 4 })
  .map(vectorOf)
const renamings = fc.nat(9).map((above): Renaming => ({ from: A, above, to: NEW }))

const freeze = (replica: Replica): FrozenState => ({
  context: replica.context.copyRows(),
  entries: [...replica.entries()],
  ghosts: new Map(replica.ghostsByKey()),
  named: replica.named(),
})

describe('renaming', () => {
  it('keeps what a vector covers, each dot under its new name, and the order of vectors', () => {
    fc.assert(
      fc.property(vectors, vectors, renamings, (a, b, renaming) => {
        const renamed = renameVector(a, renaming)
        for (const actor of [A, B]) {
          for (let counter = 1; counter <= 9; counter++) {
            const moved = actor === A && counter > renaming.above
            const dot = moved ? { actor: NEW, counter: counter - renaming.above } : { actor, counter }
            expect(covers(renamed, dot)).toBe(covers(a, { actor, counter }))
          }
        }
        expect(covers(renamed, { actor: A, counter: renaming.above + 1 })).toBe(false)
        expect(renameVector(join(a, b), renaming)).toEqual(join(renamed, renameVector(b, renaming)))
        expect(dominates(renamed, renameVector(b, renaming))).toBe(dominates(a, b))
        expect(renameVector(renamed, renaming)).toEqual(renamed)
      }),
    )
  })

  it('of a state is the state of the renamed events', () => {
    const writes = fc.array(
      fc.record({
        own: fc.boolean(),
        key: fc.constantFrom('x', 'y'),
        deletes: fc.boolean(),
        meet: fc.boolean(),
      }),
      { minLength: 1, maxLength: 10 },
    )
    fc.assert(
      fc.property(writes, fc.nat(9), (writes, above) => {
        const renaming: Renaming = { from: A, above, to: NEW }
        const [own, other] = [new Replica(1_000), new Replica(1_000)]
        const history = new History()
        for (const { own: isOwn, key, deletes, meet } of writes) {
          const [replica, actor] = isOwn ? [own, A] : [other, B]
          // The other side sees of ours only what stays under its name.
          if (meet && isOwn) joinFragment(own, { ...freeze(other), entries: new Map(other.entries()) })
          if (meet && !isOwn && own.context.highest(A) <= above)
            joinFragment(other, { ...freeze(own), entries: new Map(own.entries()) })
          const dot = { actor, counter: replica.context.highest(actor) + 1 }
          const event = deletes ? replica.delete(key as Key, dot) : replica.put(key as Key, 1, 'auto', dot, 1)
          history.add(key as Key, event)
        }
        own.takeEffects()
        const before = stateText(own)
        history.rewrite(({ key, event }) => ({ key, event: renamedEvent(event, renaming) }))
        const renamed = new Replica(0)
        const { context, entries, ghosts, named } = renameState(freeze(own), renaming)
        renamed.replay({
          context,
          ghosts,
          named,
          entries: entries.flatMap(([key, versions]) => versions.map((added) => ({ key, added }))),
        })
        expect(history.fault(renamed)).toBeUndefined()
        expect(stateText(own)).toBe(before)
        expect(renamed.context.highest(A)).toBe(Math.min(above, own.context.highest(A)))
      }),
      { numRuns: 500 },
    )
  })

  function renamedEvent(event: StoreEvent, renaming: Renaming): StoreEvent {
    const context = renameVector(event.context, renaming)
    return event.actor === A && event.counter > renaming.above
      ? { ...event, context, actor: NEW, counter: event.counter - renaming.above }
      : { ...event, context }
  }

  it('of all counters leaves nothing under the old name', () => {
    expect(renameVector([A, 3], { from: A, above: 0, to: NEW })).toEqual([NEW, 3])
    expect(renameVector(EMPTY_VECTOR, { from: A, above: 0, to: NEW })).toBe(EMPTY_VECTOR)
    const state = {
      context: new Map([[A, [1, 2, 4, 6]]]),
      entries: [],
      ghosts: new Map(),
      named: EMPTY_VECTOR,
    }
    expect([...renameState(state, { from: A, above: 0, to: NEW }).context]).toEqual([[NEW, [1, 2, 4, 6]]])
    expect([...renameState(state, { from: A, above: 4, to: NEW }).context]).toEqual([
      [A, [1, 2, 4, 4]],
      [NEW, [1, 2]],
    ])
  })
})
