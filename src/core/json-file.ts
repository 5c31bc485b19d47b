/** The text of a file as JSON, with an error that says in the same way in every browser where it breaks off. */
import { KvError } from './errors'
import { SNAPSHOT_BYTES_MAX } from './limits'
import { exceedsUtf8 } from './utf8'

/** @throws KvError too-large, before anything is parsed, or bad-snapshot */
export function parseJsonFile(text: string): unknown {
  if (exceedsUtf8(text, SNAPSHOT_BYTES_MAX)) throw fileTooLarge()
  try {
    return JSON.parse(text)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const offset = faultOffset(reason, text)
    const place = offset === undefined ? '' : ` at ${lineAndColumn(text, offset)}`
    throw new KvError('bad-snapshot', `the file: not valid JSON${place}: ${reason}`, { cause: error })
  }
}

export function fileTooLarge(): KvError {
  const limit = { of: 'file bytes', most: SNAPSHOT_BYTES_MAX } as const
  const reason = `the file: at most ${SNAPSHOT_BYTES_MAX} bytes (256 MiB) can be imported`
  return new KvError('too-large', reason, { limit })
}

/** V8 tells an offset, or that the text ends; Firefox a line and column of its own; JavaScriptCore only the end. */
function faultOffset(reason: string, text: string): number | undefined {
  const position = / at position (\d+)/.exec(reason)?.[1]
  if (position !== undefined) return Number(position)
  return /^(Unexpected end of|JSON Parse error: Unexpected EOF)/.test(reason) ? text.length : undefined
}

function lineAndColumn(text: string, offset: number): string {
  let line = 1
  let lineStart = 0
  for (;;) {
    const lineEnd = text.indexOf('\n', lineStart)
    if (lineEnd === -1 || lineEnd >= offset) return `line ${line}, column ${offset - lineStart + 1}`
    line += 1
    lineStart = lineEnd + 1
  }
}
