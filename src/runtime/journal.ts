/**
 * The journal: turns commits into durable log records, in order, in groups. What is asked to be durable first is
 * `strict`; what nobody waits for, peers' data, is left until no more of it comes, so that the disk doesn't slow down
 * what brings it, and then goes in pieces, so that the page stays awake. When the disk fails it reopens, looks up what
 * became of the commit of unknown outcome, and retries for a while; after that it says so, and the state is committed
 * whole once the disk is back (DESIGN 4.3).
 */
import { effectsOfState, encodeEffects, type FrozenState } from '../core/codec/record'
import { encodeRemoved } from '../core/codec/undo-record'
import { mergeEffects, type Effects } from '../core/store/effects'
import type { KeptValue, UndoBuffer } from '../core/store/undo-buffer'
import {
  GROUP_ENTRIES_MAX,
  LAZY_MS_MAX,
  LAZY_REST_MS,
  STORAGE_RETRY_EVERY_MS_MAX,
  STORAGE_RETRY_EVERY_MS_MIN,
  STORAGE_RETRY_MS,
} from '../core/limits'
import type { Loaded } from './load'
import type { LogContents } from './log-contents'
import { type Clock, type Storage, StorageError } from './ports'

export interface JournalEvents {
  /** All commits up to this sequence number are durable. Called before anything that waited for it goes on. */
  durable(sequence: number): void
  /** The disk has failed for long; what is not durable may have to be renamed. `lastNumber`: the last record known to be there. */
  failing(error: StorageError, lastNumber: number): void
  /** The disk works again, and memory was committed whole. */
  recovered(): void
  /** Another tab owns the replica now; nothing more will be written here. */
  fenced(): void
  /** The whole state of the replica as it is now. */
  freeze(): FrozenState
}

interface Pending {
  readonly sequence: number
  readonly effects: Effects
  /** It holds own writes. */
  readonly strict: boolean
  readonly addedAt: number
}

/** All that a checkpoint holds, as it was at one instant. */
interface Frozen {
  readonly state: FrozenState
  readonly removed: readonly KeptValue[]
}

/** A checkpoint that is ready to be written. */
interface Prepared {
  readonly records: readonly Uint8Array[]
  readonly upTo: number
  readonly contents: LogContents
}

export class Journal {
  private pending: Pending[] = []
  /** What is pending up to this commit waits for no more of its kind. */
  private dueUpTo = 0
  /** … nor does making it give the page turns that it may not live to see. */
  private hurriedUpTo = 0
  private cancelLater: (() => void) | undefined
  private sequence = 0
  private durableSequence = 0
  private wholeNeeded = false
  private running: Promise<void> | undefined
  /** The page came back while it was: the storage is looked at once it is done. */
  private probeDue = false
  private failure: StorageError | undefined
  private closed = false
  private endDelay: (() => void) | undefined
  private endTurn: (() => void) | undefined
  private waiters: { sequence: number; resolve: () => void; reject: (error: unknown) => void }[] = []
  private prepared: Prepared | undefined
  private preparing = false
  /** How often the state was committed whole: what was being prepared before is void then. */
  private wholes = 0

  private lastNumber: number
  private log: LogContents
  private checkpoint: LogContents
  private readonly undo: UndoBuffer
  private readonly recordPauseBytes: number

  constructor(
    private readonly storage: Storage,
    loaded: Loaded,
    private readonly clock: Clock,
    private readonly events: JournalEvents,
  ) {
    this.lastNumber = loaded.lastNumber
    this.log = loaded.logContents
    this.checkpoint = loaded.checkpointContents
    this.undo = loaded.undo
    this.recordPauseBytes = loaded.tuning.recordPauseBytes
  }

  /** The last commit that was added. */
  get latest(): number {
    return this.sequence
  }

  get failing(): boolean {
    return this.failure !== undefined
  }

  /** Takes a commit, `strict` if it holds own writes; returns its sequence number. It is written after the next `flush`. */
  add(effects: Effects, strict: boolean): number {
    this.pending.push({ sequence: ++this.sequence, effects, strict, addedAt: this.clock.steady() })
    if (strict) this.dueUpTo = this.sequence
    return this.sequence
  }

  /** The state was rewritten: it is to be committed whole. Returns the sequence number of that. */
  addWhole(): number {
    this.wholeNeeded = true
    this.pending = []
    return ++this.sequence
  }

  /** Begins to write what is pending, or waits if it may wait. */
  flush(): void {
    if (this.running !== undefined || this.closed || !this.hasWork()) return
    const waitMs = this.mayWaitMs()
    if (waitMs <= 0) this.start()
    else this.cancelLater ??= this.clock.wake(waitMs, () => this.waited())
  }

  /** The time is over; if more has come meanwhile, it may have begun anew. */
  private waited(): void {
    this.cancelLater = undefined
    this.flush()
  }

  /** Begins to write all that is pending: no more will come for a while. */
  writeNow(): void {
    this.dueUpTo = this.sequence
    this.flush()
  }

  /** The page may be about to vanish: writes all that is pending without giving it a turn, or waiting for one. */
  hurry(): void {
    this.hurriedUpTo = this.sequence
    this.endTurn?.()
    this.writeNow()
  }

  private start(): void {
    this.cancelLater?.()
    this.cancelLater = undefined
    this.dueUpTo = this.sequence
    this.occupy(this.run())
  }

  /** The storage takes one call at a time: until the work is done, nothing else is begun. */
  private occupy(work: Promise<void>): void {
    this.running = work
      .catch((cause: unknown) => this.broke(cause))
      .finally(() => {
        this.running = undefined
        this.flush()
        if (this.probeDue) this.probe()
      })
  }

  /** Resolves when everything up to `sequence` is durable; rejects with a StorageError once the disk is failing. */
  durable(sequence: number): Promise<void> {
    if (sequence <= this.durableSequence) return Promise.resolve()
    if (this.failure !== undefined) return Promise.reject(this.failure)
    if (this.closed) return Promise.reject(new StorageError('closed', 'the store was closed'))
    this.dueUpTo = Math.max(this.dueUpTo, sequence)
    queueMicrotask(() => this.flush())
    return new Promise((resolve, reject) => this.waiters.push({ sequence, resolve, reject }))
  }

  /** Looks whether the database is still there (the page slept), and reopens it; after what has to be written now. */
  probe(): void {
    this.probeDue = this.running !== undefined
    if (!this.probeDue && !this.closed) this.occupy(this.look())
  }

  private async look(): Promise<void> {
    try {
      await this.storage.lastNumber()
    } catch {
      // The next write retries, and tells if it stays so.
    }
  }

  /** Writes what is pending, gives up on what can't be written, and closes the storage. Settles once. */
  async close(): Promise<void> {
    if (this.closed) return
    for (this.writeNow(); this.running !== undefined && this.failure === undefined; this.writeNow())
      await this.running
    if (this.closed) return
    this.closed = true
    this.endDelay?.()
    await this.running // a try that is at the disk now, and fails or not
    await this.storage.close()
    this.rejectWaiters(new StorageError('closed', 'the store was closed'))
  }

  private hasWork(): boolean {
    return this.pending.length > 0 || this.wholeNeeded || this.prepared !== undefined
  }

  /** How long what is pending may wait: peers' data, that nobody asked for, until it rests. */
  private mayWaitMs(): number {
    const [first] = this.pending
    const last = this.pending.at(-1)
    if (this.wholeNeeded || this.prepared !== undefined || first === undefined || last === undefined) return 0
    if (first.sequence <= this.dueUpTo) return 0
    return Math.min(last.addedAt + LAZY_REST_MS, first.addedAt + LAZY_MS_MAX) - this.clock.steady()
  }

  private async run(): Promise<void> {
    do {
      if (this.wholeNeeded) await this.writeWhole()
      else if (this.prepared !== undefined) await this.writePrepared()
      else await this.writePending()
    } while (this.hasWork() && !this.closed && this.mayWaitMs() <= 0)
  }

  private async writePending(): Promise<void> {
    const taken = this.takeGroup()
    const durability = taken.some(({ strict }) => strict) ? 'strict' : 'relaxed'
    const merged = mergeEffects(taken.map(({ effects }) => effects))
    const removed = this.takeRemoved()
    const frozen = this.frozenIfWorthIt() // where more comes all the time, nothing is pending only now
    const records = await this.made(encodeEffects(merged), (taken[0] as Pending).sequence)
    const dropped = merged.entries.filter((change) => 'dropped' in change).length
    this.log.add(records, merged.entries.length - dropped, dropped)
    records.push(...removed)
    const first = this.lastNumber + 1
    const last = this.lastNumber + records.length
    const write = () => this.storage.append(first, records, durability)
    const written = await this.persist(write, async () => (await this.storage.lastNumber()) >= last)
    if (!written) return
    this.lastNumber = last
    this.settle((taken.at(-1) as Pending).sequence)
    const compacted = frozen ?? this.frozenIfWorthIt()
    if (compacted !== undefined) void this.prepare(compacted, last)
  }

  private async writeWhole(): Promise<void> {
    const sequence = this.sequence
    this.wholeNeeded = false
    this.wholes += 1
    this.pending = []
    this.prepared = undefined
    this.undo.takeUnwritten() // the whole has it too
    const frozen = this.freeze()
    const records = await this.made(recordsOf(frozen), sequence)
    const write = async () => {
      // The log may have more than we know of: a commit of unknown outcome, that the whole stands for. And it is one
      // beyond: a testimony of before, should the machine come back with that, asks to forget nothing that is later.
      this.lastNumber = (await this.storage.lastNumber()) + 1
      await this.storage.checkpoint(records, this.lastNumber)
    }
    const written = await this.persist(write, () => Promise.resolve(false))
    if (!written) {
      this.wholeNeeded = true
      return
    }
    this.log = this.log.emptied()
    this.checkpoint = this.contentsOf(records, frozen)
    this.settle(sequence)
  }

  /** What the commits that were just taken removed by others' doing, as records of the same append. */
  private takeRemoved(): Uint8Array[] {
    const removed = this.undo.takeUnwritten()
    const records = [...encodeRemoved(removed)]
    this.log.add(records, removed.length)
    this.log.letGo(this.undo.takeLetGo())
    return records
  }

  /** What is pending, in order, up to so many entries; no commit is parted, nor from what it removed and is kept. */
  private takeGroup(): Pending[] {
    let entries = 0
    const beyond = this.pending.findIndex(({ effects }, at) => {
      entries += effects.entries.length
      return at > 0 && entries > GROUP_ENTRIES_MAX && !this.undo.hasUnwritten
    })
    return this.pending.splice(0, beyond < 0 ? this.pending.length : beyond)
  }

  /**
   * The page stays awake meanwhile, unless the commits from `first` on are hurried; absent: nothing hurries them.
   * Whatever is pending was taken before, or is frozen.
   */
  private async made(records: Iterable<Uint8Array>, first = Number.POSITIVE_INFINITY): Promise<Uint8Array[]> {
    const made: Uint8Array[] = []
    for (const record of records) {
      made.push(record)
      if (record.length >= this.recordPauseBytes && first > this.hurriedUpTo) await this.turn()
    }
    return made
  }

  /** For the page, unless it is hurried meanwhile: in one that vanishes no turn ever comes. */
  private turn(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.endTurn = resolve
      this.clock.pause().then(resolve, reject)
    })
  }

  // Compaction

  /** All there is, if the log is worth compacting; only with nothing pending is memory what it holds. */
  private frozenIfWorthIt(): Frozen | undefined {
    const { preparing, prepared, log, checkpoint } = this
    if (this.pending.length > 0 || this.wholeNeeded || preparing || prepared !== undefined) return undefined
    return log.isWorthCompacting(checkpoint) ? this.freeze() : undefined
  }

  /** Writes go on while a checkpoint is made. */
  private async prepare(frozen: Frozen, upTo: number): Promise<void> {
    this.preparing = true
    const { wholes } = this
    this.log = this.log.emptied() // of what comes after
    const records = await this.made(recordsOf(frozen)).finally(() => (this.preparing = false))
    if (this.wholeNeeded || this.wholes !== wholes || this.closed) return
    this.prepared = { records, upTo, contents: this.contentsOf(records, frozen) }
    this.flush()
  }

  private async writePrepared(): Promise<void> {
    const { records, upTo, contents } = this.prepared as Prepared
    this.prepared = undefined
    try {
      await this.storage.checkpoint(records, upTo)
      this.checkpoint = contents
      const again = this.frozenIfWorthIt() // what came meanwhile may have undone most of it
      if (again !== undefined) void this.prepare(again, this.lastNumber)
    } catch (error) {
      if (error instanceof StorageError && error.reason === 'fenced') this.fence()
      // Otherwise nothing is lost: the log still holds it all, and the next compaction tries again.
    }
  }

  private contentsOf(records: readonly Uint8Array[], { state, removed }: Frozen): LogContents {
    const contents = this.checkpoint.emptied()
    contents.add(records, state.entries.length + removed.length)
    return contents
  }

  private freeze(): Frozen {
    return { state: this.events.freeze(), removed: this.undo.values() }
  }

  // Failure

  /** Writes, with retries; true when it is durable, false when the disk is failing or the slot is lost. */
  private async persist(write: () => Promise<void>, happened: () => Promise<boolean>): Promise<boolean> {
    const since = this.clock.steady()
    for (let attempt = 0; !this.closed; attempt++) {
      const error = await this.attempt(write, happened)
      if (error === undefined) {
        if (this.failure !== undefined) {
          this.failure = undefined
          this.events.recovered()
        }
        return true
      }
      if (error.reason === 'fenced') {
        this.fence()
        return false
      }
      if (this.closed) return false
      if (this.failure !== undefined) {
        await this.delay(STORAGE_RETRY_EVERY_MS_MAX)
        return false // the next try is with the state of then
      }
      if (this.clock.steady() - since >= STORAGE_RETRY_MS) {
        this.fail(error)
        return false
      }
      await this.delay(retryDelayMs(attempt))
    }
    return false
  }

  private async attempt(
    write: () => Promise<void>,
    happened: () => Promise<boolean>,
  ): Promise<StorageError | undefined> {
    try {
      await write()
      return undefined
    } catch (cause) {
      const error =
        cause instanceof StorageError ? cause : new StorageError('failed', String(cause), { cause })
      if (error.reason === 'fenced') return error
      try {
        return (await happened()) ? undefined : error
      } catch {
        return error // still no disk: what failed first says more
      }
    }
  }

  /** What is not durable is told so, and memory is committed whole once the disk works again. */
  private fail(error: StorageError): void {
    this.failure = error
    this.wholeNeeded = true
    this.events.failing(error, this.lastNumber)
    this.rejectWaiters(error)
  }

  /** A commit could not even be made, for want of memory perhaps: what was taken for it is in no record. */
  private async broke(cause: unknown): Promise<void> {
    if (this.closed) return
    console.error('fofoca: a commit could not be made', cause)
    this.wholeNeeded = true
    if (this.failure === undefined) this.fail(new StorageError('failed', String(cause), { cause }))
    await this.delay(STORAGE_RETRY_EVERY_MS_MAX)
  }

  /** Until the next try, unless the journal is closed before. */
  private delay(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.endDelay = resolve
      this.clock.wake(delayMs, resolve)
    })
  }

  private fence(): void {
    this.closed = true
    this.events.fenced()
    this.rejectWaiters(new StorageError('fenced', 'another tab owns this replica now'))
  }

  private settle(sequence: number): void {
    this.durableSequence = Math.max(this.durableSequence, sequence)
    this.events.durable(this.durableSequence)
    const done = this.waiters.filter((waiter) => waiter.sequence <= sequence)
    this.waiters = this.waiters.filter((waiter) => waiter.sequence > sequence)
    for (const { resolve } of done) resolve()
  }

  private rejectWaiters(error: StorageError): void {
    const rejected = this.waiters
    this.waiters = []
    for (const { reject } of rejected) reject(error)
  }
}

function* recordsOf({ state, removed }: Frozen): Iterable<Uint8Array> {
  yield* encodeEffects(effectsOfState(state))
  yield* encodeRemoved(removed)
}

/** 50 ms, doubling, up to the limit. */
export function retryDelayMs(attempt: number): number {
  return Math.min(STORAGE_RETRY_EVERY_MS_MAX, STORAGE_RETRY_EVERY_MS_MIN * 2 ** attempt)
}
