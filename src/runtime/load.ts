/** From what a disk holds to a replica: checkpoint first, then the log, effect by effect. */
import { decodeEffects } from '../core/codec/record'
import { Malformed } from '../core/codec/bytes'
import { DELETES_REMEMBERED_KEYS } from '../core/limits'
import type { Effects } from '../core/store/effects'
import { Replica } from '../core/store/replica'
import { LogContents } from './log-contents'
import { StorageError, type StoredState } from './ports'

export interface Loaded {
  readonly replica: Replica
  /** The number of the last log record; 0 if there is none. */
  readonly lastNumber: number
  readonly logContents: LogContents
  readonly checkpointContents: LogContents
}

/** Throws a StorageError if a record is damaged: nothing of it is taken then. */
export function replicaOf({ checkpoint, log }: StoredState, lastNumber: number): Loaded {
  const replica = new Replica(DELETES_REMEMBERED_KEYS)
  const logContents = new LogContents()
  const checkpointContents = new LogContents()
  for (const [at, record] of checkpoint.entries()) {
    checkpointContents.add([record], replay(replica, record, `checkpoint record ${at}`))
  }
  for (const { number, record } of log) {
    const effects = replay(replica, record, `log record ${number}`)
    logContents.add([record], effects)
  }
  return { replica, lastNumber, logContents, checkpointContents }
}

function replay(replica: Replica, record: Uint8Array, place: string): Effects {
  try {
    const effects = decodeEffects(record)
    replica.replay(effects)
    return effects
  } catch (cause) {
    if (!(cause instanceof Malformed)) throw cause
    throw new StorageError('failed', `${place} is damaged: ${cause.message}`, { cause })
  }
}
