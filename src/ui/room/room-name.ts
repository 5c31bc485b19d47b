import type { Messages } from '../i18n/en'
import { LOBBY } from './room-code'

/** Random ones of base64url have 96 bits: fewer, and trying all codes is not out of reach. */
const CHARACTERS_MIN = 16
/** Random ones have more, digits aside; `aaaaaaaaaaaaaaaa` and `1234123412341234` have not. */
const DIFFERENT_CHARACTERS_MIN = 8
const SHOWN_CHARACTERS = 20
/** A group of a made code. */
const ENDS_CHARACTERS = 4

/** Counted, not known: a long sentence that somebody has said before can be guessed too. */
export function isGuessable(code: string): boolean {
  const characters = [...code]
  return (
    code !== LOBBY &&
    (characters.length < CHARACTERS_MIN || new Set(characters).size < DIFFERENT_CHARACTERS_MIN)
  )
}

/** A room's code as people can take it in: long random ones by their ends. */
export function roomName(code: string, t: Messages): string {
  if (code === LOBBY) return t.lobby
  const characters = [...code]
  if (characters.length <= SHOWN_CHARACTERS) return code
  return `${characters.slice(0, ENDS_CHARACTERS).join('')}…${characters.slice(-ENDS_CHARACTERS).join('')}`
}
