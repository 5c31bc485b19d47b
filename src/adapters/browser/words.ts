import type { Random } from '../../runtime/ports'

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'
const WORD_LENGTH = 12

/** Twelve of a–z and 0–9, all equally likely: 62 bits. Bytes beyond the last multiple of 36 are drawn again. */
export function randomWord(random: Random): string {
  let word = ''
  while (word.length < WORD_LENGTH) {
    for (const byte of random.bytes(WORD_LENGTH - word.length)) {
      if (byte < 252) word += LETTERS.charAt(byte % LETTERS.length)
    }
  }
  return word
}
