/**
 * What the requester of a pull says of its live dots within `B`, and of their contents where clones are to be
 * settled: a plain list of intervals where that is small, otherwise a sketch, of which the answerer with one like it
 * finds the difference. The sketch only compresses. Both know `B`, so an actor is its place in it.
 */
import { CausalContext, countOfRows, differenceOfRows, type Rows, rowsHave } from '../causality/context'
import type { Actor } from '../causality/dot'
import { type Hash128, hashText, hashWords, sameHash } from '../causality/hash'
import { eachInterval } from '../causality/intervals'
import { Malformed, type Reader, Writer } from '../codec/bytes'
import { ROWS_WHOLE_ACTORS_MAX, SKETCH_ATTEMPTS_MAX, SKETCH_CELLS_MAX } from '../limits'
import type { Replica } from '../store/replica'
import type { Key } from '../store/value'
import { type Version, versionText } from '../store/version'
import { CELL_BYTES_MIN, type Element, Sketch } from './sketch'

export type LiveSummary = LiveList | LiveSketch

interface LiveList {
  readonly kind: 'list'
  readonly live: Rows
  /** Content hashes of those, ordered by actor and counter; only where equal contexts show unequal fingerprints. */
  readonly contents: readonly Hash128[] | undefined
}

interface LiveSketch {
  readonly kind: 'sketch'
  readonly withContents: boolean
  readonly sketch: Sketch
}

/** When a sketch is taken, and how large it is. The simulator makes them so small that they often don't tell. */
export interface Sketching {
  /** Cells of the smallest sketch of live dots. */
  readonly cells: number
  /** A list is sent as it is if it has at most so many times the bytes of the sketch: 1, or 0 to avoid lists. */
  readonly listWeight: number
  /** A context of more actors is offered by its outline. */
  readonly wholeActors: number
  /** Cells of the smallest outline. */
  readonly outlineCells: number
}

export const SKETCHING: Sketching = {
  cells: 45,
  listWeight: 1,
  wholeActors: ROWS_WHOLE_ACTORS_MAX,
  outlineCells: 63,
}

/** A dot more or less takes some 1.75 cells; every further attempt has four times as many as the one before. */
const CELLS_PER_DIFFERENCE = 1.75
const GROWTH = 4

export interface Asked {
  readonly replica: Replica
  readonly both: Rows
  readonly withContents: boolean
  /** How many differences there may be. */
  readonly differences: number
  /** 0, 1, …: how many sketches of ours did not tell. */
  readonly attempt: number
  readonly salt: number
}

/** The smaller one of list and sketch; in the end the list, so that there is an end. */
export function summarize(
  asked: Asked,
  { cells, listWeight }: Pick<Sketching, 'cells' | 'listWeight'>,
): LiveSummary {
  const { replica, both, withContents, attempt, salt } = asked
  const live = replica.liveWithin(both)
  const makeList = (): LiveList => ({
    kind: 'list',
    live,
    contents: withContents ? contentsOf(replica, live) : undefined,
  })
  if (attempt >= SKETCH_ATTEMPTS_MAX) return makeList()
  const most = Math.min(cellsFor(asked.differences, cells) * GROWTH ** attempt, SKETCH_CELLS_MAX)
  const listBytes = new Writer().rows(live).bytes().length + (withContents ? 16 * countOfRows(live) : 0)
  if (listBytes <= most * CELL_BYTES_MIN * listWeight) return makeList()
  const sketch = sketchOf(replica, both, live, withContents, most, salt)
  const writer = new Writer()
  Sketch.write(sketch, writer)
  if (listBytes <= writer.bytes().length * listWeight) return makeList()
  return { kind: 'sketch', withContents, sketch }
}

/** A multiple of 3. */
function cellsFor(differences: number, least: number): number {
  return 3 * Math.ceil((least + CELLS_PER_DIFFERENCE * differences) / 3)
}

export interface Comparison {
  /** Dots alive there and not here. */
  readonly dead: Rows
  /** Dots alive on both sides, with other contents. */
  readonly differing: Rows
}

/** Compares their summary with what is alive here within `B`; undefined if the sketch does not tell. */
export function compareWith(summary: LiveSummary, replica: Replica, both: Rows): Comparison | undefined {
  const alive = replica.liveWithin(both)
  return summary.kind === 'list'
    ? compareWithList(summary, replica, both, alive)
    : compareWithSketch(summary, replica, both, alive)
}

function compareWithList(
  { live, contents }: LiveList,
  replica: Replica,
  both: Rows,
  alive: Rows,
): Comparison {
  if (differenceOfRows(live, both).size > 0) throw new Malformed('a summary of what was not offered')
  const dead = differenceOfRows(live, alive)
  if (contents === undefined) return { dead, differing: new Map() }
  if (countOfRows(live) !== contents.length) throw new Malformed('another number of contents than of dots')
  const differing = new CausalContext()
  const ours = contentByDot(replica, live)
  let next = 0
  for (const actor of actorsInOrder(live)) {
    for (const [from, to] of eachInterval(live.get(actor) ?? [])) {
      for (let counter = from; counter <= to; counter++) {
        const content = ours.get(`${actor}:${counter}`)
        if (content !== undefined && !sameHash(content, contents[next] as Hash128))
          differing.add(actor, counter, counter)
        next++
      }
    }
  }
  return { dead, differing: differing.rows() }
}

function compareWithSketch(
  { withContents, sketch }: LiveSketch,
  replica: Replica,
  both: Rows,
  alive: Rows,
): Comparison | undefined {
  const ours = sketchOf(replica, both, alive, withContents, sketch.cells, sketch.salt)
  const difference = Sketch.difference(sketch, ours)
  if (difference === undefined) return undefined
  const actors = actorsInOrder(both)
  const [dead, differing] = [new CausalContext(), new CausalContext()]
  for (const [place, low, high] of difference.theirs) {
    const actor = actors[place]
    const counter = high * 2 ** 32 + low
    if (actor === undefined || !rowsHave(both, actor, counter))
      throw new Malformed('a summary of what was not offered')
    const isAlive = rowsHave(alive, actor, counter)
    ;(isAlive ? differing : dead).add(actor, counter, counter)
  }
  return { dead: dead.rows(), differing: differing.rows() }
}

/** An element is the place of its actor in `B`, the two halves of its counter, and a hash of its content or 0. */
function sketchOf(
  replica: Replica,
  both: Rows,
  live: Rows,
  withContents: boolean,
  cells: number,
  salt: number,
): Sketch {
  const sketch = new Sketch(cells, salt)
  const placeOf = new Map(actorsInOrder(both).map((actor, place) => [actor, place]))
  if (withContents) {
    for (const { key, event } of replica.versionsWithin(live))
      sketch.add(...dotElement(placeOf, event, contentWord(key, event, salt)))
    return sketch
  }
  for (const [actor, row] of live) {
    const place = placeOf.get(actor) as number
    for (const [from, to] of eachInterval(row)) {
      for (let counter = from; counter <= to; counter++)
        sketch.add(place, counter >>> 0, Math.floor(counter / 2 ** 32), 0)
    }
  }
  return sketch
}

function dotElement(
  placeOf: ReadonlyMap<Actor, number>,
  { actor, counter }: Version,
  content: number,
): Element {
  return [placeOf.get(actor) as number, counter >>> 0, Math.floor(counter / 2 ** 32), content]
}

const hashed = new Uint32Array(4)

/** 32 bits of it, others with every salt, so that two contents pass for one no more than once. */
function contentWord(key: Key, version: Version, salt: number): number {
  hashWords(...hashText(versionText(key, version)), salt, hashed)
  return hashed[0] as number
}

function contentsOf(replica: Replica, dots: Rows): Hash128[] {
  const sorted = new Map(actorsInOrder(dots).map((actor) => [actor, dots.get(actor) ?? []]))
  return replica.versionsWithin(sorted).map(({ key, event }) => hashText(versionText(key, event)))
}

function contentByDot(replica: Replica, dots: Rows): Map<string, Hash128> {
  return new Map(
    replica
      .versionsWithin(dots)
      .map(({ key, event }) => [`${event.actor}:${event.counter}`, hashText(versionText(key, event))]),
  )
}

function actorsInOrder(rows: Rows): Actor[] {
  return [...rows.keys()].sort()
}

const WITH_CONTENTS = 1
const SKETCHED = 2
const KINDS = 4

export function writeSummary(writer: Writer, summary: LiveSummary): void {
  if (summary.kind === 'sketch') {
    writer.byte(SKETCHED | (summary.withContents ? WITH_CONTENTS : 0))
    Sketch.write(summary.sketch, writer)
    return
  }
  writer.byte(summary.contents === undefined ? 0 : WITH_CONTENTS).rows(summary.live)
  if (summary.contents === undefined) return
  writer.uint(summary.contents.length)
  for (const hash of summary.contents) writer.hash(hash)
}

/** Throws `Malformed`. */
export function readSummary(reader: Reader): LiveSummary {
  const kind = reader.byte()
  if (kind >= KINDS) throw new Malformed('an unknown kind of summary')
  const withContents = (kind & WITH_CONTENTS) !== 0
  if ((kind & SKETCHED) !== 0) return { kind: 'sketch', withContents, sketch: Sketch.read(reader) }
  const live = reader.rows()
  if (!withContents) return { kind: 'list', live, contents: undefined }
  return { kind: 'list', live, contents: Array.from({ length: reader.count(16) }, () => reader.hash()) }
}
