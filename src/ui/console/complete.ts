/** Completion with Tab: command names first, then keys, as far as they agree. */
import { ALIASES, COMMAND_NAMES } from './command'
import { COMMANDS } from './commands'
import { quotedWord } from './parse'
import { commandNamed } from './run'

const CANDIDATES_MAX = 40

export interface Completion {
  line: string
  /** What the line could become, if more than one thing. */
  candidates: readonly string[]
}

/** `removed`: of the keys that others removed, rather than of those that are there. */
export type KeysWith = (prefix: string, removed: boolean) => readonly string[]

export function complete(line: string, keysWith: KeysWith): Completion {
  const start = line.trimStart()
  const gap = start.search(/\s/)
  if (gap < 0) {
    const names = [...COMMAND_NAMES, ...Object.keys(ALIASES)].filter((name) => name.startsWith(start))
    return extended('', start, names, (name) => name)
  }
  const name = commandNamed(start.slice(0, gap).toLowerCase())
  const typed = start.slice(gap).trimStart()
  const before = `${start.slice(0, gap)} `
  if (!name || !COMMANDS[name].takesKey) return { line, candidates: [] }
  const quoted = typed.startsWith('"')
  if (!quoted && /\s/.test(typed)) return { line, candidates: [] } // past the key
  const prefix = quoted ? typed.slice(1) : typed
  const keys = keysWith(prefix, COMMANDS[name].takesKey === 'removed')
  return extended(before, prefix, keys, quotedWord, typed)
}

function extended(
  before: string,
  prefix: string,
  matches: readonly string[],
  quote: (word: string) => string,
  typed = prefix,
): Completion {
  const [only] = matches
  if (only === undefined) return { line: before + typed, candidates: [] }
  if (matches.length === 1) return { line: `${before}${quote(only)} `, candidates: [] }
  const common = commonPrefix(only, matches[matches.length - 1] ?? only, matches)
  const word = common.length > prefix.length ? quote(common).replace(/"$/, '') : typed
  return { line: before + word, candidates: matches.slice(0, CANDIDATES_MAX) }
}

function commonPrefix(first: string, last: string, all: readonly string[]): string {
  let length = Math.min(first.length, last.length)
  for (const word of all) while (!word.startsWith(first.slice(0, length))) length--
  return first.slice(0, length)
}
