/**
 * Records of values that others removed, as they stand on disk among those of effects (record.ts), whose formats end
 * below the one that these begin with. Who removed what and when is told once for a run of values; keys and values
 * follow as one JSON array.
 */
import { encodeUtf8 } from 'lib0/string'
import { ACTOR_LENGTH_MAX, RECORD_BYTES, RECORD_ENTRIES, TIME_MS_MAX } from '../limits'
import type { Remover } from '../store/removal'
import { roughBytes } from '../store/rough-bytes'
import type { KeptValue } from '../store/undo-buffer'
import { type Json, MERGE_POLICIES, type MergePolicy } from '../store/value'
import { parseTexts, readKey, readValue } from './batch'
import { Malformed, Reader, Writer } from './bytes'

const FORMAT = 129
const HOW = ['delete', 'claim', 'tab', 'import'] as const

export function isUndoRecord(record: Uint8Array): boolean {
  return record[0] === FORMAT
}

/** In order, each of a bounded size; none for none. */
export function* encodeRemoved(values: Iterable<KeptValue>): Iterable<Uint8Array> {
  let part: KeptValue[] = []
  let bytes = 0
  for (const kept of values) {
    part.push(kept)
    bytes += kept.key.length + roughBytes(kept.value)
    if (part.length < RECORD_ENTRIES && bytes < RECORD_BYTES) continue
    yield encodePart(part)
    part = []
    bytes = 0
  }
  if (part.length > 0) yield encodePart(part)
}

function encodePart(values: readonly KeptValue[]): Uint8Array {
  const writer = new Writer().byte(FORMAT)
  const runs = runsOf(values)
  writer.uint(runs.length)
  const texts: Json[] = []
  for (const run of runs) {
    const { removedAtMs, by } = run[0] as KeptValue
    writer.uint(removedAtMs).byte(HOW.indexOf(by.how))
    if ('node' in by) writer.text(by.node)
    writer.uint(run.length)
    for (const { key, value, merge } of run) {
      writer.byte(MERGE_POLICIES.indexOf(merge))
      texts.push(key, value)
    }
  }
  return writer.tail(encodeUtf8(JSON.stringify(texts))).bytes()
}

/** Neighbours that were removed by the same at the same time. */
function runsOf(values: readonly KeptValue[]): KeptValue[][] {
  const runs: KeptValue[][] = []
  let last: KeptValue | undefined
  for (const kept of values) {
    if (last !== undefined && kept.removedAtMs === last.removedAtMs && isSame(kept.by, last.by)) {
      ;(runs.at(-1) as KeptValue[]).push(kept)
    } else runs.push([kept])
    last = kept
  }
  return runs
}

function isSame(one: Remover, other: Remover): boolean {
  return one.how === other.how && nodeText(one) === nodeText(other)
}

function nodeText(by: Remover): string {
  return 'node' in by ? by.node : ''
}

/** Throws `Malformed`. */
export function decodeRemoved(record: Uint8Array): KeptValue[] {
  return Reader.decode(record, (reader) => {
    if (reader.byte() !== FORMAT) throw new Malformed('a record of another format')
    const heads: Omit<KeptValue, 'key' | 'value'>[] = []
    for (let left = reader.count(3); left > 0; left--) readRun(reader, heads)
    const texts = parseTexts(reader.tail())
    if (texts.length !== 2 * heads.length) throw new Malformed('a list of keys and values of another length')
    return heads.map((head, at) => ({
      key: readKey(texts[2 * at]),
      value: readValue(texts, 2 * at + 1),
      ...head,
    }))
  })
}

function readRun(reader: Reader, heads: Omit<KeptValue, 'key' | 'value'>[]): void {
  const removedAtMs = reader.uint()
  if (removedAtMs > TIME_MS_MAX) throw new Malformed('a time out of range')
  const by = readRemover(reader)
  for (let left = reader.count(1); left > 0; left--) heads.push({ merge: readMerge(reader), by, removedAtMs })
}

function readRemover(reader: Reader): Remover {
  const how = HOW[reader.byte()]
  if (how === undefined) throw new Malformed('an unknown way of removing')
  return how === 'delete' || how === 'claim' ? { how, node: readNodeId(reader) } : { how }
}

/** As an actor's name begins with it. */
function readNodeId(reader: Reader): string {
  const nodeId = reader.text()
  if (!/^[a-z0-9]*$/.test(nodeId) || nodeId.length > ACTOR_LENGTH_MAX)
    throw new Malformed('a node id that is not well-formed')
  return nodeId
}

function readMerge(reader: Reader): MergePolicy {
  const merge = MERGE_POLICIES[reader.byte()]
  if (merge === undefined) throw new Malformed('an unknown merge policy')
  return merge
}
