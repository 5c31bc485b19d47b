/**
 * Rooms as people and pages name them. The code is a capability and stays in the fragment, which browsers send to
 * nobody; signaling sees only an id derived from it. Derived in JavaScript, because `crypto.subtle` is missing on
 * plain http in a LAN.
 */
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { KvError } from '../../core/errors'
import { ROOM_CODE_BYTES_MAX } from '../../core/limits'
import { isWellFormed } from '../../core/store/value'
import { utf8Bytes } from '../../core/utf8'
import type { Random } from '../../runtime/ports'

/** The room of the bare address: two tabs on it meet, and everybody else on the server too. */
export const LOBBY = 'lobby'

/** Where signaling is, in the words of PeerJS. `path` begins and ends with a slash. */
export interface ServerAddress {
  host: string
  port: number
  path: string
  secure: boolean
}

/** The room that a fragment (`location.hash`, with or without its `#`) names. Throws `bad-option`. */
export function roomOfFragment(fragment: string): string {
  const text = fragment.replace(/^#/, '')
  return text === '' ? LOBBY : parseRoomCode(text)
}

/** The code in its one form: percent-decoded, in NFC. Throws `bad-option`. */
export function parseRoomCode(text: string): string {
  if (typeof text !== 'string') throw new KvError('bad-option', 'a room code must be text') // a caller in JavaScript
  const code = percentDecoded(text).normalize('NFC')
  if (!isWellFormed(code)) {
    throw new KvError(
      'bad-option',
      'a room code must be well-formed text; this one has half of a surrogate pair',
    )
  }
  const bytes = utf8Bytes(code)
  if (bytes < 1 || bytes > ROOM_CODE_BYTES_MAX) {
    throw new KvError(
      'bad-option',
      `a room code has 1 to ${ROOM_CODE_BYTES_MAX} UTF-8 bytes; this one has ${bytes}`,
      { limit: { of: 'room code bytes', most: ROOM_CODE_BYTES_MAX } },
    )
  }
  return code
}

/** The page's own address with the room in its fragment. */
export function roomLink(location: { href: string }, code: string): string {
  const link = new URL(location.href)
  link.hash = encodeURIComponent(code)
  return link.href
}

/** Crockford's base32 in lower case: no i, l, o, u, which are misread or make words. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const GROUPS = 7
const GROUP_LENGTH = 4

/** A code that nobody guesses: 140 random bits, in groups that can be read aloud. */
export function newRoomCode(random: Random): string {
  const letters = Array.from(random.bytes(GROUPS * GROUP_LENGTH), (byte) => ALPHABET.charAt(byte & 31))
  return Array.from({ length: GROUPS }, (_, group) =>
    letters.slice(group * GROUP_LENGTH, (group + 1) * GROUP_LENGTH).join(''),
  ).join('-')
}

const ROOM_ID_LABEL = utf8ToBytes('fofoca room id v1')
const ROOM_ID_BYTES = 16

/** What signaling calls the room, 32 hexadecimal digits. The label keeps it apart from whatever else comes of the code. */
export function roomId(code: string): string {
  return bytesToHex(hkdf(sha256, utf8ToBytes(code), undefined, ROOM_ID_LABEL, ROOM_ID_BYTES))
}

const PROOF_LABEL = utf8ToBytes('fofoca link proof v1')
const PROOF_KEY_BYTES = 32

/** What members prove to each other that they know. Whoever knows only the room's id does not. */
export function proofKey(code: string): Uint8Array {
  return hkdf(sha256, utf8ToBytes(code), undefined, PROOF_LABEL, PROOF_KEY_BYTES)
}

const MEMBER_LABEL = utf8ToBytes('fofoca member name v1')
const MEMBER_KEY_BYTES = 32

/** What the names of members at the signaling server are minted with. */
export function memberKey(code: string): Uint8Array {
  return hkdf(sha256, utf8ToBytes(code), undefined, MEMBER_LABEL, MEMBER_KEY_BYTES)
}

/**
 * The server behind a page: same host, port and folder, whatever proxy or sub-path that is. Pass it a page's
 * address, or a server's base with its closing slash. Throws `bad-option` for what is not http.
 */
export function serverFromLocation(address: string | URL): ServerAddress {
  const page = URL.canParse(address) ? new URL(address) : undefined
  if (page?.protocol !== 'http:' && page?.protocol !== 'https:') {
    throw new KvError(
      'bad-option',
      `a server's address begins with http: or https:, not '${String(address)}'`,
    )
  }
  const secure = page.protocol === 'https:'
  const port = page.port === '' ? (secure ? 443 : 80) : Number(page.port)
  return { host: page.hostname, port, path: new URL('.', page).pathname, secure }
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    throw new KvError('bad-option', 'a room code has a % that no byte in hexadecimal follows', { cause })
  }
}
