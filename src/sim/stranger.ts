/**
 * A stranger: whoever has the room's code and speaks the protocol badly, by accident or on purpose. It repeats what it
 * hears with a bit or a number changed, offers what nobody has, and claims what it was not asked for. Knowing none of
 * the formats but by ear, it keeps up with them.
 */
import type { Hash128 } from '../core/causality/hash'
import { decodeMessage, encodeMessage } from '../core/gossip/codec'
import { answerTo, type Handshake, helloOf } from '../core/gossip/handshake'
import type { LinkId } from '../core/gossip/link'
import type { Message } from '../core/gossip/messages'
import { NONCE_BYTES } from '../core/gossip/proof'
import type { Network, NetworkInput, Session } from './network'
import type { Seeded } from './seeded'
import { PROOF_KEY } from './tab'

/** Of what it heard, it remembers so many messages. */
const MEMORY = 50

type Tree = { [name: string]: unknown }

export class Stranger implements Session {
  readonly member: string
  private readonly heard: Uint8Array[] = []
  private readonly handshakeByLink = new Map<LinkId, Handshake>()
  private gone = false

  constructor(
    /** As a place in the network, one that no tab has. */
    readonly tab: number,
    private readonly network: Network,
    private readonly random: Seeded,
  ) {
    this.member = network.newMember()
  }

  come(): void {
    this.network.join(this)
    this.network.refresh(this)
  }

  leave(): void {
    this.gone = true
    this.network.leave(this, false)
  }

  give(input: NetworkInput): void {
    if (this.gone) return
    switch (input.type) {
      case 'members':
        for (const member of input.members) if (this.random.chance(0.5)) this.network.dial(this, member)
        return
      case 'opened':
        return this.begin(input)
      case 'received':
        return this.received(input.link, input.message)
      case 'signaling':
        return this.network.refresh(this)
      default:
        return
    }
  }

  /** It is taken for a member: it proves to know the code. */
  private begin({ link, dialledBy, channel }: Extract<NetworkInput, { type: 'opened' }>): void {
    const nonce = Uint8Array.from({ length: NONCE_BYTES }, () => this.random.integer(0, 255))
    const handshake = { dialledBy, channel, nonce, challenge: undefined }
    this.handshakeByLink.set(link, handshake)
    this.say(link, helloOf(handshake))
  }

  private received(link: LinkId, bytes: Uint8Array): void {
    const { random } = this
    this.heard.push(bytes)
    if (this.heard.length > MEMORY) this.heard.shift()
    const message = structuredClone(decodeMessage(bytes))
    const handshake = this.handshakeByLink.get(link)
    if (message.type === 'hello' && handshake !== undefined && random.chance(0.95))
      this.say(link, answerTo(message, handshake, PROOF_KEY))
    else if (message.type === 'proof' && random.chance(0.95)) return
    else if (message.type === 'intro' && random.chance(0.9)) this.introduce(link, message)
    else if (message.type === 'want' && random.chance(0.7)) this.claim(link, message)
    else if (random.chance(0.9)) this.network.send(link, bytes)
    if (random.chance(0.3)) this.network.send(link, this.damaged(random.pick(this.heard)))
    if (random.chance(0.3)) this.lie(link, random.pick(this.heard))
  }

  /** Rarely under the name of whom it speaks to, who would only take another; often with a state that it lacks. */
  private introduce(link: LinkId, intro: Extract<Message, { type: 'intro' }>): void {
    const { random } = this
    const context: Hash128 = random.chance(0.5) ? intro.context : [1, 2, 3, random.integer(0, 9)]
    const actor = random.chance(0.1) ? intro.actor : undefined
    this.say(link, { ...intro, nodeId: 'stranger', actor, context })
  }

  /** More than was asked for, with nothing to show for it. */
  private claim(link: LinkId, want: Extract<Message, { type: 'want' }>): void {
    const { random } = this
    const dead = random.chance(0.5) && want.summary.kind === 'list' ? want.summary.live : new Map()
    const { transfer, want: known } = want
    this.say(link, { type: 'claim', transfer, known, events: 0, dead, ghosts: undefined })
  }

  private damaged(bytes: Uint8Array): Uint8Array {
    const { random } = this
    const damaged = bytes.slice(0, random.chance(0.2) ? random.integer(0, bytes.length) : bytes.length)
    const place = random.integer(0, damaged.length - 1)
    if (damaged.length > 0) damaged[place] = (damaged[place] as number) ^ (1 << random.integer(0, 7))
    return damaged
  }

  /** What was heard, with one number changed: well-formed, and not true. */
  private lie(link: LinkId, bytes: Uint8Array): void {
    const message = structuredClone(decodeMessage(bytes))
    const numbers: (() => void)[] = []
    this.visit(message as unknown as Tree, numbers)
    if (numbers.length === 0) return
    this.random.pick(numbers)()
    this.say(link, message)
  }

  /** Collects a change for each number in it. */
  private visit(tree: Tree | unknown[] | Map<unknown, unknown>, changes: (() => void)[]): void {
    const set =
      tree instanceof Map
        ? (name: unknown, value: unknown) => void tree.set(name, value)
        : (name: unknown, value: unknown) => void ((tree as Tree)[String(name)] = value)
    for (const [name, value] of tree instanceof Map ? tree : Object.entries(tree)) {
      if (typeof value === 'number') changes.push(() => set(name, this.otherThan(value)))
      else if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array))
        this.visit(value as Tree, changes)
    }
  }

  private otherThan(value: number): number {
    const { random } = this
    const others = [value + 1, value - 1, value + random.integer(1, 9), Number.MAX_SAFE_INTEGER]
    return Math.max(0, Math.min(Number.MAX_SAFE_INTEGER, random.pick(others)))
  }

  private say(link: LinkId, message: Message): void {
    let bytes: Uint8Array
    try {
      bytes = encodeMessage(message)
    } catch {
      return // it can't even be said
    }
    this.network.send(link, bytes)
  }
}
