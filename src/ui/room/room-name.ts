import type { Messages } from '../i18n/en'
import { LOBBY } from './session.svelte'

/** Below this, trying all codes is not out of reach: 96 random bits in base64url are 16 characters. */
const GUESSABLE_CHARACTERS = 16
const SHOWN_CHARACTERS = 20
/** A group of a made code. */
const ENDS_CHARACTERS = 4

export function isShort(code: string): boolean {
  return code !== LOBBY && [...code].length < GUESSABLE_CHARACTERS
}

/** A room's code as people can take it in: long random ones by their ends. */
export function roomName(code: string, t: Messages): string {
  if (code === LOBBY) return t.lobby
  const characters = [...code]
  if (characters.length <= SHOWN_CHARACTERS) return code
  return `${characters.slice(0, ENDS_CHARACTERS).join('')}…${characters.slice(-ENDS_CHARACTERS).join('')}`
}
