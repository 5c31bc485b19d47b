/** What the formats carry, at random: for round trips, and as the raw material of broken frames. */
import fc from 'fast-check'
import type { Actor } from '../causality/dot'
import type { Hash128 } from '../causality/hash'
import { addInterval } from '../causality/intervals'
import { filterVector, vectorOf } from '../causality/version-vector'
import { NONCE_BYTES, PROOF_BYTES } from '../gossip/proof'
import type { KeyedEvent, Message } from '../gossip/messages'
import { Sketch } from '../gossip/sketch'
import type { LiveSummary } from '../gossip/summary'
import { DOTS_SHOWN_MAX, TIME_MS_MAX } from '../limits'
import type { Effects, EntryChange } from '../store/effects'
import type { KeptValue } from '../store/undo-buffer'
import { type Json, type Key, MERGE_POLICIES, parseValue } from '../store/value'
import type { Deletion, Version } from '../store/version'

const actors = fc.constantFrom(
  'a.1',
  'a.2',
  'bb.1',
  '0.zz',
  `${'n'.repeat(32)}.${'i'.repeat(31)}`,
) as fc.Arbitrary<Actor>
const counters = fc.oneof(
  fc.integer({ min: 1, max: 9 }),
  fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
)
const keys = fc.string({
  unit: 'grapheme',
  minLength: 1,
  maxLength: 12,
}) as fc.Arbitrary<Key>
const values: fc.Arbitrary<Json> = fc
  .jsonValue({ maxDepth: 3, stringUnit: 'grapheme' })
  .map((raw) => parseValue(raw))
const vectors = fc.array(fc.tuple(actors, counters), { maxLength: 4 }).map(vectorOf)
const uints = fc.oneof(fc.nat(300), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }))
const lane = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const hashes: fc.Arbitrary<Hash128> = fc.tuple(lane, lane, lane, lane)
const intervals = fc.array(fc.tuple(counters, fc.nat(5)), { minLength: 1, maxLength: 5 }).map((pairs) => {
  const row: number[] = []
  for (const [from, length] of pairs) addInterval(row, from, Math.min(from + length, Number.MAX_SAFE_INTEGER))
  return row
})
const rows = fc.array(fc.tuple(actors, intervals), { maxLength: 4 }).map((pairs) => new Map(pairs))
const ghosts = fc.array(fc.tuple(keys, vectors), { maxLength: 4 }).map((pairs) => new Map(pairs))

const versions: fc.Arbitrary<Version> = fc
  .record({
    actor: actors,
    counter: counters,
    context: vectors,
    time: fc.oneof(fc.nat(9), fc.integer({ min: 0, max: TIME_MS_MAX })),
    merge: fc.constantFrom(...MERGE_POLICIES),
    value: values,
  })
  .map((version) => ({ ...version, context: withoutOwn(version) }))

const deletions: fc.Arbitrary<Deletion> = fc
  .record({ actor: actors, counter: counters, context: vectors })
  .map((deletion) => ({ ...deletion, context: withoutOwn(deletion), deleted: true }))

function withoutOwn({ actor, counter, context }: Pick<Version, 'actor' | 'counter' | 'context'>) {
  return filterVector(context, (of, upTo) => of !== actor || upTo < counter)
}

const events: fc.Arbitrary<KeyedEvent> = fc.record({ key: keys, event: fc.oneof(versions, deletions) })

const changes: fc.Arbitrary<EntryChange> = fc.oneof(
  fc.record({ key: keys, added: versions }),
  fc.record({ key: keys, dropped: fc.record({ actor: actors, counter: counters }) }),
)
export const effects: fc.Arbitrary<Effects> = fc.record({
  entries: fc.array(changes, { maxLength: 8 }),
  context: rows,
  ghosts,
  named: vectors,
})

export const keptValues: fc.Arbitrary<KeptValue> = fc.record({
  key: keys,
  value: values,
  merge: fc.constantFrom(...MERGE_POLICIES),
  by: fc.oneof(
    fc.record({ how: fc.constantFrom('delete', 'claim'), node: fc.constantFrom('a', 'bb') }),
    fc.record({ how: fc.constantFrom('tab', 'import') }),
  ),
  removedAtMs: fc.oneof(fc.nat(2), fc.integer({ min: 0, max: TIME_MS_MAX })),
})

const sketches = fc
  .tuple(fc.constantFrom(3, 6, 12), lane, fc.array(hashes, { maxLength: 9 }))
  .map(([cells, salt, elements]) => {
    const sketch = new Sketch(cells, salt)
    for (const element of elements) sketch.add(...element)
    return sketch
  })
const summaries: fc.Arbitrary<LiveSummary> = fc.oneof(
  fc.record({
    kind: fc.constant('list' as const),
    live: rows,
    contents: fc.option(fc.array(hashes, { maxLength: 4 }), { nil: undefined }),
  }),
  fc.record({ kind: fc.constant('sketch' as const), withContents: fc.boolean(), sketch: sketches }),
)

const type = <T extends Message['type']>(name: T): fc.Arbitrary<T> => fc.constant(name)

const state = { context: hashes, live: fc.option(hashes, { nil: undefined }) }

const bytesOf = (count: number) => fc.uint8Array({ minLength: count, maxLength: count })

export const messages: fc.Arbitrary<Message> = fc.oneof(
  fc.record({
    type: type('hello'),
    lowestVersion: uints,
    highestVersion: uints,
    nonce: bytesOf(NONCE_BYTES),
  }),
  fc.record({ type: type('proof'), bound: bytesOf(PROOF_BYTES), unbound: bytesOf(PROOF_BYTES) }),
  fc.record({
    type: type('intro'),
    nodeId: fc.constantFrom('a', '0z9', 'n'.repeat(32)),
    actor: fc.option(actors, { nil: undefined }),
    ...state,
  }),
  fc.record({
    type: type('root'),
    ...state,
    yours: fc.option(
      fc.record({
        row: intervals,
        ghosts: uints,
        latest: fc.array(fc.record({ counter: counters, content: lane }), { maxLength: DOTS_SHOWN_MAX }),
      }),
      { nil: undefined },
    ),
  }),
  fc.record({ type: fc.constantFrom('rows', 'differing'), token: uints, rows }),
  fc.record({ type: type('outline'), token: uints, sketch: sketches }),
  fc.record({
    type: type('inquiry'),
    token: uints,
    rows: fc.option(fc.array(hashes, { maxLength: 4 }), { nil: undefined }),
  }),
  fc.record({
    type: type('want'),
    token: uints,
    transfer: uints,
    want: rows,
    summary: summaries,
    ghosts: hashes,
  }),
  fc.record({
    type: type('events'),
    transfer: uints,
    total: uints,
    hops: uints,
    events: fc.array(events, { maxLength: 6 }),
  }),
  fc.record({
    type: type('claim'),
    transfer: uints,
    known: rows,
    events: uints,
    dead: rows,
    ghosts: fc.option(ghosts, { nil: undefined }),
  }),
  fc.record({ type: type('retry'), transfer: uints }),
  fc.record({ type: fc.constantFrom('ping', 'pong'), number: uints }),
  fc.record({ type: type('prune'), actors: fc.array(actors) }),
  fc.record({ type: type('have'), rows }),
  fc.record({ type: type('graft'), actors: fc.array(actors), rows }),
  fc.record({ type: type('twin'), member: fc.string({ unit: 'grapheme' }) }),
  fc.record({ type: type('bye'), why: fc.constantFrom('left', 'offline', 'surplus') }),
  fc.record({
    type: type('part'),
    index: uints,
    last: fc.boolean(),
    bytes: fc.uint8Array({ maxLength: 20 }),
  }),
)
