/**
 * Keys and values: what may be stored, checked once at the edge. Past it, a `Json` is exactly what `JSON.parse`
 * can produce, within the limits, frozen all the way down and shared by reference. Two values are the same if
 * their canonical JSON (RFC 8785) is.
 */
import canonicalize from 'canonicalize'
import { KvError, type PassedLimit } from '../errors'
import { KEY_BYTES_MAX, VALUE_BYTES_MAX, VALUE_DEPTH_MAX } from '../limits'
import { type Place, placeText } from '../place'
import { exceedsUtf8, jsonStringBytes, utf8Bytes } from '../utf8'

export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [name: string]: Json
}

export const MERGE_POLICIES = ['auto', 'latest', 'union', 'max', 'min'] as const
export type MergePolicy = (typeof MERGE_POLICIES)[number]

export type Key = string & { readonly __brand: 'Key' }

/** @throws KvError bad-option */
export function parseMergePolicy(raw: unknown, place: Place = ['merge']): MergePolicy {
  const policy = MERGE_POLICIES.find((name) => name === raw)
  if (policy !== undefined) return policy
  throw new KvError('bad-option', `${placeText(place)}: must be one of ${MERGE_POLICIES.join(', ')}`)
}

/** @throws KvError bad-key */
export function parseKey(raw: unknown, place: Place = ['key']): Key {
  const fault = keyFault(raw)
  if (fault !== undefined) throw new KvError('bad-key', `${placeText(place)}: ${fault}`)
  const key = raw as Key
  if (key !== '' && !exceedsUtf8(key, KEY_BYTES_MAX)) return key
  const reason = `a key has 1 to ${KEY_BYTES_MAX} UTF-8 bytes; this one has ${utf8Bytes(key)}`
  const limit = { of: 'key bytes', most: KEY_BYTES_MAX, place: partText(place) } as const
  throw new KvError('bad-key', `${placeText(place)}: ${reason}`, { limit })
}

/** Undefined for the whole of what was given. */
function partText(place: Place): string | undefined {
  return place.length > 1 ? placeText(place) : undefined
}

function keyFault(raw: unknown): string | undefined {
  if (typeof raw !== 'string') return `a key is a string, not ${raw === null ? 'null' : typeof raw}`
  if (isWellFormed(raw)) return undefined
  return 'a key must be well-formed text; this one has half of a surrogate pair'
}

const LONE_SURROGATE = /\p{Surrogate}/u

export function isWellFormed(text: string): boolean {
  return !LONE_SURROGATE.test(text)
}

/** RFC 8785. */
export function canonicalText(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return canonicalize(value) as string
}

/** UTF-8 bytes of `canonicalText(value)`, without making it. */
export function canonicalBytes(value: Json): number {
  if (typeof value === 'string') return jsonStringBytes(value)
  if (typeof value !== 'object' || value === null) return String(value).length
  if (isList(value)) {
    return value.reduce((bytes: number, item) => bytes + canonicalBytes(item), listBytes(value.length))
  }
  const names = Object.keys(value)
  return names.reduce(
    (bytes, name) => bytes + jsonStringBytes(name) + 1 + canonicalBytes(value[name] as Json),
    listBytes(names.length),
  )
}

/** Brackets and commas of a list or object of so many. */
export function listBytes(count: number): number {
  return 2 + Math.max(0, count - 1)
}

export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

export function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !isList(value)
}

/** Whether the canonical texts are equal, without making them. */
export function equal(a: Json, b: Json): boolean {
  if (a === b) return true
  if (isList(a)) {
    return isList(b) && a.length === b.length && a.every((item, at) => equal(item, b[at] as Json))
  }
  if (!isObject(a) || !isObject(b)) return false
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && equal(a[name] as Json, b[name] as Json))
  )
}

/** Sets an own field, of whatever name: plain assignment to `__proto__` would change the prototype. */
export function setField<T>(object: { [name: string]: T }, name: string, value: T): void {
  if (name === '__proto__') {
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true })
  } else {
    object[name] = value
  }
}

/**
 * A frozen copy of `raw`, if it is what `JSON.parse` can produce: getters are refused and not run, `toJSON` is
 * data, -0 becomes 0, as RFC 8785 writes it.
 * @throws KvError bad-value or too-large, with the place.
 */
export function parseValue(raw: unknown, place: Place = ['value']): Json {
  if (isSurelySmall(raw)) return raw
  try {
    return copied(raw, new Gauge(place))
  } catch (error) {
    if (error instanceof KvError) throw error
    throw new KvError('bad-value', `${placeText(place)}: cannot be read`, { cause: error }) // a proxy's own error
  }
}

/**
 * Freezes what `JSON.parse` just made, in place, after the checks that its grammar leaves open: size, depth,
 * lone surrogates, numbers that overflowed to infinity, -0.
 * @throws KvError bad-value or too-large, with the place.
 */
export function freezeParsed(parsed: unknown, place: Place = ['value']): Json {
  if (isSurelySmall(parsed)) return parsed
  return frozen(parsed, new Gauge(place))
}

/** The hot path of `set`. Escaped, a code unit takes at most 6 bytes. */
function isSurelySmall(raw: unknown): raw is string {
  return typeof raw === 'string' && raw.length * 6 + 2 <= VALUE_BYTES_MAX && isWellFormed(raw)
}

/** Measures a value while it is descended into, so that one far too large is left early. */
class Gauge {
  private bytes = 0
  private readonly ancestors: object[] = []

  constructor(readonly place: Place) {}

  fail(reason: string): never {
    throw new KvError('bad-value', `${placeText(this.place)}: ${reason}`)
  }

  private pass(of: PassedLimit['of'], most: number, reason: string): never {
    const limit = { of, most, place: partText(this.place) }
    throw new KvError('too-large', `${placeText(this.place)}: ${reason}`, { limit })
  }

  enter(container: object, count: number): void {
    if (this.ancestors.includes(container)) this.fail('contains itself')
    if (this.ancestors.length === VALUE_DEPTH_MAX) {
      const reason = `a value has at most ${VALUE_DEPTH_MAX} levels of lists and objects`
      this.pass('value levels', VALUE_DEPTH_MAX, reason)
    }
    this.ancestors.push(container)
    this.add(listBytes(count))
  }

  leave(): void {
    this.ancestors.pop()
  }

  name(name: string): void {
    this.text(name)
    this.bytes += 1
  }

  scalar(raw: unknown): Json {
    if (typeof raw === 'string') return this.text(raw)
    if (typeof raw === 'number' && !Number.isFinite(raw)) {
      const most = Number.isNaN(raw) ? '' : `; a number is ${Number.MAX_VALUE} at most`
      return this.fail(`${raw} is not JSON${most}`)
    }
    if (raw !== null && typeof raw !== 'boolean' && typeof raw !== 'number') {
      return this.fail(`${typeof raw} is not JSON`)
    }
    this.add(canonicalBytes(raw))
    return raw === 0 ? 0 : raw
  }

  private text(text: string): string {
    if (text.length <= VALUE_BYTES_MAX && !isWellFormed(text))
      this.fail('half of a surrogate pair is not text')
    this.add(text.length <= VALUE_BYTES_MAX ? jsonStringBytes(text) : text.length)
    return text
  }

  private add(bytes: number): void {
    this.bytes += bytes
    if (this.bytes > VALUE_BYTES_MAX) {
      const reason = `a value has at most ${VALUE_BYTES_MAX} bytes (1 MiB) of canonical JSON`
      this.pass('value bytes', VALUE_BYTES_MAX, reason)
    }
  }
}

function copied(raw: unknown, gauge: Gauge): Json {
  if (typeof raw !== 'object' || raw === null) return gauge.scalar(raw)
  return Array.isArray(raw) ? copiedList(raw, gauge) : copiedObject(raw, gauge)
}

function copiedList(raw: readonly unknown[], gauge: Gauge): Json {
  const { length } = raw
  if (!isPlainList(raw)) gauge.fail('an instance of a class is not JSON')
  gauge.enter(raw, length)
  const copy: Json[] = []
  for (let at = 0; at < length; at += 1) {
    gauge.place.push(at)
    copy.push(copied(ownField(raw, at, gauge), gauge))
    gauge.place.pop()
  }
  if (Reflect.ownKeys(raw).length !== length + 1) gauge.fail('a list with named fields is not JSON')
  gauge.leave()
  return Object.freeze(copy)
}

function copiedObject(raw: object, gauge: Gauge): Json {
  if (!isPlainObject(raw)) gauge.fail('an instance of a class is not JSON')
  const names = Reflect.ownKeys(raw)
  gauge.enter(raw, names.length)
  const copy: { [name: string]: Json } = {}
  for (const name of names) {
    if (typeof name === 'symbol') return gauge.fail('a field named by a symbol is not JSON')
    gauge.place.push(name)
    gauge.name(name)
    setField(copy, name, copied(ownField(raw, name, gauge), gauge))
    gauge.place.pop()
  }
  gauge.leave()
  return Object.freeze(copy)
}

function ownField(raw: object, name: string | number, gauge: Gauge): unknown {
  const field = Object.getOwnPropertyDescriptor(raw, name)
  if (field === undefined) return gauge.fail('a hole is not JSON')
  if (!('value' in field)) return gauge.fail('a getter is not JSON')
  if (field.enumerable !== true) return gauge.fail('a hidden field is not JSON')
  return field.value
}

function frozen(parsed: unknown, gauge: Gauge): Json {
  if (typeof parsed !== 'object' || parsed === null) return gauge.scalar(parsed)
  const container = parsed as { [name: string | number]: Json }
  const isArray = Array.isArray(parsed)
  const names = Object.keys(parsed)
  gauge.enter(parsed, names.length)
  for (const name of names) {
    gauge.place.push(isArray ? Number(name) : name)
    if (!isArray) gauge.name(name)
    if (frozen(container[name], gauge) === 0) setField(container, name, 0)
    gauge.place.pop()
  }
  gauge.leave()
  return Object.freeze(container)
}

/** Made by a literal or `JSON.parse`, of this or another realm, or without a prototype. */
export function isPlainObject(raw: unknown): raw is object {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return false
  const prototype: unknown = Object.getPrototypeOf(raw)
  if (typeof prototype !== 'object' || prototype === null) return true
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf')
}

export function isPlainList(raw: unknown): raw is readonly unknown[] {
  return Array.isArray(raw) && Array.isArray(Object.getPrototypeOf(raw))
}
