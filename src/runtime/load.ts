/** From what a disk holds to a replica: checkpoint first, then the log, effect by effect. */
import { decodeEffects } from '../core/codec/record'
import { Malformed } from '../core/codec/bytes'
import { decodeRemoved, isUndoRecord } from '../core/codec/undo-record'
import { Replica } from '../core/store/replica'
import { UndoBuffer } from '../core/store/undo-buffer'
import { LogContents } from './log-contents'
import { StorageError, type StoredState } from './ports'
import { TUNING } from './tuning'

export class Loaded {
  readonly replica: Replica
  readonly undo = new UndoBuffer()
  readonly logContents: LogContents
  readonly checkpointContents: LogContents
  /** The number of the last log record taken; 0 if there was none. */
  lastNumber = 0
  private checkpointRecords = 0

  constructor(readonly tuning = TUNING) {
    this.replica = new Replica(tuning.deletesRemembered)
    this.logContents = new LogContents(tuning.compactFromBytes)
    this.checkpointContents = this.logContents.emptied()
  }

  /** Throws a StorageError if a record is damaged: the whole is worth nothing then. */
  readonly take = ({ checkpoint, log }: StoredState): void => {
    for (const record of checkpoint)
      this.replay(record, this.checkpointContents, `checkpoint record ${this.checkpointRecords++}`)
    for (const { number, record } of log) {
      this.replay(record, this.logContents, `log record ${number}`)
      this.lastNumber = number
    }
  }

  private replay(record: Uint8Array, contents: LogContents, place: string): void {
    if (!(record instanceof Uint8Array))
      throw new StorageError('failed', `${place} is damaged: it is no bytes`)
    try {
      if (isUndoRecord(record)) {
        const removed = decodeRemoved(record)
        this.undo.replay(removed)
        contents.addPacked([record], removed.length)
      } else {
        const effects = decodeEffects(record)
        this.replica.replay(effects)
        this.undo.noteValues(effects.entries)
        contents.add([record], effects)
      }
    } catch (cause) {
      if (!(cause instanceof Malformed)) throw cause
      throw new StorageError('failed', `${place} is damaged: ${cause.message}`, { cause })
    }
  }
}
