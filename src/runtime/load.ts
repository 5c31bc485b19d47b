/** From what a disk holds to a replica: checkpoint first, then the log, effect by effect. */
import { readEffects } from '../core/codec/record'
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
  /** The last number that the log has given out; 0 if none. */
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
    for (const { number, record } of log) this.replay(record, this.logContents, `log record ${number}`)
  }

  private replay(record: Uint8Array, contents: LogContents, place: string): void {
    if (!(record instanceof Uint8Array))
      throw new StorageError('failed', `${place} is damaged: it is no bytes`)
    try {
      if (isUndoRecord(record)) {
        const removed = decodeRemoved(record)
        this.undo.replay(removed)
        contents.add([record], removed.length)
      } else this.replayEffects(record, contents)
    } catch (cause) {
      if (!(cause instanceof Malformed)) throw cause
      throw new StorageError('failed', `${place} is damaged: ${cause.message}`, { cause })
    }
  }

  private replayEffects(record: Uint8Array, contents: LogContents): void {
    let added = 0
    let dropped = 0
    const aside = readEffects(
      record,
      (key, version) => {
        this.replica.place(key, version)
        this.undo.noteValue(key)
        added += 1
      },
      (key, dot) => {
        this.replica.displace(key, dot)
        dropped += 1
      },
    )
    this.replica.replayAside(aside)
    contents.add([record], added, dropped)
  }
}
