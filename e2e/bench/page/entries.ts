/** The data of the benchmarks: keys in order, values of 100 ASCII characters that don't compress to nothing. */
const VALUE_LENGTH = 100
const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** The number in 8 digits. */
export function keyOf(number: number, prefix = 'key/'): string {
  return prefix + String(number).padStart(8, '0')
}

/** Flat strings: those made by `+` stay ropes in the heap, and falsify what it weighs. */
export function entriesOf(count: number, from = 0, prefix = 'key/', seed = 1): [string, string][] {
  const list: [string, string][] = []
  for (let number = from; number < from + count; number += 1) {
    list.push([keyOf(number, prefix), valueOf(number * 7919 + seed)])
  }
  return JSON.parse(JSON.stringify(list)) as [string, string][]
}

function valueOf(seed: number): string {
  let state = seed | 1
  let text = ''
  for (let at = 0; at < VALUE_LENGTH; at += 1) {
    state = Math.imul(state, 1_103_515_245) + 12_345
    text += LETTERS.charAt((state >>> 16) % LETTERS.length)
  }
  return text
}
