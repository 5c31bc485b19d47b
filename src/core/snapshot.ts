/**
 * The snapshot format (DESIGN 2.6, `public/snapshot.schema.json`): a full state as JSON. Importing one is the
 * ordinary causal join, so it carries all that `C`, the live set and the ghosts say. Every state has one form:
 * nothing optional, nothing empty where it would say nothing.
 */
import { eachInterval, type Intervals } from './causality/intervals'
import { type VersionVector, vectorEntries } from './causality/version-vector'
import { runToEnd, type Steps } from './steps'
import type { StateFragment } from './store/fragment'
import { compareVersions } from './store/merge'
import { type Json, type MergePolicy, setField } from './store/value'
import type { Version } from './store/version'

export const SNAPSHOT_FORMAT = 'fofoca-snapshot'
export const SNAPSHOT_VERSION = 1

export type Snapshot = {
  readonly format: typeof SNAPSHOT_FORMAT
  readonly version: typeof SNAPSHOT_VERSION
  /** ISO 8601. */
  readonly exportedAt: string
  readonly context: { readonly [actor: string]: SnapshotRow }
  readonly entries: { readonly [key: string]: readonly SnapshotVersion[] }
  readonly ghosts: { readonly [key: string]: SnapshotVector }
}

export type SnapshotRow = readonly (readonly [from: number, to: number])[]

export type SnapshotVector = { readonly [actor: string]: number }

export type SnapshotVersion = {
  readonly value: Json
  readonly dot: readonly [actor: string, counter: number]
  /** What the writer had seen of the key, without its own dot. */
  readonly context: SnapshotVector
  /** Milliseconds since 1970. */
  readonly time: number
  readonly merge: MergePolicy
}

export function encodeSnapshot(fragment: StateFragment, exportedAt: string): Snapshot {
  return runToEnd(encodeSnapshotSteps(fragment, exportedAt))
}

/** One step an entry. `fragment` is a state at one instant: writes between the steps must not touch its maps. */
export function* encodeSnapshotSteps(fragment: StateFragment, exportedAt: string): Steps<Snapshot> {
  const total = fragment.entries.size
  const entries: { [key: string]: readonly SnapshotVersion[] } = {}
  let done = 0
  for (const [key, versions] of fragment.entries) {
    setField(entries, key, encodeVersions(versions))
    done += 1
    yield { done, total }
  }
  const context: { [actor: string]: SnapshotRow } = {}
  for (const [actor, row] of fragment.context) context[actor] = encodeRow(row)
  const ghosts: { [key: string]: SnapshotVector } = {}
  for (const [key, vector] of fragment.ghosts) setField(ghosts, key, encodeVector(vector))
  return { format: SNAPSHOT_FORMAT, version: SNAPSHOT_VERSION, exportedAt, context, entries, ghosts }
}

/** Earliest first, so that equal states make equal files. */
export function encodeVersions(versions: readonly Version[]): readonly SnapshotVersion[] {
  return versions.toSorted(compareVersions).map(({ actor, counter, context, time, merge, value }) => ({
    value,
    dot: [actor, counter],
    context: encodeVector(context),
    time,
    merge,
  }))
}

export function encodeRow(row: Intervals): SnapshotRow {
  return [...eachInterval(row)]
}

export function encodeVector(vector: VersionVector): SnapshotVector {
  return Object.fromEntries(vectorEntries(vector))
}
