/**
 * The header of a replica's database, read as what comes from outside: a disk fails, and scripts of the same origin may
 * write to it.
 */
import { NODE_ID_LENGTH_MAX } from '../../core/limits'
import { StorageError } from '../../runtime/ports'
import type { Header } from './database'

const NODE_ID = new RegExp(`^[a-z0-9]{1,${NODE_ID_LENGTH_MAX}}$`)

/** The value as the header that it is. Throws a `StorageError` that names the place if it is none. */
export function parseHeader(raw: unknown): Header {
  if (typeof raw !== 'object' || raw === null) throw damaged('it is no object')
  const { format, nodeId, epoch, checkpointed, rewrites, usedAtMs, mergedVersionByName } = raw as Header
  for (const [name, number] of Object.entries({ format, checkpointed, rewrites }))
    if (!Number.isSafeInteger(number) || number < 0) throw damaged(name)
  if (!Number.isFinite(usedAtMs)) throw damaged('usedAtMs')
  if (typeof nodeId !== 'string' || !NODE_ID.test(nodeId)) throw damaged('nodeId')
  if (typeof epoch !== 'string') throw damaged('epoch')
  if (!isTextByText(mergedVersionByName)) throw damaged('mergedVersionByName')
  return raw as Header
}

function isTextByText(raw: unknown): boolean {
  return (
    typeof raw === 'object' && raw !== null && Object.values(raw).every((text) => typeof text === 'string')
  )
}

function damaged(place: string): StorageError {
  return new StorageError('failed', `the database's header is damaged: ${place}`)
}

/** The format that whatever is there says it has; 0 if it says nothing that can be read. */
export function formatOf(raw: unknown): number {
  const format = typeof raw === 'object' && raw !== null && 'format' in raw ? raw.format : 0
  return typeof format === 'number' ? format : 0
}
