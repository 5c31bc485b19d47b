/**
 * Batches: puts, deletes and drops of entries, packed. What is small goes before in variable-length integers
 * (actors once a batch, counters and times relative to the least); keys and values follow as one JSON array,
 * because the engine's own JSON parser outruns anything that reads strings one by one.
 */
import { encodeUtf8 } from 'lib0/string'
import type { Actor, Dot } from '../causality/dot'
import {
  EMPTY_VECTOR,
  type VersionVector,
  vectorEntries,
  vectorOf,
  vectorSize,
} from '../causality/version-vector'
import { TIME_MS_MAX } from '../limits'
import { freezeParsed, type Json, type Key, MERGE_POLICIES, type MergePolicy, parseKey } from '../store/value'
import type { Deletion, Version } from '../store/version'
import { decodeText, Malformed, type Reader, type Writer } from './bytes'

export type BatchItem =
  | { readonly kind: 'put'; readonly key: Key; readonly version: Version }
  | { readonly kind: 'delete'; readonly key: Key; readonly deletion: Deletion }
  | { readonly kind: 'drop'; readonly key: Key; readonly dot: Dot }

const KINDS = ['put', 'delete', 'drop'] as const
const HAS_CONTEXT = 1 << 5

export function writeBatch(writer: Writer, items: readonly BatchItem[]): void {
  const actors = new ActorTable(items)
  let timeBase = TIME_MS_MAX
  for (const item of items)
    if (item.kind === 'put' && item.version.time < timeBase) timeBase = item.version.time

  actors.write(writer)
  writer.uint(timeBase).uint(items.length)
  const texts: Json[] = []
  for (const item of items) {
    const dot = dotOf(item)
    const context = contextOf(item)
    const merge = item.kind === 'put' ? MERGE_POLICIES.indexOf(item.version.merge) : 0
    writer.byte(KINDS.indexOf(item.kind) | (merge << 2) | (context.length > 0 ? HAS_CONTEXT : 0))
    actors.writeDot(writer, dot)
    if (item.kind === 'put') writer.uint(item.version.time - timeBase)
    if (context.length > 0) {
      writer.uint(vectorSize(context))
      for (const [actor, counter] of vectorEntries(context)) writer.uint(actors.placeOf(actor)).uint(counter)
    }
    texts.push(item.key)
    if (item.kind === 'put') texts.push(item.version.value)
  }
  writer.tail(encodeUtf8(JSON.stringify(texts)))
}

/** Reads what is left as one batch. Throws `Malformed`. Keys and values are checked and frozen. */
export function readBatch(reader: Reader): BatchItem[] {
  const actors: { actor: Actor; base: number }[] = []
  for (let left = reader.count(5); left > 0; left--)
    actors.push({ actor: reader.actor(), base: reader.uint() })
  const actorAt = (place: number) => {
    const found = actors[place]
    if (found === undefined) throw new Malformed('an actor that is not in the table')
    return found
  }
  const timeBase = reader.uint()
  const heads: Head[] = []
  for (let left = reader.count(3); left > 0; left--) heads.push(readHead(reader, actorAt, timeBase))

  const texts = parseTexts(reader.tail())
  const items: BatchItem[] = []
  let next = 0
  for (const { kind, merge, actor, counter, time, context } of heads) {
    const key = readKey(texts[next++])
    if (kind === 'put') {
      const value = readValue(texts, next++)
      items.push({ kind, key, version: { actor, counter, context, time, merge, value } })
    } else if (kind === 'delete') {
      items.push({ kind, key, deletion: { actor, counter, context, deleted: true } })
    } else {
      items.push({ kind, key, dot: { actor, counter } })
    }
  }
  if (next !== texts.length) throw new Malformed('a list of keys and values of another length')
  return items
}

interface Head {
  readonly kind: (typeof KINDS)[number]
  readonly merge: MergePolicy
  readonly actor: Actor
  readonly counter: number
  readonly time: number
  readonly context: VersionVector
}

function readHead(
  reader: Reader,
  actorAt: (place: number) => { actor: Actor; base: number },
  timeBase: number,
): Head {
  const flags = reader.byte()
  const kind = KINDS[flags & 3]
  const merge = MERGE_POLICIES[(flags >> 2) & 7]
  if (kind === undefined || merge === undefined || flags >= HAS_CONTEXT << 1)
    throw new Malformed('unknown flags')
  const { actor, base } = actorAt(reader.uint())
  const counter = base + reader.uint()
  if (!Number.isSafeInteger(counter) || counter < 1) throw new Malformed('a counter out of range')
  const time = kind === 'put' ? timeBase + reader.uint() : 0
  if (time > TIME_MS_MAX) throw new Malformed('a time out of range')
  let context = EMPTY_VECTOR
  if ((flags & HAS_CONTEXT) !== 0) {
    const pairs: [Actor, number][] = []
    for (let left = reader.count(2); left > 0; left--)
      pairs.push([actorAt(reader.uint()).actor, reader.counter()])
    context = vectorOf(pairs)
    if (pairs.some(([of, upTo]) => of === actor && upTo >= counter)) {
      throw new Malformed('a context that covers its own dot')
    }
  }
  return { kind, merge, actor, counter, time, context }
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
    for (const item of items) {
      const { actor, counter } = dotOf(item)
      const place = this.enter(actor)
      this.bases[place] = Math.min(this.bases[place] as number, counter)
      for (const [seen] of vectorEntries(contextOf(item))) this.enter(seen)
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

function dotOf(item: BatchItem): Dot {
  return item.kind === 'put' ? item.version : item.kind === 'delete' ? item.deletion : item.dot
}

function contextOf(item: BatchItem): VersionVector {
  return item.kind === 'put'
    ? item.version.context
    : item.kind === 'delete'
      ? item.deletion.context
      : EMPTY_VECTOR
}
