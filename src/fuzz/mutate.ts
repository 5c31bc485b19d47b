/** What becomes of good bytes and texts on their way to a fuzzer's target: a few changes of the kinds that find bugs. */
import type { Seeded } from '../sim/seeded'

/** Numbers at which lengths and counters are wrong in an interesting way, as variable-length integers. */
const NUMBERS = [
  [0],
  [1],
  [127],
  [128, 1],
  [255, 255, 3],
  [255, 255, 255, 255, 15],
  [128, 128, 128, 128, 16],
  [255, 255, 255, 255, 255, 255, 255, 15],
  [255, 255, 255, 255, 255, 255, 255, 255, 127],
] as const

const WORDS = [
  '__proto__',
  'constructor',
  '../',
  '%2e%2e%2f',
  '\\',
  '\0',
  '\ud800',
  '\ufeff',
  '\u202e',
  '1e999',
  '-1',
  '9007199254740993',
  'null',
  '[',
  '{',
  '"',
  ',',
  ':',
  '\r\n',
  '\n',
  ' ',
  '#',
  '?',
  '%',
  'é',
] as const

/** The bytes with one to four changes. They are not changed themselves. */
export function mutatedBytes(bytes: Uint8Array, others: readonly Uint8Array[], random: Seeded): Uint8Array {
  let result = [...bytes]
  for (let left = random.integer(1, 4); left > 0; left--) {
    const at = random.integer(0, result.length)
    switch (random.integer(0, 6)) {
      case 0:
        result[Math.min(at, Math.max(0, result.length - 1))] = random.integer(0, 255)
        break
      case 1:
        if (result.length > 0)
          result[at % result.length] = (result[at % result.length] as number) ^ (1 << random.integer(0, 7))
        break
      case 2:
        result.splice(at, random.integer(1, 8))
        break
      case 3:
        result.splice(at, random.integer(0, 2), ...random.pick(NUMBERS))
        break
      case 4:
        result.splice(at, 0, ...result.slice(at, at + random.integer(1, 16)))
        break
      case 5: {
        const other = random.pick(others)
        result = [...result.slice(0, at), ...other.subarray(random.integer(0, other.length))]
        break
      }
      default:
        result = result.slice(0, at)
    }
  }
  return Uint8Array.from(result)
}

/** The text with one to four changes. */
export function mutatedText(text: string, others: readonly string[], random: Seeded): string {
  let result = text
  for (let left = random.integer(1, 4); left > 0; left--) {
    const at = random.integer(0, result.length)
    const to = at + random.integer(0, 6)
    switch (random.integer(0, 4)) {
      case 0:
        result = result.slice(0, at) + random.pick(WORDS) + result.slice(to)
        break
      case 1:
        result = result.slice(0, at) + String.fromCharCode(random.integer(0, 0x2ff)) + result.slice(at)
        break
      case 2:
        result = result.slice(0, at) + result.slice(to)
        break
      case 3: {
        const other = random.pick(others)
        result = result.slice(0, at) + other.slice(random.integer(0, other.length))
        break
      }
      default:
        result = result.slice(0, to) + result.slice(at)
    }
  }
  return result
}
