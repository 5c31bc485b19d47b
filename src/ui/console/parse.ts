/** The console's grammar: a command's name, then the rest; keys with spaces stand in quotes. */
import { escaped, hasHidden } from '../values/hidden'

export interface ParsedLine {
  name: string
  rest: string
}

export function parseLine(line: string): ParsedLine {
  const [, name = '', rest = ''] = /^\s*(\S*)\s*([^]*?)\s*$/.exec(line) ?? []
  return { name: name.toLowerCase(), rest }
}

/** The first word and what follows it; `undefined` where a quote is left open, or nothing is there. */
export function takeWord(text: string): { word: string; rest: string } | undefined {
  const trimmed = text.trimStart()
  if (trimmed === '') return undefined
  const quoted = /^"((?:[^"\\]|\\.)*)"(?:\s+|$)|^'([^']*)'(?:\s+|$)/.exec(trimmed)
  if (quoted) {
    const word = quoted[2] ?? unescaped(quoted[1] ?? '')
    return word === undefined ? undefined : { word, rest: trimmed.slice(quoted[0].length) }
  }
  if (/^["']/.test(trimmed)) return undefined
  const [bare = ''] = /^\S+/.exec(trimmed) ?? []
  return { word: bare, rest: trimmed.slice(bare.length).trimStart() }
}

/** A word as it has to be typed to be taken for one; what can't be seen is escaped. */
export function quotedWord(word: string): string {
  return /[\s"'\\]|^--|^$/.test(word) || hasHidden(word) ? escaped(JSON.stringify(word)) : word
}

/** Escapes are JSON's. */
function unescaped(inside: string): string | undefined {
  try {
    return JSON.parse(`"${inside}"`) as string
  } catch {
    return undefined // a broken escape
  }
}
