/**
 * A disk with one replica's log and checkpoint, as `Storage` promises it: one operation at a time, all of it or
 * nothing. What it has done is a list, of which a loss of power leaves a prefix: all up to the last strict one,
 * and of those after it as many as chance will have. It fails when it is told to.
 */
import { type Durability, type Storage, StorageError, type TakeStored } from '../runtime/ports'
import type { Seeded } from './seeded'
import type { Timeline } from './timeline'

type Done =
  | { readonly type: 'append'; readonly first: number; readonly records: readonly Uint8Array[] }
  | { readonly type: 'checkpoint'; readonly records: readonly Uint8Array[]; readonly upTo: number }
  | { readonly type: 'truncate'; readonly number: number }

interface Contents {
  readonly checkpoint: Uint8Array[]
  readonly log: { number: number; record: Uint8Array }[]
  readonly lastNumber: number
}

export class Disk {
  private done: Done[] = []
  private safe = 0
  private endsAt = 0
  /** What is under way, in order: a crash decides how much of it happens. */
  private underWay: (() => void)[] = []
  private failsUntil = 0
  private isDead = false
  private forgetsToTell = false

  constructor(
    private readonly timeline: Timeline,
    private readonly random: Seeded,
  ) {}

  /** Opens it for one life of a page: whatever `resume` is given happens in that page, if it lives and is awake. */
  open(resume: (happen: () => void) => void): Storage {
    return {
      load: (take) => this.work(resume, true, (contents) => this.hand(contents(), take)),
      append: (first, records, durability) =>
        this.change(resume, { type: 'append', first, records: copied(records) }, durability),
      checkpoint: (records, upTo) =>
        this.change(resume, { type: 'checkpoint', records: copied(records), upTo }, 'strict'),
      truncate: (number) => this.change(resume, { type: 'truncate', number }, 'strict'),
      lastNumber: () => this.work(resume, true, (contents) => contents().lastNumber),
      close: () => Promise.resolve(),
    }
  }

  /** The page is gone; with the power, what was not synced may be too. */
  crash(power: boolean): void {
    const { underWay } = this
    this.underWay = []
    for (const happen of underWay.slice(0, this.random.integer(0, underWay.length))) happen()
    if (power) this.done.length = this.random.integer(this.safe, this.done.length)
    this.safe = this.done.length
    this.endsAt = this.timeline.now
  }

  fail(forMs: number, dead: boolean): void {
    this.failsUntil = this.timeline.now + forMs
    this.isDead = dead
  }

  forgetToTell(): void {
    this.forgetsToTell = true
  }

  heal(): void {
    this.failsUntil = 0
    this.forgetsToTell = false
  }

  // Parts

  private change(resume: (happen: () => void) => void, change: Done, durability: Durability): Promise<void> {
    return this.work(resume, false, () => {
      this.apply(change)
      if (durability === 'strict') this.safe = this.done.length
      if (!this.forgetsToTell) return
      this.forgetsToTell = false
      throw new StorageError('closed', 'the disk tells nothing of a commit that it made')
    })
  }

  private apply(change: Done): void {
    this.done.push(change)
  }

  private work<Result>(
    resume: (happen: () => void) => void,
    isReading: boolean,
    action: (contents: () => Contents) => Result,
  ): Promise<Result> {
    const { timeline, random } = this
    const takesMs = random.between(0.3, random.chance(0.1) ? 400 : 8)
    this.endsAt = Math.max(this.endsAt, timeline.now) + takesMs
    return new Promise<Result>((resolve, reject) => {
      const happen = (): (() => void) => {
        if (timeline.now < this.failsUntil && (this.isDead || !isReading)) {
          const error = new StorageError(this.isDead ? 'failed' : 'full', 'the disk fails, as it was told')
          return () => reject(error)
        }
        try {
          const result = action(() => this.contents())
          return () => resolve(result)
        } catch (error) {
          return () => reject(error)
        }
      }
      const start = () => void happen()
      if (!isReading) this.underWay.push(start)
      timeline.at(this.endsAt, () => {
        if (isReading) return resume(() => happen()())
        const place = this.underWay.indexOf(start)
        if (place < 0) return // the page crashed meanwhile
        this.underWay.splice(place, 1)
        resume(happen())
      })
    })
  }

  private hand({ checkpoint, log }: Contents, take: TakeStored): void {
    const half = Math.floor(checkpoint.length / 2)
    take({ checkpoint: checkpoint.slice(0, half), log: [] })
    take({ checkpoint: checkpoint.slice(half), log })
  }

  private contents(): Contents {
    let checkpoint: readonly Uint8Array[] = []
    let log: { number: number; record: Uint8Array }[] = []
    let checkpointed = 0
    for (const step of this.done) {
      switch (step.type) {
        case 'append':
          for (const [index, record] of step.records.entries())
            log.push({ number: step.first + index, record })
          break
        case 'checkpoint':
          checkpoint = step.records
          checkpointed = step.upTo
          log = log.filter(({ number }) => number > step.upTo)
          break
        case 'truncate':
          log = log.filter(({ number }) => number <= step.number)
          break
      }
    }
    return { checkpoint: [...checkpoint], log, lastNumber: log.at(-1)?.number ?? checkpointed }
  }
}

function copied(records: readonly Uint8Array[]): Uint8Array[] {
  return records.map((record) => record.slice())
}
