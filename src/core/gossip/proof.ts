/**
 * Mutual proof of knowing the room's code (DESIGN 4.7), by challenge and response. It is bound to the channel
 * (RFC 5056), to the DTLS fingerprints that the two ends see: whoever carries a link through two connections of its
 * own, as a signaling server may that exchanges fingerprints, has others on either side. To the nonces, so that no
 * proof serves twice; and to the roles, so that none serves him who asked for it.
 */
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { Writer } from '../codec/bytes'

export const NONCE_BYTES = 16
export const PROOF_BYTES = 32

/** What ours and their end of the link look like from here; both empty where nothing can come between. */
export interface ChannelBinding {
  readonly ours: string
  readonly theirs: string
}

/** What one end of a link says, and what the other end checks. */
export interface Prover {
  readonly role: 'dialler' | 'dialled'
  /** `NONCE_BYTES` that it chose, and that the other end chose. */
  readonly nonce: Uint8Array
  readonly challenge: Uint8Array
  readonly channel: ChannelBinding
}

export interface Proof {
  /** Of the code, and of this very channel. It alone counts. */
  readonly bound: Uint8Array
  /** Of the code alone: where only this one is right, somebody is in the middle. */
  readonly unbound: Uint8Array
}

export type Verdict = 'proven' | 'intercepted' | 'unproven'

export function prove(key: Uint8Array, { role, nonce, challenge, channel }: Prover): Proof {
  const nonces = () => new Writer().block(nonce).block(challenge)
  const bound = nonces().text(role).text(channel.ours).text(channel.theirs)
  return {
    bound: hmac(sha256, key, new Writer().text('bound').tail(bound.bytes()).bytes()),
    unbound: hmac(sha256, key, new Writer().text('unbound').tail(nonces().bytes()).bytes()),
  }
}

/** `prover`: the other end, as it has to see itself if all is well. */
export function verify(key: Uint8Array, prover: Prover, proof: Proof): Verdict {
  const expected = prove(key, prover)
  if (isSame(key, expected.bound, proof.bound)) return 'proven'
  return isSame(key, expected.unbound, proof.unbound) ? 'intercepted' : 'unproven'
}

/** Compares without telling by its duration how much is right: what is compared is not what was sent. */
function isSame(key: Uint8Array, one: Uint8Array, other: Uint8Array): boolean {
  const [a, b] = [hmac(sha256, key, one), hmac(sha256, key, other)]
  return a.every((byte, at) => byte === b[at])
}
