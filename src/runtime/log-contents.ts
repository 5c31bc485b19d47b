/** What the log holds, to tell when a checkpoint in its place is worth the work of writing the whole state again. */
import type { Effects } from '../core/store/effects'

/** Not before the log is this large … */
const BYTES_MIN = 1_048_576

/** … and either so much of it undoes what is before it … */
const DROPPED_PART_MIN = 1 / 4

/** … or it is in such small pieces that loading it takes longer than it must. */
const ENTRIES_PER_RECORD_MIN = 50

export class LogContents {
  bytes = 0
  private records = 0
  private entries = 0
  private dropped = 0

  /** Records of one commit, and what they hold. */
  add(records: readonly Uint8Array[], { entries }: Pick<Effects, 'entries'>): void {
    this.records += records.length
    for (const record of records) this.bytes += record.length
    this.entries += entries.length
    for (const change of entries) if ('dropped' in change) this.dropped += 1
  }

  isWorthCompacting(checkpointBytes: number): boolean {
    if (this.bytes <= Math.max(BYTES_MIN, checkpointBytes)) return false
    return (
      this.dropped > this.entries * DROPPED_PART_MIN || this.entries < this.records * ENTRIES_PER_RECORD_MIN
    )
  }
}
