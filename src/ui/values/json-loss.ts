/** What JSON takes in and does not keep: integers with more digits than a number holds, and fields that stand twice. */
import type { Messages } from '../i18n/en'
import { onOneLine } from './preview'
import { valueFromText } from './value-text'

export type Loss =
  /** An integer was typed, and another is stored. */
  | { readonly kind: 'rounded'; readonly typed: string; readonly stored: string }
  /** Of several fields of this name in one object, the last counts. */
  | { readonly kind: 'repeated'; readonly field: string }

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|[{}[\]:]/g

/** The first thing in what was typed that its value has not; undefined if all of it is kept. */
export function lossOf(text: string): Loss | undefined {
  return typeof valueFromText(text) === 'string' ? undefined : lossOfJson(text)
}

function lossOfJson(text: string): Loss | undefined {
  /** The names so far of each object that is open; undefined for a list. */
  const open: (Set<string> | undefined)[] = []
  let lastText = ''
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{') open.push(new Set())
    else if (token === '[') open.push(undefined)
    else if (token === '}' || token === ']') open.pop()
    else if (token.startsWith('"')) lastText = token
    else if (token === ':') {
      const field = JSON.parse(lastText) as string
      const names = open.at(-1)
      if (names?.has(field)) return { kind: 'repeated', field }
      names?.add(field)
    } else {
      const stored = roundedInteger(token)
      if (stored !== undefined) return { kind: 'rounded', typed: token, stored }
    }
  }
  return undefined
}

export function lossWords(loss: Loss, t: Messages): string {
  return loss.kind === 'rounded' ? t.rounded(loss.typed, loss.stored) : t.repeated(onOneLine(loss.field))
}

function roundedInteger(typed: string): string | undefined {
  if (/[.eE]/.test(typed)) return undefined // who writes a fraction reckons with its last digit
  const stored = String(Number(typed))
  return digitsOf(stored) === digitsOf(typed) ? undefined : stored
}

/** Of an integer, without sign, exponent and the zeros around them. */
function digitsOf(integer: string): string {
  const [mantissa = ''] = integer.split('e')
  return mantissa.replace(/^-|\./g, '').replace(/0*$/, '')
}
