/**
 * A set in a few cells, from which whoever has a similar set finds the difference: an invertible Bloom lookup table
 * (Eppstein, Goodrich, Uyeda & Varghese, *What's the Difference? Efficient Set Reconciliation without Prior Context*,
 * SIGCOMM 2011). An element is in one cell of each third; a cell that is left with a single element gives it away,
 * which takes it out of two others, and so on. Some 64 cells give 10 differences away in 99 % of cases, 256 give 150,
 * 1,024 give 700, however large the sets are. Which differences are too many is luck, and another salt is other luck.
 *
 * A decoding is right or it is none: a single element is known by a check of 32 bits, the whole by the number of
 * elements and a fingerprint of the set.
 */
import { hashWords } from '../causality/hash'
import { Malformed, type Reader, type Writer } from '../codec/bytes'
import { SKETCH_CELLS_MAX } from '../limits'

/** What sketched sets consist of: four unsigned 32-bit integers. Small ones make a small sketch. */
export type Element = readonly [number, number, number, number]

export interface Difference {
  readonly theirs: readonly Element[]
  readonly ours: readonly Element[]
}

const THIRDS = 3
/** Of a cell: the exclusive or of its elements and of their checks, and how many they are, modulo 2^32. */
const LANES = 6
const CHECK = 4
const COUNT = 5
/** Of a cell on the wire, at the least: five integers of a byte, and the check. */
export const CELL_BYTES_MIN = 9

/** The hash of the element that was last looked at: its place in each third, and its check. */
const hash = new Uint32Array(4)

export class Sketch {
  private readonly lanes: Uint32Array
  private readonly fingerprint = new Uint32Array(4)
  private count = 0

  /** `cells` is a multiple of 3, at least 3; `salt` an unsigned 32-bit integer. */
  constructor(
    readonly cells: number,
    readonly salt: number,
  ) {
    this.lanes = new Uint32Array(cells * LANES)
  }

  /** Adds an element that is not in the set yet. */
  add(a: number, b: number, c: number, d: number): void {
    hashWords(a, b, c, d, this.salt, hash)
    this.count += 1
    const { fingerprint } = this
    for (let lane = 0; lane < 4; lane++)
      fingerprint[lane] = (fingerprint[lane] as number) + (hash[lane] as number)
    for (let third = 0; third < THIRDS; third++) this.toggle(this.place(third), a, b, c, d, 1)
  }

  /**
   * What their set has and ours has not, and the reverse; undefined if the sketches don't tell. Both have as many
   * cells and the same salt. Takes time in proportion to the cells, whatever is in them.
   */
  static difference(theirs: Sketch, ours: Sketch): Difference | undefined {
    const rest = new Sketch(theirs.cells, theirs.salt)
    for (let at = 0; at < rest.lanes.length; at++) {
      const [a, b] = [theirs.lanes[at] as number, ours.lanes[at] as number]
      rest.lanes[at] = at % LANES === COUNT ? a - b : a ^ b
    }
    const found = rest.takeApart()
    return found !== undefined && isWhole(found, theirs, ours) ? found : undefined
  }

  /** The numbers that tell whether a decoding is right. */
  get total(): { readonly count: number; readonly fingerprint: Uint32Array } {
    return { count: this.count, fingerprint: this.fingerprint }
  }

  /** Static, so that what the simulator's liar made of one can be written too. */
  static write({ salt, cells, count, fingerprint, lanes }: Sketch, writer: Writer): void {
    writer.uint(salt).uint(cells).uint(count)
    for (const lane of fingerprint) writer.uint32(lane)
    for (const [at, lane] of lanes.entries()) {
      if (at % LANES === CHECK) writer.uint32(lane)
      else writer.uint(lane)
    }
  }

  /** Throws `Malformed`. */
  static read(reader: Reader): Sketch {
    const salt = word(reader.uint())
    const cells = reader.count(CELL_BYTES_MIN)
    if (cells > SKETCH_CELLS_MAX || cells < THIRDS || cells % THIRDS !== 0)
      throw new Malformed('a sketch of no size')
    const sketch = new Sketch(cells, salt)
    sketch.count = reader.uint()
    for (let lane = 0; lane < 4; lane++) sketch.fingerprint[lane] = reader.uint32()
    for (let at = 0; at < sketch.lanes.length; at++)
      sketch.lanes[at] = at % LANES === CHECK ? reader.uint32() : word(reader.uint())
    return sketch
  }

  /** Takes out what single cells give away; undefined if something stays. */
  private takeApart(): Difference | undefined {
    const theirs: Element[] = []
    const ours: Element[] = []
    const open = Array.from({ length: this.cells }, (_, cell) => cell)
    for (let cell = open.pop(); cell !== undefined; cell = open.pop()) {
      const sign = this.signOfSingle(cell)
      if (sign === 0) continue
      // The last of an element's cells to be emptied is its own: more elements than cells come of no two sets.
      if (theirs.length + ours.length === this.cells) return undefined
      const element = this.sum(cell)
      if (sign > 0) theirs.push(element)
      else ours.push(element)
      for (let third = 0; third < THIRDS; third++) {
        const place = this.place(third)
        this.toggle(place, ...element, -sign)
        open.push(place)
      }
    }
    return this.lanes.every((lane) => lane === 0) ? { theirs, ours } : undefined
  }

  /** 1 if the cell is left with one element of theirs, -1 with one of ours, else 0. Leaves `hash` to that element. */
  private signOfSingle(cell: number): number {
    const count = (this.lanes[cell * LANES + COUNT] as number) | 0
    if (count !== 1 && count !== -1) return 0
    hashWords(...this.sum(cell), this.salt, hash)
    const isSingle =
      hash[3] === this.lanes[cell * LANES + CHECK] &&
      this.place(Math.floor((cell * THIRDS) / this.cells)) === cell
    return isSingle ? count : 0
  }

  private sum(cell: number): Element {
    const at = cell * LANES
    const { lanes } = this
    return [lanes[at] as number, lanes[at + 1] as number, lanes[at + 2] as number, lanes[at + 3] as number]
  }

  private place(third: number): number {
    const each = this.cells / THIRDS
    return third * each + ((hash[third] as number) % each)
  }

  private toggle(cell: number, a: number, b: number, c: number, d: number, sign: number): void {
    const { lanes } = this
    const at = cell * LANES
    lanes[at] = (lanes[at] as number) ^ a
    lanes[at + 1] = (lanes[at + 1] as number) ^ b
    lanes[at + 2] = (lanes[at + 2] as number) ^ c
    lanes[at + 3] = (lanes[at + 3] as number) ^ d
    lanes[at + CHECK] = (lanes[at + CHECK] as number) ^ (hash[3] as number)
    lanes[at + COUNT] = (lanes[at + COUNT] as number) + sign
  }
}

/** Whether the difference makes their set of ours, by number and fingerprint. */
function isWhole(found: Difference, theirs: Sketch, ours: Sketch): boolean {
  const sum = Uint32Array.from(ours.total.fingerprint)
  const join = (elements: readonly Element[], sign: number) => {
    for (const element of elements) {
      hashWords(...element, theirs.salt, hash)
      for (let lane = 0; lane < 4; lane++) sum[lane] = (sum[lane] as number) + sign * (hash[lane] as number)
    }
  }
  join(found.theirs, 1)
  join(found.ours, -1)
  return (
    theirs.total.count - ours.total.count === found.theirs.length - found.ours.length &&
    theirs.total.fingerprint.every((lane, at) => lane === sum[at])
  )
}

function word(raw: number): number {
  if (raw > 0xffffffff) throw new Malformed('a number beyond 32 bits')
  return raw
}
