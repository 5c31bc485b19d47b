/**
 * The names of tab sessions at the signaling server: random, new at every start, and minted with a key that comes of
 * the room's code. Whoever knows only the room's id, as the server does, can join and dial; it has no such name, so
 * that it is neither dialled nor answered, however many of it there are. It proves nothing to anybody (a name that was
 * seen can be used again once it is free); that is what the proof on each link is for.
 */
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import type { MemberId, Random } from '../../runtime/ports'

const RANDOM_BYTES = 8
const STAMP_BYTES = 8
const FORM = new RegExp(`^[0-9a-f]{${2 * (RANDOM_BYTES + STAMP_BYTES)}}$`)

/** 32 hexadecimal digits. */
export function mintMemberId(key: Uint8Array, random: Random): MemberId {
  const bytes = random.bytes(RANDOM_BYTES)
  return bytesToHex(bytes) + stampOf(key, bytes)
}

/** Whether somebody minted it who knows the room's code. Never throws. */
export function isMemberId(key: Uint8Array, id: unknown): id is MemberId {
  if (typeof id !== 'string' || !FORM.test(id)) return false
  return id.slice(2 * RANDOM_BYTES) === stampOf(key, hexToBytes(id.slice(0, 2 * RANDOM_BYTES)))
}

function stampOf(key: Uint8Array, bytes: Uint8Array): string {
  return bytesToHex(hmac(sha256, key, bytes).subarray(0, STAMP_BYTES))
}
