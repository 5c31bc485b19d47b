/**
 * Characters that do something unseen: controls, the marks by which a text turns what stands beside it around, and those
 * of no width, but for the joiners that scripts and emoji are written with.
 */

const HIDDEN =
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g

/** The text with a sign in the place of each of them, one for one. Only to be looked at. */
export function visible(text: string): string {
  return text.replace(HIDDEN, (hidden) => {
    const code = hidden.charCodeAt(0)
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? '\u2421' : '\ufffd'
  })
}

/** JSON without indentation with each of them, which only its strings can hold, as an escape: it reads as the same. */
export function escaped(json: string): string {
  return json.replace(HIDDEN, (hidden) => `\\u${hidden.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

export function hasHidden(text: string): boolean {
  return text.search(HIDDEN) >= 0
}
