/** One line that hints at a value, made without ever reading much of a large one. */
import type { Json } from '../../runtime/contract'
import { visible } from './hidden'
import { textFromValue } from './value-text'

export function previewOf(value: Json, charactersMax = 120): string {
  const parts: string[] = []
  let room = charactersMax

  const put = (text: string) => {
    parts.push(text)
    room -= text.length
    return room >= 0
  }
  const putText = (text: string) => put(JSON.stringify(text.slice(0, room + 1)))

  const walk = (at: Json): boolean => {
    if (typeof at === 'string') return putText(at)
    if (typeof at !== 'object' || at === null) return put(String(at))
    if (Array.isArray(at)) {
      if (!put('[')) return false
      for (const [index, element] of (at as readonly Json[]).entries()) {
        if ((index > 0 && !put(', ')) || !walk(element)) return false
      }
      return put(']')
    }
    const object = at as { readonly [name: string]: Json }
    if (!put('{')) return false
    let first = true
    for (const name in object) {
      const field = object[name]
      if (field === undefined || (!first && !put(', '))) return false
      first = false
      if (!put(`${name.slice(0, charactersMax)}: `) || !walk(field)) return false
    }
    return put('}')
  }

  if (typeof value === 'string') put(textAsItReads(value, charactersMax).replace(/\s/g, ' '))
  else walk(value)
  const text = visible(parts.join(''))
  return text.length > charactersMax ? `${text.slice(0, charactersMax)}…` : text
}

/** In quotes where it is nothing to see, or would be taken for something that is no text. */
function textAsItReads(text: string, charactersMax: number): string {
  if (text === '') return '""'
  return text.length > charactersMax ? text.slice(0, charactersMax + 1) : textFromValue(text)
}

/**
 * A key for a row: whatever breaks a line or cannot be seen is shown by a sign, and so are spaces at its ends.
 * Only to be looked at.
 */
export function onOneLine(text: string): string {
  const line = text.replace(/[\n\r\u0085\u2028\u2029]/g, '↵').replaceAll('\t', '⇥')
  return visible(line.replace(/^\s+|\s+$/g, (spaces) => '␣'.repeat(spaces.length)))
}
