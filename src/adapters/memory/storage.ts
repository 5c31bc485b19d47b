/**
 * A disk in memory, for tests of what stands on storage: it outlives the storages opened on it, and fails as it is
 * told. It is stricter than a real one: a gap in the numbers is refused.
 */
import {
  type Durability,
  type Storage,
  StorageError,
  type StoredState,
  type TakeStored,
} from '../../runtime/ports'

type Reason = StorageError['reason']

interface LogRecord {
  record: Uint8Array
  durability: Durability
}

/** One replica's disk. */
export class MemoryDisk {
  #checkpoint: Uint8Array[] = []
  readonly #log = new Map<number, LogRecord>()
  /** No number up to this one is given out any more: the checkpoint has its record, or it was forgotten. */
  #spent = 0
  #epoch = 0
  #nextFailure: Reason | 'unknown' | undefined
  #lastingFailure: Reason | undefined
  /** Changes with each commit. */
  version = 0

  /** The next commit fails, and changes nothing. */
  failNext(reason: Reason = 'full'): void {
    this.#nextFailure = reason
  }

  /** The next commit is made, but its promise rejects with `closed`. */
  failNextAfterCommit(): void {
    this.#nextFailure = 'unknown'
  }

  /** Every call fails until `heal`. */
  failAll(reason: Reason = 'failed'): void {
    this.#lastingFailure = reason
  }

  heal(): void {
    this.#lastingFailure = undefined
    this.#nextFailure = undefined
  }

  /** The machine lost its power: what was appended as `relaxed` after the last `strict` commit is gone, and whoever had it open. */
  crash(): void {
    this.#epoch += 1
    for (const [number, { durability }] of [...this.#log].reverse()) {
      if (durability === 'strict') return
      this.#log.delete(number)
    }
  }

  /** @internal */
  claim(): number {
    this.#epoch += 1
    return this.#epoch
  }

  /** @internal Asks the disk for leave to do what changes nothing. */
  check(epoch?: number): void {
    if (this.#lastingFailure) throw new StorageError(this.#lastingFailure, 'the disk fails, as it was told')
    if (epoch !== undefined && epoch !== this.#epoch) {
      throw new StorageError('fenced', 'another storage was opened on this disk')
    }
  }

  /** @internal */
  commit(epoch: number, change: () => void): void {
    this.check(epoch)
    const failure = this.#nextFailure
    this.#nextFailure = undefined
    if (failure && failure !== 'unknown')
      throw new StorageError(failure, 'the disk fails once, as it was told')
    change()
    this.version += 1
    if (failure) throw new StorageError('closed', 'the disk tells nothing of a commit that it made')
  }

  /** The same on another disk: an image to go back to, or a clone. Whoever has this one open has not that one. */
  copy(): MemoryDisk {
    const copy = new MemoryDisk()
    copy.#checkpoint = [...this.#checkpoint]
    for (const [number, record] of this.#log) copy.#log.set(number, { ...record })
    copy.#spent = this.#spent
    copy.version = this.version
    return copy
  }

  /** What is there, whoever owns it. */
  state(): StoredState {
    return {
      checkpoint: this.#checkpoint.map((record) => record.slice()),
      log: [...this.#log].map(([number, { record }]) => ({ number, record: record.slice() })),
    }
  }

  get lastNumber(): number {
    return Math.max(this.#spent, ...this.#log.keys())
  }

  /** @internal */
  append(first: number, records: readonly Uint8Array[], durability: Durability): void {
    if (first !== this.lastNumber + 1) {
      throw new StorageError('failed', `record ${first} does not follow ${this.lastNumber}`)
    }
    for (const [index, record] of records.entries()) this.#log.set(first + index, { record, durability })
  }

  /** @internal */
  replaceCheckpoint(records: readonly Uint8Array[], upTo: number): void {
    this.#checkpoint = [...records]
    for (const number of [...this.#log.keys()]) if (number <= upTo) this.#log.delete(number)
    this.#spent = Math.max(this.#spent, upTo)
    for (const entry of this.#log.values()) entry.durability = 'strict' // a checkpoint waits for all before it
  }

  /** @internal */
  truncate(number: number): void {
    if (this.#spent > number) return
    for (const each of [...this.#log.keys()]) if (each > number) this.#log.delete(each)
    this.#spent = number + 1
  }
}

export class MemoryStorage implements Storage {
  readonly #disk: MemoryDisk
  readonly #epoch: number
  #isClosed = false

  /** Takes the disk from whoever had it open. */
  constructor(disk: MemoryDisk) {
    this.#disk = disk
    this.#epoch = disk.claim()
  }

  load(take: TakeStored): Promise<number> {
    return this.#look((disk) => {
      take(disk.state())
      return disk.lastNumber
    })
  }

  append(first: number, records: readonly Uint8Array[], durability: Durability): Promise<void> {
    if (records.length === 0) return Promise.resolve()
    const copies = records.map((record) => record.slice())
    return this.#commit((disk) => disk.append(first, copies, durability))
  }

  checkpoint(records: readonly Uint8Array[], upTo: number): Promise<void> {
    const copies = records.map((record) => record.slice())
    return this.#commit((disk) => disk.replaceCheckpoint(copies, upTo))
  }

  lastNumber(): Promise<number> {
    return this.#look((disk) => disk.lastNumber)
  }

  truncate(number: number): Promise<void> {
    return this.#commit((disk) => disk.truncate(number))
  }

  close(): Promise<void> {
    this.#isClosed = true
    return Promise.resolve()
  }

  async #look<T>(look: (disk: MemoryDisk) => T): Promise<T> {
    await this.#turn()
    this.#disk.check(this.#epoch)
    return look(this.#disk)
  }

  async #commit(change: (disk: MemoryDisk) => void): Promise<void> {
    await this.#turn()
    this.#disk.commit(this.#epoch, () => change(this.#disk))
  }

  /** Nothing on a disk happens within the call. */
  async #turn(): Promise<void> {
    await Promise.resolve()
    if (this.#isClosed) throw new StorageError('closed', 'this storage was closed')
  }
}
