/**
 * The outline of a context of many actors (DESIGN 4.4.2): a sketch of its rows, of which whoever has a similar context
 * finds those that differ, so that no others need be sent. An element is the hash of a row and its actor.
 */
import type { Rows } from '../causality/context'
import type { Actor } from '../causality/dot'
import { type Hash128, hashText, hashToHex } from '../causality/hash'
import type { Intervals } from '../causality/intervals'
import { Malformed } from '../codec/bytes'
import { SKETCH_CELLS_MAX } from '../limits'
import { Sketch } from './sketch'

/** One cell more for so many actors: the more of them, the more may have written, and the dearer are whole rows. */
const ACTORS_PER_CELL = 32

/** What an outline and our own rows tell of the rows `T` that it is of. */
export interface Compared {
  /** Those that we have just so. Later additions don't touch them: `T` stands still. */
  readonly same: Rows
  /** Hashes of the others. */
  readonly differing: readonly Hash128[]
}

export function outlineOf(rows: Rows, cellsLeast: number, salt: number): Sketch {
  const cells = 3 * Math.ceil(Math.max(cellsLeast, rows.size / ACTORS_PER_CELL) / 3)
  return sketchOf(rows, Math.min(cells, SKETCH_CELLS_MAX), salt)
}

/** Undefined if the sketch does not tell. */
export function compareWithOutline(outline: Sketch, ours: Rows): Compared | undefined {
  const difference = Sketch.difference(outline, sketchOf(ours, outline.cells, outline.salt))
  if (difference === undefined) return undefined
  const notTheirs = new Set(difference.ours.map(hashToHex))
  const same = new Map<Actor, Intervals>()
  for (const [actor, row] of ours) {
    if (notTheirs.size === 0 || !notTheirs.has(hashToHex(rowHash(actor, row)))) same.set(actor, row.slice())
  }
  return { same, differing: difference.theirs }
}

/** The rows with these hashes. Throws `Malformed` if one of them is not there. */
export function rowsOf(rows: Rows, hashes: readonly Hash128[]): Map<Actor, Intervals> {
  const named = new Set(hashes.map(hashToHex))
  const found = new Map([...rows].filter(([actor, row]) => named.has(hashToHex(rowHash(actor, row)))))
  if (found.size < named.size) throw new Malformed('a row asked for that was not offered')
  return found
}

/** `T`, of what is the same and of the rows that were asked for. Throws `Malformed` if those are others. */
export function completed({ same, differing }: Compared, rows: Rows): Map<Actor, Intervals> {
  if (rowsOf(rows, differing).size < rows.size) throw new Malformed('rows that were not asked for')
  const whole = new Map([...same, ...rows])
  if (whole.size < same.size + rows.size) throw new Malformed('two rows of one actor')
  return whole
}

function sketchOf(rows: Rows, cells: number, salt: number): Sketch {
  const sketch = new Sketch(cells, salt)
  for (const [actor, row] of rows) sketch.add(...rowHash(actor, row))
  return sketch
}

function rowHash(actor: Actor, row: Intervals): Hash128 {
  return hashText(`${actor}:${row.join(',')}`)
}
