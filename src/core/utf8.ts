/**
 * Sizes in UTF-8 without making the bytes. Keys, values and snapshots are bounded in bytes, and are measured
 * on every write: a `TextEncoder` would allocate a buffer each time only to ask for its length.
 */

const encodedBytes = (codeUnit: number): number => (codeUnit < 0x80 ? 1 : codeUnit < 0x800 ? 2 : 3)
const isSurrogate = (codeUnit: number): boolean => codeUnit >= 0xd800 && codeUnit <= 0xdfff

/** UTF-8 bytes of a well-formed string: each half of a surrogate pair counts for two of its four bytes. */
export function utf8Bytes(text: string): number {
  let bytes = 0
  for (let index = 0; index < text.length; index += 1) {
    const codeUnit = text.charCodeAt(index)
    bytes += isSurrogate(codeUnit) ? 2 : encodedBytes(codeUnit)
  }
  return bytes
}

/** Whether a well-formed string takes more than `bytesMax` bytes; counts only where its length leaves it open. */
export function exceedsUtf8(text: string, bytesMax: number): boolean {
  if (text.length > bytesMax) return true
  if (text.length * 3 <= bytesMax) return false
  return utf8Bytes(text) > bytesMax
}

/** UTF-8 bytes of a well-formed string as JSON writes it: quoted, with quotes, backslashes and controls escaped. */
export function jsonStringBytes(text: string): number {
  if (PLAIN_ASCII.test(text)) return text.length + 2
  let bytes = 2
  for (let index = 0; index < text.length; index += 1) {
    const codeUnit = text.charCodeAt(index)
    if (codeUnit < 0x20) bytes += hasShortEscape(codeUnit) ? 2 : 6
    else if (codeUnit === 0x22 || codeUnit === 0x5c) bytes += 2
    else bytes += isSurrogate(codeUnit) ? 2 : encodedBytes(codeUnit)
  }
  return bytes
}

/** A byte a character; most text is, and the engine's own scan is several times faster than a loop. */
const PLAIN_ASCII = /^[ !#-[\]-~]*$/

/** \b \t \n \f \r; every other control character is written as \u00XX. */
function hasShortEscape(control: number): boolean {
  return control >= 0x08 && control <= 0x0d && control !== 0x0b
}
