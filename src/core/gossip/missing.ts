/**
 * Dots that neighbours have announced and nobody has brought yet. Each is asked for once it has been missing for a
 * while; of two that announced it the second is asked if the first does not answer. Bounded: what finds no room is
 * left to anti-entropy.
 */
import { CausalContext, differenceOfRows, type Rows } from '../causality/context'
import { ANNOUNCED_INTERVALS_MAX, ANNOUNCEMENTS_MAX, MISSING_AFTER_MS } from '../limits'
import type { LinkId } from './link'

export class Missing {
  /** In order of `dueAt`. */
  private announced: { link: LinkId; rows: Rows; intervals: number; dueAt: number }[] = []
  private intervals = 0
  private asked = new CausalContext()
  private askedAt = Number.NEGATIVE_INFINITY

  announce(link: LinkId, rows: Rows, now: number): void {
    const intervals = intervalsOf(rows)
    if (rows.size === 0 || this.announced.length >= ANNOUNCEMENTS_MAX) return
    if (this.intervals + intervals > ANNOUNCED_INTERVALS_MAX) return
    this.intervals += intervals
    this.announced.push({ link, rows, intervals, dueAt: now + MISSING_AFTER_MS })
  }

  get dueAt(): number {
    return this.announced[0]?.dueAt ?? Number.POSITIVE_INFINITY
  }

  /** Takes what is to be asked for now. `known`: what we have. */
  takeDue(known: Rows, now: number): { link: LinkId; rows: Rows }[] {
    if (this.askedAt + MISSING_AFTER_MS <= now) this.asked = new CausalContext()
    const due: { link: LinkId; rows: Rows }[] = []
    for (let next = this.announced[0]; next !== undefined && next.dueAt <= now; next = this.announced[0]) {
      this.announced.shift()
      this.intervals -= next.intervals
      const missing = differenceOfRows(next.rows, known)
      const rows = differenceOfRows(missing, this.asked.rows())
      this.announce(next.link, differenceOfRows(missing, rows), now)
      if (rows.size === 0) continue
      for (const [actor, row] of rows) this.asked.addRow(actor, row)
      this.askedAt = now
      due.push({ link: next.link, rows })
    }
    return due
  }

  ended(link: LinkId): void {
    this.announced = this.announced.filter((announcement) => announcement.link !== link)
    this.intervals = this.announced.reduce((sum, { intervals }) => sum + intervals, 0)
  }
}

function intervalsOf(rows: Rows): number {
  let intervals = 0
  for (const row of rows.values()) intervals += row.length / 2
  return intervals
}
