/**
 * What others removed and can still be put back (DESIGN 4.9): the last value of each such key, for a day, within
 * bounds of number and size; what was removed first makes room. A value is let go as soon as its key has one again,
 * whoever wrote it. Time is the wall clock's and comes as an argument. The buffer is this browser's own and never sent.
 */
import { nextTime } from '../causality/clock'
import { UNDO_BYTES_MAX, UNDO_MS_MAX, UNDO_VALUES_MAX } from '../limits'
import { utf8Bytes } from '../utf8'
import type { EntryChange } from './effects'
import type { RemovedValue } from './removal'
import { canonicalBytes, type Key } from './value'

export interface KeptValue extends RemovedValue {
  /** Milliseconds since 1970. */
  readonly removedAtMs: number
}

export class UndoBuffer {
  /** What was removed first comes first. */
  private readonly keptByKey = new Map<Key, KeptValue>()
  /** Those that are on no disk. */
  private readonly unwritten = new Set<KeptValue>()
  private bytes = 0
  private letGo = 0

  get size(): number {
    return this.keptByKey.size
  }

  /** What others removed at this time. */
  keep(removed: readonly RemovedValue[], nowMs: number): void {
    this.expire(nowMs)
    const removedAtMs = nextTime(nowMs, undefined)
    for (const value of removed.slice(-UNDO_VALUES_MAX)) {
      const kept = { ...value, removedAtMs }
      this.add(kept)
      this.unwritten.add(kept)
    }
    this.makeRoom()
  }

  /** What a disk kept, in the order in which it was written. */
  replay(values: readonly KeptValue[]): void {
    for (const value of values) this.add(value)
    this.makeRoom()
  }

  /** Changes of the replica, before what they removed is kept: lets go of what has a value again. */
  noteValues(changes: readonly EntryChange[]): void {
    for (const change of changes) if ('added' in change) this.noteValue(change.key)
  }

  /** The key has a value again. */
  noteValue(key: Key): void {
    if (this.size > 0) this.drop(key)
  }

  /** Lets go of what is too old; the clock may have been put back too. */
  expire(nowMs: number): void {
    for (const [key, { removedAtMs }] of this.keptByKey) {
      if (Math.abs(nowMs - removedAtMs) <= UNDO_MS_MAX) return
      this.drop(key)
    }
  }

  /** All of it, in the order in which it was removed. */
  values(): KeptValue[] {
    return [...this.keptByKey.values()]
  }

  get hasUnwritten(): boolean {
    return this.unwritten.size > 0
  }

  /** What has been kept since the last call and still is: the part that is to be written. */
  takeUnwritten(): KeptValue[] {
    const unwritten = [...this.unwritten]
    this.unwritten.clear()
    return unwritten
  }

  /** How many were let go since the last call that a disk may still hold. */
  takeLetGo(): number {
    const { letGo } = this
    this.letGo = 0
    return letGo
  }

  private add(kept: KeptValue): void {
    this.drop(kept.key)
    this.keptByKey.set(kept.key, kept)
    this.bytes += bytesOf(kept)
  }

  private makeRoom(): void {
    for (const key of this.keptByKey.keys()) {
      if (this.size <= UNDO_VALUES_MAX && this.bytes <= UNDO_BYTES_MAX) return
      this.drop(key)
    }
  }

  private drop(key: Key): void {
    const kept = this.keptByKey.get(key)
    if (kept === undefined) return
    this.keptByKey.delete(key)
    this.bytes -= bytesOf(kept)
    if (!this.unwritten.delete(kept)) this.letGo += 1
  }
}

function bytesOf({ key, value }: KeptValue): number {
  return utf8Bytes(key) + canonicalBytes(value)
}
