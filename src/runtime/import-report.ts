/** What an import did, or would do, in terms of what people see. */
import { mergedValue } from '../core/store/merge'
import type { ImportedFile } from '../core/snapshot-import'
import { equal, type Key } from '../core/store/value'
import type { Version } from '../core/store/version'
import type { ImportReport } from './contract'

type Entries = ReadonlyMap<Key, readonly Version[]>

/** `before` and `after` are the live sets; `changedKeys` are those whose versions differ between them. */
export function importReport(
  file: ImportedFile,
  before: Entries,
  after: Entries,
  changedKeys: ReadonlySet<Key>,
): ImportReport {
  const report: ImportReport = {
    added: [],
    updated: [],
    removed: [],
    conflicts: [],
    unchanged: 0,
    bytes: file.bytes,
  }
  const named = new Set<Key>()
  const name = (list: string[], key: Key) => {
    list.push(key)
    named.add(key)
  }
  for (const key of [...changedKeys].sort()) {
    const old = before.get(key)
    const now = after.get(key)
    if (old === undefined && now !== undefined) name(report.added, key)
    else if (old !== undefined && now === undefined) name(report.removed, key)
    else if (old !== undefined && now !== undefined && !equal(mergedValue(old), mergedValue(now)))
      name(report.updated, key)
    if (now !== undefined && now.length > 1 && now.length > (old?.length ?? 0)) name(report.conflicts, key)
  }
  for (const key of keysOf(file)) if (!named.has(key)) report.unchanged += 1
  return report
}

function keysOf(file: ImportedFile): Iterable<Key> {
  return file.kind === 'snapshot' ? file.fragment.entries.keys() : file.entries.map(([key]) => key)
}
