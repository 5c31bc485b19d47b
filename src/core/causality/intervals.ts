/**
 * Sets of counters as intervals, `[from, to, from, to, …]`: ascending, disjoint, not touching, both ends included.
 * That form is the only one of a set, so equal sets are equal arrays. All verbs are pure but `addInterval`,
 * which grows a row in place, because a newcomer adds tens of thousands of counters one after the other.
 */
export type Intervals = readonly number[]

/** Whether `raw` is in the one form that a set has: positive safe integers, ascending, disjoint, not touching. */
export function isIntervals(raw: readonly unknown[]): raw is Intervals {
  if (raw.length % 2 !== 0) return false
  let previous = -1 // so that the first interval may begin at 1
  for (let at = 0; at < raw.length; at += 2) {
    const from = raw[at]
    const to = raw[at + 1]
    if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to)) return false
    if ((from as number) < previous + 2 || (to as number) < (from as number)) return false
    previous = to as number
  }
  return true
}

/** The place in `row` of the first interval that ends at or after `counter`; `row.length` if none does. */
export function placeOf(row: Intervals, counter: number): number {
  let low = 0
  let high = row.length / 2
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((row[2 * middle + 1] as number) < counter) low = middle + 1
    else high = middle
  }
  return 2 * low
}

export function hasCounter(row: Intervals, counter: number): boolean {
  const at = placeOf(row, counter)
  return at < row.length && (row[at] as number) <= counter
}

/** Whether every counter of `from … to` is in the set. */
export function hasInterval(row: Intervals, from: number, to: number): boolean {
  const at = placeOf(row, from)
  return at < row.length && (row[at] as number) <= from && (row[at + 1] as number) >= to
}

/** Adds `from … to` in place. */
export function addInterval(row: number[], from: number, to: number): void {
  const last = row.length - 1
  if (last < 0 || from > (row[last] as number) + 1) {
    row.push(from, to)
    return
  }
  const first = placeOf(row, from - 1)
  let end = first
  let low = from
  let high = to
  while (end < row.length && (row[end] as number) <= to + 1) {
    low = Math.min(low, row[end] as number)
    high = Math.max(high, row[end + 1] as number)
    end += 2
  }
  if (end === first + 2) {
    row[first] = low
    row[first + 1] = high
  } else {
    row.splice(first, end - first, low, high)
  }
}

export function* eachInterval(row: Intervals): Iterable<[from: number, to: number]> {
  for (let at = 0; at < row.length; at += 2) yield [row[at] as number, row[at + 1] as number]
}

/** Union. Commutative, associative, idempotent. */
export function union(a: Intervals, b: Intervals): number[] {
  const [larger, smaller] = a.length >= b.length ? [a, b] : [b, a]
  const joined = [...larger]
  for (const [from, to] of eachInterval(smaller)) addInterval(joined, from, to)
  return joined
}

/** The counters of `a` that are not in `b`. */
export function difference(a: Intervals, b: Intervals): number[] {
  const left: number[] = []
  let inB = 0
  for (const [from, to] of eachInterval(a)) {
    let low = from
    while (inB < b.length && (b[inB + 1] as number) < low) inB += 2
    let at = inB
    while (at < b.length && (b[at] as number) <= to) {
      if ((b[at] as number) > low) left.push(low, (b[at] as number) - 1)
      low = (b[at + 1] as number) + 1
      at += 2
    }
    if (low <= to) left.push(low, to)
  }
  return left
}

/** The counters that are in both. Commutative, associative, idempotent. */
export function intersection(a: Intervals, b: Intervals): number[] {
  const both: number[] = []
  let inA = 0
  let inB = 0
  while (inA < a.length && inB < b.length) {
    const [endOfA, endOfB] = [a[inA + 1] as number, b[inB + 1] as number]
    const from = Math.max(a[inA] as number, b[inB] as number)
    const to = Math.min(endOfA, endOfB)
    if (from <= to) both.push(from, to)
    if (endOfA < endOfB) inA += 2
    else inB += 2
  }
  return both
}

/** How many counters the set has. */
export function countOf(row: Intervals): number {
  let count = 0
  for (const [from, to] of eachInterval(row)) count += to - from + 1
  return count
}
