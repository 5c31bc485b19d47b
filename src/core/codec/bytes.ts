/**
 * Reading and writing of the parts that every binary format here is made of. What is read comes from outside:
 * a reader either returns what the format allows or throws `Malformed`, and never allocates more than the
 * bytes that are there can fill.
 */
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { decodeUtf8, encodeUtf8 } from 'lib0/string'
import type { Rows } from '../causality/context'
import { type Actor, isCounter, parseActor } from '../causality/dot'
import type { Hash128 } from '../causality/hash'
import { type Intervals, isIntervals } from '../causality/intervals'
import { type VersionVector, vectorEntries, vectorOf, vectorSize } from '../causality/version-vector'
import { type Key, parseKey } from '../store/value'

export class Malformed extends Error {
  override readonly name = 'Malformed'
}

export class Writer {
  private readonly encoder = encoding.createEncoder()
  private last: Uint8Array | undefined

  bytes(): Uint8Array {
    const head = encoding.toUint8Array(this.encoder)
    if (this.last === undefined) return head
    const whole = new Uint8Array(head.length + this.last.length)
    whole.set(head)
    whole.set(this.last, head.length)
    return whole
  }

  uint(value: number): this {
    encoding.writeVarUint(this.encoder, value)
    return this
  }

  byte(value: number): this {
    encoding.writeUint8(this.encoder, value)
    return this
  }

  flag(value: boolean): this {
    return this.byte(value ? 1 : 0)
  }

  text(value: string): this {
    return this.block(encodeUtf8(value))
  }

  /** Bytes, with their length before them. */
  block(value: Uint8Array): this {
    encoding.writeVarUint8Array(this.encoder, value)
    return this
  }

  /** The rest of the message: nothing comes after it. Kept apart, since it is long and copied only once so. */
  tail(value: Uint8Array): this {
    this.last = value
    return this
  }

  uint32(value: number): this {
    encoding.writeUint32(this.encoder, value)
    return this
  }

  hash(value: Hash128): this {
    for (const lane of value) this.uint32(lane)
    return this
  }

  vector(vector: VersionVector): this {
    this.uint(vectorSize(vector))
    for (const [actor, counter] of vectorEntries(vector)) this.text(actor).uint(counter)
    return this
  }

  intervals(row: Intervals): this {
    this.uint(row.length / 2)
    let previous = 0
    for (const bound of row) {
      this.uint(bound - previous)
      previous = bound
    }
    return this
  }

  rows(rows: Rows): this {
    this.uint(rows.size)
    for (const [actor, row] of rows) this.text(actor).intervals(row)
    return this
  }
}

export class Reader {
  private readonly decoder: decoding.Decoder

  constructor(bytes: Uint8Array) {
    this.decoder = decoding.createDecoder(bytes)
  }

  /** Runs a total decoding: all of it or `Malformed`, and nothing may be left over. */
  static decode<T>(bytes: Uint8Array, decode: (reader: Reader) => T): T {
    const reader = new Reader(bytes)
    const value = decode(reader)
    if (reader.left > 0) throw new Malformed(`${reader.left} bytes too many`)
    return value
  }

  get left(): number {
    return this.decoder.arr.length - this.decoder.pos
  }

  /** lib0 checks lengths only where they vary: past the end, its fixed-size integers are undefined or 0. */
  private need(bytes: number): void {
    if (this.left < bytes) throw new Malformed('bytes that end too early')
  }

  /** A loop of our own: what is read most by far is read several times faster than by lib0's. */
  uint(): number {
    const { arr } = this.decoder
    let value = 0
    for (let unit = 1; ; unit *= 128) {
      const byte = arr[this.decoder.pos++]
      if (byte === undefined) throw new Malformed('bytes that end too early')
      value += (byte & 0x7f) * unit
      if (byte < 0x80) break
    }
    if (!Number.isSafeInteger(value)) throw new Malformed('an integer beyond 2^53')
    return value
  }

  byte(): number {
    this.need(1)
    return decoding.readUint8(this.decoder)
  }

  flag(): boolean {
    const value = this.byte()
    if (value > 1) throw new Malformed('a flag that is neither 0 nor 1')
    return value === 1
  }

  counter(): number {
    const value = this.uint()
    if (!isCounter(value)) throw new Malformed('a counter that is not positive')
    return value
  }

  /** A number of things that follow, each at least `bytesEach` long. */
  count(bytesEach: number): number {
    const value = this.uint()
    if (value * bytesEach > this.left) throw new Malformed('a count beyond the end')
    return value
  }

  text(): string {
    return decodeText(this.block())
  }

  block(): Uint8Array {
    return guarded(() => decoding.readVarUint8Array(this.decoder))
  }

  /** A block of exactly so many bytes. */
  blockOf(bytes: number): Uint8Array {
    const block = this.block()
    if (block.length !== bytes) throw new Malformed(`${block.length} bytes instead of ${bytes}`)
    return block
  }

  tail(): Uint8Array {
    return guarded(() => decoding.readTailAsUint8Array(this.decoder))
  }

  actor(): Actor {
    const actor = parseActor(this.text())
    if (actor === undefined) throw new Malformed('an actor that is not well-formed')
    return actor
  }

  key(): Key {
    const text = this.text()
    try {
      return parseKey(text)
    } catch (cause) {
      throw new Malformed('a key beyond the limits', { cause })
    }
  }

  uint32(): number {
    this.need(4)
    return decoding.readUint32(this.decoder)
  }

  hash(): Hash128 {
    return [this.uint32(), this.uint32(), this.uint32(), this.uint32()]
  }

  vector(): VersionVector {
    const counterByActor = new Map<Actor, number>()
    for (let left = this.count(3); left > 0; left--) counterByActor.set(this.actor(), this.counter())
    return vectorOf(counterByActor)
  }

  intervals(): Intervals {
    const row: number[] = []
    let previous = 0
    for (let left = 2 * this.count(2); left > 0; left--) row.push((previous += this.uint()))
    if (!isIntervals(row)) throw new Malformed('intervals that overlap or touch')
    return row
  }

  rows(): Map<Actor, Intervals> {
    const rows = new Map<Actor, Intervals>()
    for (let left = this.count(4); left > 0; left--) {
      const actor = this.actor()
      const row = this.intervals()
      if (row.length === 0 || rows.has(actor)) throw new Malformed('a row that is empty or there twice')
      rows.set(actor, row)
    }
    return rows
  }
}

export function decodeText(bytes: Uint8Array): string {
  return guarded(() => decodeUtf8(bytes))
}

function guarded<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new Malformed('bytes that end too early or are not UTF-8', { cause })
  }
}
