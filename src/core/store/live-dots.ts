/**
 * Which dots are alive: per actor a set of counters as bits, 30 to a word (so that every word is a small integer
 * of the engine), and only the words that have any. A key costs a byte or two; what is alive within some rows is
 * known without a walk over all keys, which a pull would otherwise take several of.
 */
import type { Rows } from '../causality/context'
import type { Actor, Dot } from '../causality/dot'
import { eachInterval, type Intervals } from '../causality/intervals'

const WORD_BITS = 30

export class LiveDots {
  private readonly wordsByActor = new Map<Actor, Map<number, number>>()

  add({ actor, counter }: Dot): void {
    let words = this.wordsByActor.get(actor)
    if (words === undefined) {
      words = new Map()
      this.wordsByActor.set(actor, words)
    }
    const word = wordOf(counter)
    words.set(word, (words.get(word) ?? 0) | (1 << (counter - word * WORD_BITS)))
  }

  remove({ actor, counter }: Dot): void {
    const words = this.wordsByActor.get(actor)
    if (words === undefined) return
    const word = wordOf(counter)
    const rest = (words.get(word) ?? 0) & ~(1 << (counter - word * WORD_BITS))
    if (rest !== 0) words.set(word, rest)
    else if (words.delete(word) && words.size === 0) this.wordsByActor.delete(actor)
  }

  /** The dots alive that the rows have; actors without any are left out. */
  within(rows: Rows): Map<Actor, Intervals> {
    const alive = new Map<Actor, Intervals>()
    for (const [actor, row] of rows) {
      const words = this.wordsByActor.get(actor)
      if (words === undefined) continue
      const found = countersWithin(words, row)
      if (found.length > 0) alive.set(actor, found)
    }
    return alive
  }
}

function wordOf(counter: number): number {
  return Math.floor(counter / WORD_BITS)
}

function countersWithin(words: ReadonlyMap<number, number>, row: Intervals): number[] {
  const found: number[] = []
  let at = 0
  for (const word of wordsToLookAt(words, row)) {
    const first = word * WORD_BITS
    const last = first + WORD_BITS - 1
    while (at < row.length && (row[at + 1] as number) < first) at += 2
    let mask = 0
    for (let next = at; next < row.length && (row[next] as number) <= last; next += 2) {
      const from = Math.max(row[next] as number, first)
      mask |= ones(Math.min(row[next + 1] as number, last) - from + 1) << (from - first)
    }
    pushRuns(found, first, (words.get(word) ?? 0) & mask)
  }
  return found
}

/** The words that may have a counter of the row, ascending: by the row if that is short, otherwise all there are. */
function wordsToLookAt(words: ReadonlyMap<number, number>, row: Intervals): Iterable<number> {
  const ofRow: number[] = []
  for (const [from, to] of eachInterval(row)) {
    const [first, last] = [wordOf(from), wordOf(to)]
    if (last - first + ofRow.length >= words.size) return Float64Array.from(words.keys()).sort()
    for (let word = first; word <= last; word++) if (word !== ofRow.at(-1)) ofRow.push(word)
  }
  return ofRow
}

/** Appends the counters of a word, which are beyond all that are there. */
function pushRuns(row: number[], first: number, word: number): void {
  let bits = word
  while (bits !== 0) {
    const start = 31 - Math.clz32(bits & -bits)
    const run = 31 - Math.clz32(lowestZero(bits >>> start))
    const from = first + start
    if (row.length > 0 && row[row.length - 1] === from - 1) row[row.length - 1] = from + run - 1
    else row.push(from, from + run - 1)
    bits &= ~(ones(run) << start)
  }
}

/** The lowest bit that is not set, alone. */
function lowestZero(bits: number): number {
  return ~bits & (bits + 1)
}

/** So many low bits, 30 at the most. */
function ones(count: number): number {
  return (1 << count) - 1
}
