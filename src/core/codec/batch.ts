/**
 * Batches: puts, deletes and drops of entries, packed. What is small goes before in variable-length integers
 * (actors once a batch, counters and times relative to the least); keys and values follow as one JSON array,
 * because the engine's own JSON parser outruns anything that reads strings one by one.
 */
import { encodeUtf8 } from 'lib0/string'
import type { Actor, Dot } from '../causality/dot'
import {
  counterOf,
  EMPTY_VECTOR,
  type VersionVector,
  vectorEntries,
  vectorOf,
  vectorSize,
} from '../causality/version-vector'
import { TIME_MS_MAX } from '../limits'
import { freezeParsed, type Json, type Key, MERGE_POLICIES, parseKey } from '../store/value'
import type { Deletion, StoreEvent, Version } from '../store/version'
import { decodeText, Malformed, type Reader, type Writer } from './bytes'

/** One put or delete under its key, or, in a log, the dot of a version that was dropped. */
export interface BatchItem {
  readonly key: Key
  readonly event: StoreEvent | Drop
}

export interface Drop extends Dot {
  readonly dropped: true
}

/** Flags: the kind, the place of the merge policy, and whether there is a context. */
const PUT = 0
const DELETE = 1
const DROP = 2
const MERGE_SHIFT = 2
const HAS_CONTEXT = 1 << 5

export function writeBatch(writer: Writer, items: readonly BatchItem[]): void {
  const actors = new ActorTable(items)
  let timeBase = TIME_MS_MAX
  for (const { event } of items) if (isPut(event) && event.time < timeBase) timeBase = event.time

  actors.write(writer)
  writer.uint(timeBase).uint(items.length)
  const texts: Json[] = []
  for (const { key, event } of items) {
    const context = contextOf(event)
    writer.byte(kindOf(event) | (context.length > 0 ? HAS_CONTEXT : 0))
    actors.writeDot(writer, event)
    texts.push(key)
    if (isPut(event)) {
      writer.uint(event.time - timeBase)
      texts.push(event.value)
    }
    if (context.length > 0) {
      writer.uint(vectorSize(context))
      for (const [actor, counter] of vectorEntries(context)) writer.uint(actors.placeOf(actor)).uint(counter)
    }
  }
  writer.tail(encodeUtf8(JSON.stringify(texts)))
}

/**
 * Reads what is left as one batch and hands it over item by item: a list of items would fill the heap where a large log
 * is loaded. Keys and values are checked and frozen. Throws `Malformed`, if need be after some items.
 */
export function readBatch(reader: Reader, take: (key: Key, event: StoreEvent | Drop) => void): void {
  const actors: { actor: Actor; base: number }[] = []
  for (let left = reader.count(5); left > 0; left--)
    actors.push({ actor: reader.actor(), base: reader.uint() })
  const actorAt = (place: number) => {
    const found = actors[place]
    if (found === undefined) throw new Malformed('an actor that is not in the table')
    return found
  }
  const timeBase = reader.uint()
  const events: Unread[] = []
  for (let left = reader.count(3); left > 0; left--) events.push(readHead(reader, actorAt, timeBase))

  const texts = parseTexts(reader.tail())
  let next = 0
  for (const event of events) {
    const key = readKey(texts[next++])
    if (isPut(event)) event.value = readValue(texts, next++)
    take(key, event)
  }
  if (next !== texts.length) throw new Malformed('a list of keys and values of another length')
}

/** As long as its value is not read, a version is not finished. */
type Unread = { -readonly [Field in keyof Version]: Version[Field] } | Deletion | Drop

function readHead(
  reader: Reader,
  actorAt: (place: number) => { actor: Actor; base: number },
  timeBase: number,
): Unread {
  const flags = reader.byte()
  const kind = flags & 3
  const merge = MERGE_POLICIES[(flags >> MERGE_SHIFT) & 7]
  if (kind > DROP || merge === undefined || flags >= HAS_CONTEXT << 1) throw new Malformed('unknown flags')
  const { actor, base } = actorAt(reader.uint())
  const counter = base + reader.uint()
  if (!Number.isSafeInteger(counter) || counter < 1) throw new Malformed('a counter out of range')
  const time = kind === PUT ? timeBase + reader.uint() : 0
  if (time > TIME_MS_MAX) throw new Malformed('a time out of range')
  const context = (flags & HAS_CONTEXT) === 0 ? EMPTY_VECTOR : readContext(reader, actorAt)
  if (counterOf(context, actor) >= counter) throw new Malformed('a context that covers its own dot')
  if (kind === PUT) return { actor, counter, context, time, merge, value: null }
  return kind === DELETE ? { actor, counter, context, deleted: true } : { actor, counter, dropped: true }
}

function readContext(reader: Reader, actorAt: (place: number) => { actor: Actor }): VersionVector {
  const pairs: [Actor, number][] = []
  for (let left = reader.count(2); left > 0; left--)
    pairs.push([actorAt(reader.uint()).actor, reader.counter()])
  return vectorOf(pairs)
}

/** Keys and values as they follow in one JSON array. Throws `Malformed`. */
export function parseTexts(bytes: Uint8Array): unknown[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(decodeText(bytes))
  } catch (cause) {
    throw new Malformed('keys and values that are not JSON', { cause })
  }
  if (!Array.isArray(parsed)) throw new Malformed('keys and values that are not a list')
  return parsed
}

export function readKey(raw: unknown): Key {
  try {
    return parseKey(raw)
  } catch (cause) {
    throw new Malformed('a key beyond the limits', { cause })
  }
}

export function readValue(texts: readonly unknown[], at: number): Json {
  if (at >= texts.length) throw new Malformed('a put without a value')
  try {
    return freezeParsed(texts[at])
  } catch (cause) {
    throw new Malformed('a value beyond the limits', { cause })
  }
}

/** The actors of a batch, each with the least of its counters there. */
class ActorTable {
  private readonly placeByActor = new Map<Actor, number>()
  private readonly bases: number[] = []

  constructor(items: readonly BatchItem[]) {
    for (const { event } of items) {
      const place = this.enter(event.actor)
      this.bases[place] = Math.min(this.bases[place] as number, event.counter)
      const context = contextOf(event)
      if (context.length > 0) for (const [seen] of vectorEntries(context)) this.enter(seen)
    }
  }

  placeOf(actor: Actor): number {
    return this.placeByActor.get(actor) as number
  }

  write(writer: Writer): void {
    writer.uint(this.bases.length)
    for (const [actor, place] of this.placeByActor) writer.text(actor).uint(this.baseAt(place))
  }

  writeDot(writer: Writer, { actor, counter }: Dot): void {
    const place = this.placeOf(actor)
    writer.uint(place).uint(counter - this.baseAt(place))
  }

  private enter(actor: Actor): number {
    let place = this.placeByActor.get(actor)
    if (place === undefined) {
      place = this.bases.push(Number.POSITIVE_INFINITY) - 1
      this.placeByActor.set(actor, place)
    }
    return place
  }

  /** An actor that is only in contexts has no counter here. */
  private baseAt(place: number): number {
    const base = this.bases[place] as number
    return Number.isFinite(base) ? base : 0
  }
}

function kindOf(event: StoreEvent | Drop): number {
  if (isPut(event)) return PUT | (MERGE_POLICIES.indexOf(event.merge) << MERGE_SHIFT)
  return 'deleted' in event ? DELETE : DROP
}

function isPut<Put extends Version>(event: Put | Deletion | Drop): event is Put {
  return 'value' in event
}

function contextOf(event: StoreEvent | Drop): VersionVector {
  return 'dropped' in event ? EMPTY_VECTOR : event.context
}
