/**
 * Decodes a snapshot totally: what comes out is a state that the replica can join without asking again, what is
 * not exactly the format is refused. Each check takes time linear in the file, however it is made.
 */
import { isTime } from './causality/clock'
import type { Rows } from './causality/context'
import { type Actor, type Dot, isCounter, parseActor } from './causality/dot'
import { hasCounter, type Intervals } from './causality/intervals'
import { type VersionVector, vectorEntries, vectorOf } from './causality/version-vector'
import { fileTooLarge } from './json-file'
import { SNAPSHOT_BYTES_MAX, TIME_MS_MAX } from './limits'
import type { Place } from './place'
import {
  encodeRow,
  encodeSnapshot,
  encodeVector,
  encodeVersions,
  SNAPSHOT_FORMAT,
  SNAPSHOT_VERSION,
} from './snapshot'
import type { Steps } from './steps'
import type { StateFragment } from './store/fragment'
import { canonicalBytes, type Json, type Key, parseKey, parseMergePolicy, parseValue } from './store/value'
import type { Version } from './store/version'
import { fieldsOf, itemsOf, recordOf, refuse, within } from './untrusted'
import { jsonStringBytes } from './utf8'

export interface DecodedSnapshot {
  readonly fragment: StateFragment
  /** UTF-8 size of its canonical JSON. */
  readonly bytes: number
}

const FIELDS = ['format', 'version', 'exportedAt', 'context', 'entries', 'ghosts'] as const
const VERSION_FIELDS = ['value', 'dot', 'context', 'time', 'merge'] as const
const DATE_TIME = /^([+-]\d{6}|\d{4})-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)$/

/** One step an entry. `place` is that of `raw`, and of the fault when this throws. */
export function* decodeSnapshot(raw: unknown, place: Place): Steps<DecodedSnapshot> {
  checkVersion(fieldsOf(raw, place), place)
  const file = recordOf(raw, FIELDS, place)
  const exportedAt = within(place, 'exportedAt', () => readDateTime(file.exportedAt, place))
  const size = new SizeCount(exportedAt)

  place.push('context')
  const context = new Map<Actor, Intervals>()
  for (const [name, rawRow] of fieldsOf(file.context, place)) {
    const [actor, row] = within(place, name, () => [readActor(name, place), readRow(rawRow, place)] as const)
    context.set(actor, row)
    size.add(context.size, name, encodeRow(row))
  }
  place.pop()

  place.push('entries')
  const rawEntries = fieldsOf(file.entries, place)
  const entries = new Map<Key, readonly Version[]>()
  const dots = new DotCheck(context)
  for (const [name, rawVersions] of rawEntries) {
    const [key, versions] = within(
      place,
      name,
      () => [parseKey(name, place), readVersions(rawVersions, dots, place)] as const,
    )
    entries.set(key, versions)
    size.add(entries.size, name, encodeVersions(versions))
    yield { done: entries.size, total: rawEntries.size }
  }
  place.pop()

  place.push('ghosts')
  const ghosts = new Map<Key, VersionVector>()
  for (const [name, rawVector] of fieldsOf(file.ghosts, place)) {
    const [key, vector] = within(place, name, () => {
      const key = parseKey(name, place)
      return [key, readGhost(rawVector, entries.get(key) ?? [], place)] as const
    })
    ghosts.set(key, vector)
    size.add(ghosts.size, name, encodeVector(vector))
  }
  place.pop()
  return { fragment: { context, entries, ghosts }, bytes: size.bytes }
}

function checkVersion(fields: ReadonlyMap<string, unknown>, place: Place): void {
  const version = fields.get('version')
  within(place, 'format', () => {
    if (fields.get('format') !== SNAPSHOT_FORMAT) refuse(place, `must be "${SNAPSHOT_FORMAT}"`)
  })
  within(place, 'version', () => {
    if (!isCounter(version)) refuse(place, 'must be a positive integer')
    if (version > SNAPSHOT_VERSION) {
      refuse(
        place,
        `${version} is newer than ${SNAPSHOT_VERSION}, the newest that can be read here`,
        'newer-version',
      )
    }
  })
}

function readDateTime(raw: unknown, place: Place): string {
  return typeof raw === 'string' && DATE_TIME.test(raw)
    ? raw
    : refuse(place, 'must be a date and time in ISO 8601')
}

function readActor(raw: unknown, place: Place): Actor {
  const actor = typeof raw === 'string' ? parseActor(raw) : undefined
  return actor ?? refuse(place, 'is not the name of an actor')
}

function readCounter(raw: unknown, place: Place): number {
  return isCounter(raw) ? raw : refuse(place, 'a counter is an integer of 1 … 2^53 − 1')
}

function readRow(raw: unknown, place: Place): Intervals {
  const row: number[] = []
  for (const [at, rawInterval] of itemsOf(raw, place).entries()) {
    within(place, at, () => {
      const [rawFrom, rawTo] = readPair(rawInterval, '[from, to]', place)
      const from = readCounter(rawFrom, place)
      const to = readCounter(rawTo, place)
      const previous = row.at(-1)
      if (from > to) refuse(place, 'an interval must not end before it begins')
      if (previous !== undefined && from <= previous + 1)
        refuse(place, 'precedes, overlaps or touches the one before')
      row.push(from, to)
    })
  }
  return row.length > 0 ? row : refuse(place, 'must have at least one interval')
}

function readPair(raw: unknown, form: string, place: Place): readonly [unknown, unknown] {
  const items = itemsOf(raw, place)
  return items.length === 2 ? [items[0], items[1]] : refuse(place, `must be ${form}`)
}

type CounterByActor = ReadonlyMap<Actor, number>

function readVector(raw: unknown, place: Place): CounterByActor {
  const counterByActor = new Map<Actor, number>()
  for (const [name, counter] of fieldsOf(raw, place)) {
    within(place, name, () => counterByActor.set(readActor(name, place), readCounter(counter, place)))
  }
  return counterByActor
}

function hasDot(vector: CounterByActor, dot: Dot): boolean {
  return (vector.get(dot.actor) ?? 0) >= dot.counter
}

function readGhost(raw: unknown, versions: readonly Version[], place: Place): VersionVector {
  const ghost = readVector(raw, place)
  if (ghost.size === 0) refuse(place, 'must have at least one actor')
  if (versions.some((version) => hasDot(ghost, version))) refuse(place, 'covers an entry of its key')
  return vectorOf(ghost)
}

function readVersions(raw: unknown, dots: DotCheck, place: Place): readonly Version[] {
  const items = itemsOf(raw, place)
  if (items.length === 0) refuse(place, 'must have at least one version')
  const covered = new Map<Actor, number>()
  const versions = items.map((item, at) =>
    within(place, at, () => {
      const version = readVersion(item, dots, place)
      for (const [actor, counter] of vectorEntries(version.context)) {
        covered.set(actor, Math.max(counter, covered.get(actor) ?? 0))
      }
      return version
    }),
  )
  for (const [at, version] of versions.entries()) {
    if (hasDot(covered, version)) {
      within(place, at, () => refuse(place, 'is covered by a context of its key: its own or a sibling’s'))
    }
  }
  return versions
}

function readVersion(raw: unknown, dots: DotCheck, place: Place): Version {
  const fields = recordOf(raw, VERSION_FIELDS, place)
  const dot = within(place, 'dot', () => {
    const [actor, counter] = readPair(fields.dot, '[actor, counter]', place)
    return dots.checked({ actor: readActor(actor, place), counter: readCounter(counter, place) }, place)
  })
  return {
    actor: dot.actor,
    counter: dot.counter,
    context: within(place, 'context', () => vectorOf(readVector(fields.context, place))),
    time: within(place, 'time', () => readTime(fields.time, place)),
    merge: within(place, 'merge', () => parseMergePolicy(fields.merge, place)),
    value: within(place, 'value', () => parseValue(fields.value, place)),
  }
}

function readTime(raw: unknown, place: Place): number {
  return isTime(raw) ? raw : refuse(place, `must be an integer of 0 … ${TIME_MS_MAX} (milliseconds)`)
}

/** Every dot alive is in the context, and names one version. */
class DotCheck {
  private readonly seen = new Map<Actor, Set<number>>()

  constructor(private readonly context: Rows) {}

  checked(dot: Dot, place: Place): Dot {
    if (!hasCounter(this.context.get(dot.actor) ?? [], dot.counter))
      refuse(place, 'is not in the context of the file')
    let counters = this.seen.get(dot.actor)
    if (counters === undefined) {
      counters = new Set()
      this.seen.set(dot.actor, counters)
    }
    if (counters.has(dot.counter)) refuse(place, 'stands twice in the file')
    counters.add(dot.counter)
    return dot
  }
}

/** The size of the file in canonical JSON, field by field as it is decoded, which is never put together. */
class SizeCount {
  bytes: number

  constructor(exportedAt: string) {
    const empty = { context: new Map(), entries: new Map(), ghosts: new Map() }
    this.bytes = canonicalBytes(encodeSnapshot(empty, exportedAt))
  }

  /** One more field of `context`, `entries` or `ghosts`, which has `count` of them with this one. */
  add(count: number, name: string, value: Json): void {
    this.bytes += (count > 1 ? 1 : 0) + jsonStringBytes(name) + 1 + canonicalBytes(value)
    if (this.bytes > SNAPSHOT_BYTES_MAX) throw fileTooLarge()
  }
}
