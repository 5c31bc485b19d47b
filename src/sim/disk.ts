/**
 * A disk with the log of one replica. Commits end in order, some time after they were given; a crash leaves a
 * prefix of them: all up to the last strict one that ended, and of those after it as many as chance will have.
 */
import type { Seeded } from './seeded'
import type { Timeline } from './timeline'

export interface Commit {
  readonly records: readonly Uint8Array[]
  /** It is the whole state: what was before it does not count any more. */
  readonly whole: boolean
}

export class Disk {
  private commits: Commit[] = []
  private safe = 0
  private endsAt = 0
  private crashes = 0

  constructor(
    private readonly timeline: Timeline,
    private readonly random: Seeded,
  ) {}

  /** `durable` is called once a strict commit, and so all before it, can't be lost any more. Returns its number. */
  append(commit: Commit, strict: boolean, durable: () => void): number {
    const number = this.commits.push(commit)
    const { crashes } = this
    this.endsAt =
      Math.max(this.endsAt, this.timeline.now) + this.random.between(0.3, this.random.chance(0.1) ? 400 : 8)
    this.timeline.at(this.endsAt, () => {
      if (!strict || crashes !== this.crashes) return
      this.safe = number
      durable()
    })
    return number
  }

  /** Returns the number of the last commit that is left. */
  crash(): number {
    this.crashes++
    this.endsAt = this.timeline.now
    this.commits.length = this.random.integer(this.safe, this.commits.length)
    this.safe = this.commits.length
    return this.safe
  }

  /** What can't be lost any more. */
  safeRecords(): Uint8Array[] {
    const commits = this.commits.slice(0, this.safe)
    const from = commits.findLastIndex(({ whole }) => whole)
    return commits.slice(Math.max(0, from)).flatMap(({ records }) => records)
  }
}
