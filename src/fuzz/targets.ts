/**
 * What a fuzzer attacks: all that takes bytes or text from outside. Each target is given what a good peer, server, file
 * or disk says, changed, and says whether it was taken or refused. It throws where a promise is broken: an error that is
 * not the one for bad input, or a state that is another after a refusal.
 */
import fc from 'fast-check'
import { parseFrame, parseHello } from '../../signaling/protocol'
import { SignalFilter } from '../adapters/peerjs/signals'
import { effects, messages } from '../core/codec/arbitraries.fixtures'
import { Malformed } from '../core/codec/bytes'
import { encodeEffects, readEffects } from '../core/codec/record'
import { KvError } from '../core/errors'
import { decodeMessage, encodeMessage } from '../core/gossip/codec'
import { frameAt, FRAME_PAYLOAD_BYTES, Reassembler } from '../core/gossip/framing'
import { connect, type End, settle, TestNode } from '../core/gossip/pair.fixtures'
import { decodeImport } from '../core/snapshot-import'
import { BROKEN_FILES, GOOD_SNAPSHOT } from '../core/snapshot.fixtures'
import { joinFragment } from '../core/store/fragment'
import { stateText } from '../core/store/oracle.fixtures'
import { Replica } from '../core/store/replica'
import type { Seeded } from '../sim/seeded'
import { mutatedBytes, mutatedText } from './mutate'

export type Outcome = 'taken' | 'refused'

export interface Target {
  readonly name: string
  /** Of all inputs, how many of each hundred. */
  readonly share: number
  /** Gives it one input. */
  attack(random: Seeded): Outcome
}

const BASES = 300

/** With new bases for each seed. */
export function targetsOf(seed: number): Target[] {
  const spoken = [...conversation(), ...fc.sample(messages, { seed, numRuns: BASES }).map(encodeMessage)]
  const records = fc.sample(effects, { seed, numRuns: BASES }).flatMap((each) => [...encodeEffects(each)])
  const files = [GOOD_SNAPSHOT, '{"chave": "valor", "lista": [1, {"a": null}]}', ...shortFiles()]
  return [
    { name: 'link frames', share: 15, attack: (random) => attackFraming(spoken, random) },
    { name: 'messages', share: 35, attack: (random) => attackCodec(spoken, random) },
    { name: 'a linked node', share: 15, attack: nodeAttack(spoken, 'linked') },
    { name: 'a node before the proof', share: 5, attack: nodeAttack(beginnings(spoken), 'unproven') },
    { name: 'signaling frames at the server', share: 10, attack: (random) => attackServer(random) },
    { name: 'signals at the page', share: 5, attack: signalAttack() },
    { name: 'database records', share: 8, attack: (random) => attackRecord(records, random) },
    { name: 'snapshots', share: 6, attack: (random) => attackFile(files, random) },
  ]
}

// Links

/** All that two nodes say to each other while they link, sync, write at once and part. */
function conversation(): Uint8Array[] {
  const said: Uint8Array[] = []
  const [a, b] = [new TestNode('a'), new TestNode('b')]
  for (let at = 0; at < 40; at++)
    (at % 2 === 0 ? a : b).set(`key ${at % 13}`, at % 5 === 0 ? undefined : { at })
  const end = connect(a, b)
  settle(end)
  a.set('later', [1, 2, 3])
  b.set('later', 'also')
  settle(end)
  for (const { outputs } of [a, b])
    for (const each of outputs) if (each.type === 'send') said.push(each.message)
  return said
}

/** What may come before the proof. */
function beginnings(spoken: readonly Uint8Array[]): Uint8Array[] {
  return spoken.filter((bytes) => ['hello', 'proof'].includes(decodeMessage(bytes).type))
}

function attackFraming(spoken: readonly Uint8Array[], random: Seeded): Outcome {
  const reassembler = new Reassembler()
  if (random.chance(0.7)) reassembler.trust()
  const long = new Uint8Array(FRAME_PAYLOAD_BYTES + random.integer(0, 2))
  const message = random.chance(0.1) ? long : random.pick(spoken)
  for (let from = 0; from === 0 || from < message.length; from += FRAME_PAYLOAD_BYTES) {
    const frame = frameAt(message, from)
    const whole = random.chance(0.5) ? frame : changedAtEnds(frame, random)
    if (reassembler.take(whole).type === 'malformed') return 'refused'
  }
  return 'taken'
}

/** A frame is looked at by its first byte and its length. */
function changedAtEnds(frame: Uint8Array, random: Seeded): Uint8Array {
  const changed = frame.slice(0, random.chance(0.5) ? frame.length : random.integer(0, frame.length))
  if (changed.length > 0 && random.chance(0.5)) changed[0] = random.integer(0, 4)
  return changed
}

function attackCodec(spoken: readonly Uint8Array[], random: Seeded): Outcome {
  return outcomeOf(() => decodeMessage(mutatedBytes(random.pick(spoken), spoken, random)))
}

/**
 * The whole of a node: a link is dropped at what is refused, and nothing else has changed then; and what it passes on
 * of what it takes, to a bystander, can be read.
 */
function nodeAttack(spoken: readonly Uint8Array[], phase: 'linked' | 'unproven'): Target['attack'] {
  let victim: TestNode | undefined
  let end: End | undefined
  let inputs = 0
  return (random) => {
    if (victim === undefined || ++inputs % 500 === 0) {
      victim = grown()
      settle(connect(new TestNode('bystander'), victim))
    }
    if (end === undefined || !end.open || end.at !== victim) end = linkTo(victim, phase)
    const before = stateText(victim.node.replica)
    const bytes = mutatedBytes(random.pick(spoken), spoken, random)
    const outputs = victim.give({ type: 'received', link: end.link, message: bytes })
    for (const each of outputs) if (each.type === 'send') decodeMessage(each.message)
    victim.now += 1
    victim.outputs.length = end.sent.length = 0
    if (phase === 'unproven' && outputs.some(({ type }) => type === 'proven' || type === 'commit'))
      throw new Error(`proven by ${hex(bytes)}`)
    if (outputs.every(({ type }) => type !== 'malformed' && type !== 'refused' && type !== 'updateNeeded'))
      return 'taken'
    if (end.open) throw new Error(`a link goes on after ${hex(bytes)}`)
    if (stateText(victim.node.replica) !== before) throw new Error(`something is taken of ${hex(bytes)}`)
    return 'refused'
  }
}

function grown(): TestNode {
  const node = new TestNode('victim')
  for (let at = 0; at < 30; at++) node.set(`key ${at % 11}`, at % 7 === 0 ? undefined : `value ${at}`)
  return node
}

let peers = 0

/** The victim's end of a new link. */
function linkTo(victim: TestNode, phase: 'linked' | 'unproven'): End {
  const end = connect(new TestNode(`p${(peers += 1) % 5}x`), victim)
  if (phase === 'linked') settle(end)
  return end.other
}

// Signaling

const FRAMES = [
  '{"type":"HEARTBEAT"}',
  '{"type":"LEAVE"}',
  '{"type":"OFFER","dst":"b","payload":{"sdp":{"type":"offer","sdp":"v=0"},"type":"data","connectionId":"c","reliable":true,"serialization":"raw"}}',
  '{"type":"ANSWER","dst":"b","payload":{"sdp":{"type":"answer","sdp":"v=0"},"type":"data","connectionId":"c"}}',
  '{"type":"CANDIDATE","dst":"b","payload":{"candidate":{"candidate":"x"},"type":"data","connectionId":"c"}}',
  '{"type":"LEAVE","dst":"b"}',
]
const HELLOS = ['key=room&id=tab-1&token=t0ken&version=1.5.5', 'key=0f0f&id=abc&token=a']
const TYPES = new Set(['HEARTBEAT', 'LEAVE', 'OFFER', 'ANSWER', 'CANDIDATE'])

function attackServer(random: Seeded): Outcome {
  const hello = parseHello(new URLSearchParams(mutatedText(random.pick(HELLOS), HELLOS, random)))
  if (!('wrong' in hello) && !/^[\w-]{1,128}$/.test(hello.room)) throw new Error(`a room “${hello.room}”`)
  const text = mutatedText(random.pick(FRAMES), FRAMES, random)
  const frame = parseFrame(text)
  if (frame === undefined) return 'refused'
  if (!TYPES.has(frame.type)) throw new Error(`a frame of type ${frame.type} of ${text}`)
  JSON.stringify(frame) // as it is passed on
  return 'taken'
}

function signalAttack(): Target['attack'] {
  const filter = new SignalFilter({
    isMember: (id) => id === 'b',
    isKnown: (_, connectionId) => connectionId === 'c',
    isWelcome: () => true,
  })
  const signals = FRAMES.map((text) => text.replace('"dst"', '"src"'))
  return (random) => {
    const text = mutatedText(random.pick(signals), signals, random)
    let signal: unknown
    try {
      signal = JSON.parse(text)
    } catch {
      return 'refused' // PeerJS reads it in the same way
    }
    return filter.admits(signal) ? 'taken' : 'refused'
  }
}

// Disks and files

function attackRecord(records: readonly Uint8Array[], random: Seeded): Outcome {
  return outcomeOf(() => {
    const replica = new Replica(0)
    const aside = readEffects(
      mutatedBytes(random.pick(records), records, random),
      (key, version) => replica.place(key, version),
      (key, dot) => replica.displace(key, dot),
    )
    replica.replayAside(aside)
    replica.digest()
  })
}

function attackFile(files: readonly string[], random: Seeded): Outcome {
  return outcomeOf(() => {
    const file = decodeImport(mutatedText(random.pick(files), files, random))
    if (file.kind === 'snapshot') joinFragment(new Replica(0), file.fragment)
  })
}

function shortFiles(): string[] {
  return BROKEN_FILES.map(({ text }) => text()).filter(({ length }) => length < 5_000)
}

// Parts

function outcomeOf(attempt: () => void): Outcome {
  try {
    attempt()
    return 'taken'
  } catch (error) {
    if (error instanceof Malformed || error instanceof KvError) return 'refused'
    throw error
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
