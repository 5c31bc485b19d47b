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
}

/** Lets something happen in the page, if it lives and once it is awake. */
type Resume = (happen: () => void) => void

/** What is told to a page that is gone. */
const never = Symbol('never')

export class Disk {
  private done: (Done & { readonly at: number })[] = []
  private safe = 0
  private endsAt = 0
  /** What is under way, in order: a crash decides how much of it happens. */
  private underWay: (readonly Done[])[] = []
  private failsUntil = 0
  private isDead = false
  private forgetsToTell: { readonly failsMs: number } | undefined
  private inTheMiddle: { what: 'commit' | 'checkpoint'; callback: () => void } | undefined

  constructor(
    private readonly timeline: Timeline,
    private readonly random: Seeded,
  ) {}

  /** Opens it for one life of a page. `overlapped` hears of what is begun while something else is under way. */
  open(resume: Resume, overlapped: () => void): Storage {
    let isBusy = false
    const alone = <Result>(work: Promise<Result>): Promise<Result> => {
      if (isBusy) overlapped()
      isBusy = true
      return work.finally(() => (isBusy = false))
    }
    return {
      load: (take) =>
        alone(
          this.read(resume, () => {
            this.hand(this.contents(), take)
            return this.lastNumber()
          }),
        ),
      append: (first, records, durability) =>
        alone(this.change(resume, { type: 'append', first, records: copied(records) }, durability)),
      checkpoint: (records, upTo) =>
        alone(this.change(resume, { type: 'checkpoint', records: copied(records), upTo }, 'strict')),
      truncate: (number) => alone(this.change(resume, { type: 'truncate', number }, 'strict')),
      lastNumber: () => alone(this.read(resume, () => this.lastNumber())),
      close: () => alone(Promise.resolve()),
    }
  }

  /** All that it holds now, without a page that asks. */
  look(take: TakeStored): void {
    this.hand(this.contents(), take)
  }

  /** The page is gone; with the power, what was not synced may be too. */
  crash(power: boolean): void {
    const { underWay } = this
    this.underWay = []
    this.inTheMiddle = undefined
    const steps =
      this.timeline.now < this.failsUntil ? [] : underWay.flat().filter((step) => this.follows(step))
    this.push(steps.slice(0, this.random.integer(0, steps.length)))
    if (power) this.done.length = this.random.integer(this.safe, this.done.length)
    this.safe = this.done.length
    this.endsAt = this.timeline.now
  }

  /** Calls back once, in the middle of the next commit, or of the next checkpoint. */
  onceWriting(what: 'commit' | 'checkpoint', callback: () => void): void {
    this.inTheMiddle = { what, callback }
  }

  /** It is as it was then. */
  goBackTo(then: number): void {
    this.done = this.done.filter(({ at }) => at <= then)
    this.safe = this.done.length
  }

  /** It is as the other one is now. */
  becomeCopyOf(other: Disk): void {
    this.done = [...other.done]
    this.safe = this.done.length
  }

  fail(forMs: number, dead: boolean): void {
    this.failsUntil = this.timeline.now + forMs
    this.isDead = dead
  }

  /** Of the next commit, and can't be asked for so long either. */
  forgetToTell(failsMs: number): void {
    this.forgetsToTell = { failsMs }
  }

  heal(): void {
    this.failsUntil = 0
    this.forgetsToTell = undefined
  }

  // Parts

  private async change(resume: Resume, change: Done, durability: Durability): Promise<void> {
    const steps = this.stepsOf(change)
    this.underWay.push(steps)
    const writing = this.wait(resume, () => {
      const place = this.underWay.indexOf(steps)
      if (place < 0) return never // the page crashed meanwhile
      this.underWay.splice(place, 1)
      if (this.timeline.now < this.failsUntil) return () => this.refuse()
      if (!this.follows(change)) return () => this.refuse()
      this.push(steps)
      if (durability === 'strict') this.safe = this.done.length
      const { forgetsToTell } = this
      this.forgetsToTell = undefined
      if (forgetsToTell !== undefined && forgetsToTell.failsMs > 0) this.fail(forgetsToTell.failsMs, true)
      return () => {
        if (forgetsToTell !== undefined)
          throw new StorageError('closed', 'the disk tells nothing of a commit that it made')
      }
    })
    const { inTheMiddle } = this
    if (inTheMiddle?.what === 'commit' || inTheMiddle?.what === change.type) {
      this.inTheMiddle = undefined
      this.timeline.at(this.random.between(this.timeline.now, this.endsAt), inTheMiddle.callback)
    }
    await writing
  }

  private push(steps: readonly Done[]): void {
    for (const step of steps) this.done.push({ ...step, at: this.timeline.now })
  }

  /** Records under numbers that are taken, or that leave some out, are refused. */
  private follows(step: Done): boolean {
    return step.type !== 'append' || step.first === this.lastNumber() + 1
  }

  /** A transaction is one step: there is no part of it. */
  private stepsOf(change: Done): readonly Done[] {
    return [change]
  }

  private read<Result>(resume: Resume, of: () => Result): Promise<Result> {
    return this.wait(resume, () => () => {
      if (this.timeline.now < this.failsUntil && this.isDead) this.refuse()
      return of()
    })
  }

  private refuse(): never {
    throw new StorageError(this.isDead ? 'failed' : 'full', 'the disk fails, as it was told')
  }

  /** `end` happens on the disk, and what it returns in the page, once that is awake. */
  private wait<Result>(resume: Resume, end: () => (() => Result) | typeof never): Promise<Result> {
    const { timeline, random } = this
    const takesMs = random.between(0.3, random.chance(0.1) ? 400 : 8)
    this.endsAt = Math.max(this.endsAt, timeline.now) + takesMs
    return new Promise((resolve, reject) => {
      timeline.at(this.endsAt, () => {
        const tell = end()
        if (tell === never) return
        resume(() => {
          try {
            resolve(tell())
          } catch (error) {
            reject(error)
          }
        })
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
    let spent = 0
    for (const step of this.done) {
      switch (step.type) {
        case 'append':
          for (const [index, record] of step.records.entries())
            log.push({ number: step.first + index, record })
          break
        case 'checkpoint':
          checkpoint = step.records
          log = log.filter(({ number }) => number > step.upTo)
          spent = Math.max(spent, step.upTo)
          break
        case 'truncate':
          if (spent > step.number) break
          log = log.filter(({ number }) => number <= step.number)
          spent = step.number + 1
          break
      }
    }
    return { checkpoint: [...checkpoint], log }
  }

  private lastNumber(): number {
    let [last, spent] = [0, 0]
    for (const step of this.done) {
      if (step.type === 'append') last = step.first + step.records.length - 1
      else if (step.type === 'checkpoint') spent = Math.max(spent, step.upTo)
      else if (spent <= step.number) last = spent = step.number + 1
      last = Math.max(last, spent)
    }
    return last
  }
}

function copied(records: readonly Uint8Array[]): Uint8Array[] {
  return records.map((record) => record.slice())
}
