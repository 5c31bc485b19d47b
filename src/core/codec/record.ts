/**
 * Records on disk: effects as the log holds them, and the whole state as a run of records of the same form,
 * which is what a checkpoint is. Each record says its own format version.
 */
import type { Actor, Dot } from '../causality/dot'
import type { Intervals } from '../causality/intervals'
import { EMPTY_VECTOR, type VersionVector } from '../causality/version-vector'
import { RECORD_BYTES, RECORD_ENTRIES } from '../limits'
import type { EffectsAside, EffectsSource, EntryChange } from '../store/effects'
import { roughBytes } from '../store/rough-bytes'
import type { Key } from '../store/value'
import { isDeletion, type Version } from '../store/version'
import { type BatchItem, readBatch, writeBatch } from './batch'
import { Malformed, Reader, Writer } from './bytes'

/** Records of format 1 hold nothing of what others named. */
const FORMAT = 2
const FORMAT_LOWEST = 1

/** Effects as records, in order, each of a bounded size; together they are one commit. */
export function* encodeEffects({ context, ghosts, named, entries }: EffectsSource): Iterable<Uint8Array> {
  const writer = new Writer().byte(FORMAT).rows(context).uint(ghosts.size)
  for (const [key, vector] of ghosts) writer.text(key).vector(vector)
  writer.vector(named)
  let rest = writer
  let items: BatchItem[] = []
  let bytes = 0
  for (const change of entries) {
    if (items.length >= RECORD_ENTRIES || bytes >= RECORD_BYTES) {
      writeBatch(rest, items)
      yield rest.bytes()
      rest = new Writer().byte(FORMAT).uint(0).uint(0).vector(EMPTY_VECTOR)
      items = []
      bytes = 0
    }
    items.push(itemOf(change))
    bytes += change.key.length + ('added' in change ? roughBytes(change.added.value) : 0)
  }
  writeBatch(rest, items)
  yield rest.bytes()
}

function itemOf(change: EntryChange): BatchItem {
  if ('added' in change) return { key: change.key, event: change.added }
  const { actor, counter } = change.dropped // which may be a whole version
  return { key: change.key, event: { actor, counter, dropped: true } }
}

/**
 * Reads a record: its entries are handed over in order, as `added` or as `dropped`, and the rest is returned.
 * Throws `Malformed`, if need be after some entries.
 */
export function readEffects(
  bytes: Uint8Array,
  added: (key: Key, version: Version) => void,
  dropped: (key: Key, dot: Dot) => void,
): EffectsAside {
  return Reader.decode(bytes, (reader) => {
    const format = reader.byte()
    if (format < FORMAT_LOWEST || format > FORMAT) throw new Malformed('a record of another format')
    const context = reader.rows()
    const ghosts = new Map<Key, VersionVector>()
    for (let left = reader.count(2); left > 0; left--) {
      ghosts.set(reader.key(), reader.vector())
    }
    const named = format === FORMAT_LOWEST ? EMPTY_VECTOR : reader.vector()
    readBatch(reader, (key, event) => {
      if ('dropped' in event) dropped(key, event)
      else if (isDeletion(event)) throw new Malformed('an event among effects')
      else added(key, event)
    })
    return { context, ghosts, named }
  })
}

/** A state as it was at one instant: later changes of the replica don't touch it. */
export interface FrozenState {
  readonly context: ReadonlyMap<Actor, Intervals>
  readonly entries: readonly (readonly [Key, readonly Version[]])[]
  readonly ghosts: ReadonlyMap<Key, VersionVector>
  /** Own actors, with the highest counter that others named. */
  readonly named: VersionVector
}

/** A state as effects against nothing: a checkpoint is these, encoded. */
export function effectsOfState({ context, entries, ghosts, named }: FrozenState): EffectsSource {
  return { context, ghosts, named, entries: additions(entries) }
}

function* additions(entries: FrozenState['entries']): Iterable<EntryChange> {
  for (const [key, versions] of entries) for (const added of versions) yield { key, added }
}
