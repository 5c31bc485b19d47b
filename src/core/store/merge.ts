/**
 * What a key reads as: a pure function of its siblings, so every node that has the same siblings shows the same
 * value. The latest sibling wins and its policy decides. Nothing here asks for the limits of a value: a merged
 * one may exceed them (by one level in depth, since only `union` nests, and by any factor in size).
 */
import {
  canonicalText,
  equal,
  isList,
  isObject,
  type Json,
  type JsonObject,
  type MergePolicy,
  setField,
} from './value'
import type { Version } from './version'

/** The merged value, frozen. `versions` is not empty; its order does not matter. */
export function mergedValue(versions: readonly Version[]): Json {
  const winner = winnerOf(versions)
  if (versions.length === 1) return winner.value
  const earliestFirst = versions.toSorted(compareVersions)
  return MERGE[winner.merge](earliestFirst.map((version) => version.value))
}

/** The latest of the versions, which are not empty. */
export function winnerOf(versions: readonly Version[]): Version {
  return versions.reduce((latest, version) => (compareVersions(latest, version) < 0 ? version : latest))
}

export function sortLatestFirst(versions: readonly Version[]): Version[] {
  return versions.toSorted((a, b) => compareVersions(b, a))
}

/** Total over the versions of a key: by time, then actor by code unit, then counter. */
export function compareVersions(a: Version, b: Version): number {
  return a.time - b.time || compareText(a.actor, b.actor) || a.counter - b.counter
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Each takes the values of two or more siblings, earliest first. */
const MERGE: { readonly [policy in MergePolicy]: (values: readonly Json[]) => Json } = {
  auto,
  latest: lastOf,
  union: eachOnce,
  max: (values) => values.reduce((most, value) => (compareValues(most, value) < 0 ? value : most)),
  min: (values) => values.reduce((least, value) => (compareValues(value, least) < 0 ? value : least)),
}

function auto(values: readonly Json[]): Json {
  const last = lastOf(values)
  if (values.every((value) => equal(value, last))) return last
  if (values.every(isObject)) return fieldByField(values)
  if (values.every(isList)) return eachOnce(values.flat())
  return last
}

function fieldByField(objects: readonly JsonObject[]): Json {
  const valuesByName = new Map<string, Json[]>()
  for (const object of objects) {
    for (const [name, value] of Object.entries(object)) {
      const values = valuesByName.get(name)
      if (values === undefined) valuesByName.set(name, [value])
      else values.push(value)
    }
  }
  const merged: { [name: string]: Json } = {}
  for (const [name, values] of valuesByName) setField(merged, name, auto(values))
  return Object.freeze(merged)
}

function eachOnce(values: readonly Json[]): Json {
  const valueByText = new Map<string, Json>()
  for (const value of values) {
    const text = canonicalText(value)
    if (!valueByText.has(text)) valueByText.set(text, value)
  }
  return Object.freeze([...valueByText.values()])
}

/** null < booleans < numbers < strings by code unit < all else by canonical text. Total. */
export function compareValues(a: Json, b: Json): number {
  const byKind = kindOf(a) - kindOf(b)
  if (byKind !== 0 || a === b) return byKind
  if (typeof a === 'object' || typeof b === 'object') return compareText(canonicalText(a), canonicalText(b))
  return a < b ? -1 : 1
}

function kindOf(value: Json): number {
  if (value === null) return 0
  if (typeof value === 'boolean') return 1
  if (typeof value === 'number') return 2
  return typeof value === 'string' ? 3 : 4
}

function lastOf(values: readonly Json[]): Json {
  return values.at(-1) as Json
}
