/**
 * Reads JSON that somebody gives us as an object, as data: only own plain fields count, getters are refused and
 * not run, and every fault is told with its place. What is read is a copy one level deep, so that it stays what
 * was checked.
 */
import { KvError, type KvErrorCode } from './errors'
import { type Place, placeText } from './place'
import { isPlainList, isPlainObject } from './store/value'

export function refuse(
  place: Place,
  reason: string,
  code: KvErrorCode = 'bad-snapshot',
  cause?: unknown,
): never {
  const where = place.length === 0 ? 'the file' : placeText(place)
  throw new KvError(code, `${where}: ${reason}`, cause === undefined ? undefined : { cause })
}

/** Runs `read` one level further down; its errors name that place. */
export function within<T>(place: Place, part: string | number, read: () => T): T {
  place.push(part)
  const result = read()
  place.pop()
  return result
}

export function fieldsOf(raw: unknown, place: Place): Map<string, unknown> {
  if (!isPlainObject(raw)) return refuse(place, 'must be an object')
  const fields = new Map<string, unknown>()
  for (const name of Reflect.ownKeys(raw)) {
    if (typeof name === 'symbol') return refuse(place, 'a field named by a symbol is not JSON')
    fields.set(
      name,
      within(place, name, () => dataOf(raw, name, place)),
    )
  }
  return fields
}

/** The fields of an object that has exactly these. */
export function recordOf<Name extends string>(
  raw: unknown,
  names: readonly Name[],
  place: Place,
): Record<Name, unknown> {
  if (!isPlainObject(raw)) return refuse(place, 'must be an object')
  const record = {} as Record<Name, unknown>
  for (const name of names) {
    if (!Object.hasOwn(raw, name)) refuse(place, `has no field \`${name}\``)
    record[name] = within(place, name, () => dataOf(raw, name, place))
  }
  const unknown = Reflect.ownKeys(raw).find((name) => !names.some((known) => known === name))
  if (unknown !== undefined)
    within(place, String(unknown), () => refuse(place, 'is not a field of the format'))
  return record
}

export function itemsOf(raw: unknown, place: Place): unknown[] {
  if (!isPlainList(raw)) return refuse(place, 'must be a list')
  const items: unknown[] = []
  for (let at = 0; at < raw.length; at += 1) items.push(within(place, at, () => dataOf(raw, at, place)))
  return items
}

function dataOf(raw: object, name: string | number, place: Place): unknown {
  const field = Object.getOwnPropertyDescriptor(raw, name)
  if (field === undefined) return refuse(place, 'a hole is not JSON')
  return 'value' in field ? field.value : refuse(place, 'a getter is not JSON')
}
