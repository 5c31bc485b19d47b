/**
 * How a link begins (DESIGN 4.7): Hello and Proof each way, then Intro. Until the peer's Proof is right nothing else is
 * taken from it or said to it, and it has `PROOF_MS_MAX` for it.
 */
import { Malformed } from '../codec/bytes'
import { PROTOCOL_HIGHEST, PROTOCOL_LOWEST, typeOfMessage } from './codec'
import type { Phase } from './link'
import type { Hello, Message, ProofMessage } from './messages'
import { type ChannelBinding, prove, type Verdict, verify } from './proof'

export interface Handshake {
  readonly dialledBy: 'us' | 'them'
  readonly channel: ChannelBinding
  readonly nonce: Uint8Array
  /** Their nonce, once their Hello is there. */
  challenge: Uint8Array | undefined
}

/** What a link may bring in each phase of its beginning, and then no more. */
const DUE: Readonly<Partial<Record<Phase, Message['type']>>> = {
  hello: 'hello',
  proof: 'proof',
  intro: 'intro',
}
const BEGINNINGS = Object.values(DUE)

/** Whether the link has to bring this message before all others. */
export function isBeginning(message: Uint8Array): boolean {
  return BEGINNINGS.includes(typeOfMessage(message))
}

/** Throws `Malformed` for what does not belong in this phase of a link. */
export function checkTurn(phase: Phase, type: Message['type']): void {
  const due = DUE[phase]
  // Whose Intro named ourselves is not known by it; it may go before it has taken another name.
  if (phase === 'intro' && type === 'bye') return
  if (due === undefined ? BEGINNINGS.includes(type) : type !== due)
    throw new Malformed(due === undefined ? `a second beginning` : `something else than ${due}`)
}

/** Whether there is somebody there who has to be told that we go: who has our Intro, or will have. */
export function isIntroduced(phase: Phase): boolean {
  return phase !== 'hello' && phase !== 'proof'
}

export function helloOf({ nonce }: Handshake): Hello {
  return { type: 'hello', lowestVersion: PROTOCOL_LOWEST, highestVersion: PROTOCOL_HIGHEST, nonce }
}

/** Whether there is a protocol version that both speak. */
export function isSpoken({ lowestVersion, highestVersion }: Hello): boolean {
  return lowestVersion <= PROTOCOL_HIGHEST && highestVersion >= PROTOCOL_LOWEST
}

/** Our answer to their Hello. Throws `Malformed` for one that is our own, thrown back. */
export function answerTo({ nonce }: Hello, handshake: Handshake, key: Uint8Array): ProofMessage {
  if (nonce.every((byte, at) => byte === handshake.nonce[at])) throw new Malformed('our own nonce')
  handshake.challenge = nonce
  const { dialledBy, channel } = handshake
  const role = dialledBy === 'us' ? 'dialler' : 'dialled'
  return { type: 'proof', ...prove(key, { role, nonce: handshake.nonce, challenge: nonce, channel }) }
}

/** What their Proof, the answer to our Hello, is worth. */
export function judge(proof: ProofMessage, handshake: Handshake, key: Uint8Array): Verdict {
  const { dialledBy, channel, nonce: challenge, challenge: nonce } = handshake
  if (nonce === undefined) return 'unproven'
  const role = dialledBy === 'us' ? 'dialled' : 'dialler'
  const theirs = { ours: channel.theirs, theirs: channel.ours }
  return verify(key, { role, nonce, challenge, channel: theirs }, proof)
}
