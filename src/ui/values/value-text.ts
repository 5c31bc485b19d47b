/**
 * Values as people type and read them: JSON where it parses, otherwise text.
 * Law: `valueFromText(textFromValue(value))` equals `value`, whatever the value.
 */
import type { Json } from '../../runtime/contract'

export function valueFromText(text: string): Json {
  const parsed = parseJson(text)
  return parsed === undefined ? text : parsed
}

/** Text as it is, quoted only where it would otherwise read as JSON; all else as indented JSON. */
export function textFromValue(value: Json, indent = 2): string {
  if (typeof value !== 'string') return JSON.stringify(value, undefined, indent)
  return parseJson(value) === undefined ? value : JSON.stringify(value)
}

/** How a value is stored, in the words that the page uses for it. */
export type Kind = 'text' | 'number' | 'boolean' | 'null' | 'list' | 'object'

export function kindOf(value: Json): Kind {
  if (value === null) return 'null'
  if (typeof value === 'object') return Array.isArray(value) ? 'list' : 'object'
  if (typeof value === 'string') return 'text'
  return typeof value === 'number' ? 'number' : 'boolean'
}

/** Elements of a list, fields of an object, characters of a text; otherwise undefined. */
export function lengthOf(value: Json): number | undefined {
  if (typeof value === 'string') return value.length
  if (typeof value !== 'object' || value === null) return undefined
  return Array.isArray(value) ? value.length : Object.keys(value).length
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined // not JSON: text
  }
}
