/**
 * The causal context `C` of a replica: every dot that it knows, alive or not, as intervals per actor
 * (the dot set of Almeida, Shoker & Baquero, *Delta State Replicated Data Types*, JPDC 2018, section 7).
 * It only grows. Its hash is recomputed lazily, row by row, since equal contexts are compared now and then
 * while dots are added all the time.
 */
import type { Actor, Dot } from './dot'
import { type Hash128, hashText, SetFingerprint } from './hash'
import {
  addInterval,
  countOf,
  difference,
  eachInterval,
  hasCounter,
  hasInterval,
  type Intervals,
  union,
} from './intervals'

/** Rows of a context, or of a part of one. */
export type Rows = ReadonlyMap<Actor, Intervals>

export class CausalContext {
  private readonly rowByActor = new Map<Actor, number[]>()
  private readonly fingerprint = new SetFingerprint()
  /** What `fingerprint` holds of each row. */
  private readonly hashedTextByActor = new Map<Actor, string>()
  private readonly stale = new Set<Actor>()

  static from(rows: Iterable<readonly [Actor, Intervals]>): CausalContext {
    const context = new CausalContext()
    for (const [actor, row] of rows) context.addRow(actor, row)
    return context
  }

  has(dot: Dot): boolean {
    return this.hasCounter(dot.actor, dot.counter)
  }

  hasCounter(actor: Actor, counter: number): boolean {
    const row = this.rowByActor.get(actor)
    return row !== undefined && hasCounter(row, counter)
  }

  /** Whether every dot of the actor up to `counter` is known. */
  hasUpTo(actor: Actor, counter: number): boolean {
    const row = this.rowByActor.get(actor)
    return row !== undefined && hasInterval(row, 1, counter)
  }

  row(actor: Actor): Intervals {
    return this.rowByActor.get(actor) ?? []
  }

  rows(): Rows {
    return this.rowByActor
  }

  /** Rows that later additions don't touch. */
  copyRows(): Map<Actor, Intervals> {
    return new Map([...this.rowByActor].map(([actor, row]) => [actor, row.slice()]))
  }

  get size(): number {
    return this.rowByActor.size
  }

  /** The highest counter known of the actor; 0 if none. */
  highest(actor: Actor): number {
    return this.rowByActor.get(actor)?.at(-1) ?? 0
  }

  /** The highest counter up to which nothing of the actor is missing; 0 if its first is. */
  gapFreeUpTo(actor: Actor): number {
    const row = this.rowByActor.get(actor)
    return row !== undefined && row[0] === 1 ? (row[1] as number) : 0
  }

  add(actor: Actor, from: number, to: number): void {
    let row = this.rowByActor.get(actor)
    if (row === undefined) {
      row = []
      this.rowByActor.set(actor, row)
    }
    addInterval(row, from, to)
    this.stale.add(actor)
  }

  addRow(actor: Actor, row: Intervals): void {
    for (const [from, to] of eachInterval(row)) this.add(actor, from, to)
  }

  /** Order of actors and history of additions don't matter: a function of the set alone. */
  hash(): Hash128 {
    for (const actor of this.stale) {
      const before = this.hashedTextByActor.get(actor)
      if (before !== undefined) this.fingerprint.remove(before)
      const text = `${actor}:${this.row(actor).join(',')}`
      this.fingerprint.add(text)
      this.hashedTextByActor.set(actor, text)
    }
    this.stale.clear()
    return hashText(this.fingerprint.value().join())
  }
}

/** What `a` has and `b` has not; actors with nothing left are left out. */
export function differenceOfRows(a: Rows, b: Rows): Map<Actor, Intervals> {
  const left = new Map<Actor, Intervals>()
  for (const [actor, row] of a) {
    const rest = difference(row, b.get(actor) ?? [])
    if (rest.length > 0) left.set(actor, rest)
  }
  return left
}

export function unionOfRows(a: Rows, b: Rows): Map<Actor, Intervals> {
  const joined = new Map(a)
  for (const [actor, row] of b) joined.set(actor, union(joined.get(actor) ?? [], row))
  return joined
}

export function rowsHave(rows: Rows, actor: Actor, counter: number): boolean {
  const row = rows.get(actor)
  return row !== undefined && hasCounter(row, counter)
}

/** How many dots the rows hold. */
export function countOfRows(rows: Rows): number {
  let count = 0
  for (const row of rows.values()) count += countOf(row)
  return count
}
