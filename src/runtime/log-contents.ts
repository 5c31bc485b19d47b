/** What the log holds, to tell when a checkpoint in its place is worth the work of writing the whole state again. */
import { TUNING } from './tuning'

/** Not before they are large enough, and either so much of what they hold is undone, which pays for the rest … */
const DROPPED_PART_MIN = 1 / 2

/** … or the log outgrew the checkpoint in such small pieces that loading it takes longer than it must. */
const ENTRIES_PER_RECORD_MIN = 50

/** Of a log, or of a checkpoint, which is one without anything undone. What others removed and is kept counts as added. */
export class LogContents {
  bytes = 0
  private records = 0
  private added = 0
  private dropped = 0

  constructor(private readonly bytesMin = TUNING.compactFromBytes) {}

  /** As it is before anything is in it. */
  emptied(): LogContents {
    return new LogContents(this.bytesMin)
  }

  /** Records of one commit, and how much they add and drop. */
  add(records: readonly Uint8Array[], added: number, dropped = 0): void {
    this.records += records.length
    for (const record of records) this.bytes += record.length
    this.added += added
    this.dropped += dropped
  }

  /** So many of what was added are worth nothing any more, and no record says so. */
  letGo(count: number): void {
    this.dropped += count
  }

  isWorthCompacting(checkpoint: LogContents): boolean {
    if (this.bytes + checkpoint.bytes <= this.bytesMin) return false
    if (this.dropped > (this.added + checkpoint.added) * DROPPED_PART_MIN) return true
    return (
      this.bytes > Math.max(this.bytesMin, checkpoint.bytes) &&
      this.added + this.dropped < this.records * ENTRIES_PER_RECORD_MIN
    )
  }
}
