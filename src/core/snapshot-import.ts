/**
 * Reads what people import: a snapshot, or a plain `{ key: value }` object. An object with both `format` and
 * `version` is a snapshot or refused; any other is plain; all else is refused, whole.
 */
import { KvError } from './errors'
import { fileTooLarge, parseJsonFile } from './json-file'
import { SNAPSHOT_BYTES_MAX } from './limits'
import type { Place } from './place'
import { decodeSnapshot } from './snapshot-decoder'
import { runToEnd, type Steps } from './steps'
import type { StateFragment } from './store/fragment'
import { canonicalBytes, type Json, type Key, listBytes, parseKey, parseValue } from './store/value'
import { fieldsOf, refuse, within } from './untrusted'
import { jsonStringBytes } from './utf8'

/** `bytes`: UTF-8 size of the canonical JSON of the file. */
export type ImportedFile =
  | { readonly kind: 'snapshot'; readonly fragment: StateFragment; readonly bytes: number }
  | { readonly kind: 'plain'; readonly entries: readonly (readonly [Key, Json])[]; readonly bytes: number }

/** @throws KvError as `decodeImportSteps` */
export function decodeImport(raw: unknown): ImportedFile {
  return runToEnd(decodeImportSteps(raw))
}

/**
 * One step an entry. `raw` is the text of a file or a parsed object, which is copied.
 * @throws KvError bad-snapshot, newer-version or too-large; of a plain file also bad-key and bad-value
 */
export function* decodeImportSteps(raw: unknown): Steps<ImportedFile> {
  const place: Place = []
  let isSnapshot = false
  try {
    const file = typeof raw === 'string' ? parseJsonFile(raw) : raw
    const fields = fieldsOf(file, place)
    isSnapshot = fields.has('format') && fields.has('version')
    if (!isSnapshot) return yield* decodePlain(fields, place)
    return { kind: 'snapshot', ...(yield* decodeSnapshot(file, place)) }
  } catch (error) {
    if (!(error instanceof KvError)) return refuse(place, 'cannot be read', 'bad-snapshot', error) // a proxy's own
    if (!isSnapshot || !error.code.startsWith('bad-')) throw error
    throw new KvError('bad-snapshot', error.message, { cause: error })
  }
}

function* decodePlain(fields: ReadonlyMap<string, unknown>, place: Place): Steps<ImportedFile> {
  const entries: [Key, Json][] = []
  let bytes = listBytes(fields.size)
  for (const [name, raw] of fields) {
    const [key, value] = within(place, name, () => [parseKey(name, place), parseValue(raw, place)] as const)
    bytes += jsonStringBytes(key) + 1 + canonicalBytes(value)
    if (bytes > SNAPSHOT_BYTES_MAX) throw fileTooLarge()
    entries.push([key, value])
    yield { done: entries.length, total: fields.size }
  }
  return { kind: 'plain', entries, bytes }
}
