/** What others removed, as the handle shows it, and as the writes that put it back. */
import { KvError } from '../core/errors'
import type { KeyWrite } from '../core/gossip/step'
import type { UndoBuffer } from '../core/store/undo-buffer'
import { type Key, parseKey } from '../core/store/value'
import type { RemovedValue } from './contract'

/** Latest first. */
export function removedViews(undo: UndoBuffer, nowMs: number): RemovedValue[] {
  undo.expire(nowMs)
  return undo
    .values()
    .reverse()
    .map(({ key, value, removedAtMs, by }) => ({
      key,
      value,
      removedAt: new Date(removedAtMs).toISOString(),
      how: by.how,
      ...('node' in by ? { by: by.node } : {}),
    }))
}

/** The writes that put back those of the keys that can be; all, if none are named. Throws `bad-key`, `bad-option`. */
export function writesOfRemoved(
  undo: UndoBuffer,
  keys: Iterable<string> | undefined,
  nowMs: number,
): KeyWrite[] {
  const wanted = keys === undefined ? undefined : parseKeys(keys)
  undo.expire(nowMs)
  const values = undo.values().filter(({ key }) => wanted === undefined || wanted.has(key))
  return values.map(({ key, value, merge }) => ({ key, value, merge }))
}

function parseKeys(keys: Iterable<string>): Set<Key> {
  if (
    typeof keys === 'string' ||
    typeof (keys as Partial<typeof keys> | null)?.[Symbol.iterator] !== 'function'
  )
    throw new KvError('bad-option', 'keys: not a list of keys')
  return new Set([...keys].map((key, at) => parseKey(key, ['keys', at])))
}
