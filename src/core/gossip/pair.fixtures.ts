/** Nodes with links between them that do nothing of themselves: the test says what is delivered, and when. */
import type { Actor } from '../causality/dot'
import { CausalContext } from '../causality/context'
import { Replica } from '../store/replica'
import { hashText } from '../causality/hash'
import type { Json, Key } from '../store/value'
import { effectsOfState, type FrozenState } from '../codec/record'
import { decodeMessage } from './codec'
import type { LinkId } from './link'
import type { Message } from './messages'
import type { ChannelBinding } from './proof'
import { GossipNode } from './node'
import type { Pacing } from './pacing'
import type { Input, Output } from './step'

export interface End {
  readonly at: TestNode
  readonly link: LinkId
  /** What is on its way to the other end. */
  readonly sent: Uint8Array[]
  open: boolean
  other: End
}

/** Of the room that all are in, unless a test says otherwise. */
const PROOF_KEY = new Uint8Array(32)

export class TestNode {
  readonly node: GossipNode
  readonly ends = new Map<LinkId, End>()
  readonly outputs: Output[] = []
  now = 1_000

  constructor(
    readonly member: string,
    options: {
      pacing?: Pacing
      actor?: Actor
      nodeId?: string
      state?: FrozenState
      proofKey?: Uint8Array
    } = {},
  ) {
    const { actor, pacing, state, nodeId = member, proofKey = PROOF_KEY } = options
    let minted = actor === undefined ? 0 : Number.parseInt(actor.slice(actor.indexOf('.') + 1), 10)
    let asked = 0
    const twin = nodeId === member ? '' : member // of one node id there may be several
    const random = {
      fraction: () => 0.5,
      bytes: (count: number) => hashedBytes(`${member} ${++asked}`, count),
      mintActor: () => `${this.node.nodeId}.${++minted}${twin}` as Actor,
      mintNodeId: () => `${nodeId}x${twin}`,
    }
    const replica = new Replica(0)
    if (state !== undefined) {
      const { context, ghosts, named, entries } = effectsOfState(state)
      replica.replay({ context, ghosts, named, entries: [...entries] })
    }
    this.node = new GossipNode(
      { nodeId, actor, deletesRemembered: 0, proofKey, random, ...(pacing === undefined ? {} : { pacing }) },
      replica,
    )
    this.give({ type: 'online', self: member })
    this.give({ type: 'signaling', up: true, self: member })
    this.outputs.length = 0
  }

  give(input: Input): Output[] {
    const outputs = [...this.node.step(input, this.now), ...this.node.step({ type: 'flush' }, this.now)]
    for (const output of outputs) {
      if (output.type === 'send') this.ends.get(output.link)?.sent.push(output.message)
      if (output.type === 'hangUp') {
        const end = this.ends.get(output.link)
        if (end !== undefined) end.open = false
      }
    }
    this.outputs.push(...outputs)
    return outputs
  }

  set(key: string, value: Json | undefined): void {
    const writes = [{ key: key as Key, value }]
    this.give({ type: 'write', writes, merge: 'auto', wallMs: 1_000, origin: 'local' })
  }

  /** Lets time pass, and does what is due then. */
  wait(ms: number): Output[] {
    this.now += ms
    return this.give({ type: 'tick', lateMs: 0 })
  }

  get openLinks(): number {
    return [...this.ends.values()].filter(({ open }) => open).length
  }
}

function hashedBytes(text: string, count: number): Uint8Array {
  return new Uint8Array(Uint32Array.from(hashText(text)).buffer).slice(0, count)
}

let links = 0

/** What an end sees of the channel if nobody is in between. */
const betweenThem = (at: TestNode, other: TestNode): ChannelBinding => ({
  ours: `certificate of ${at.member}`,
  theirs: `certificate of ${other.member}`,
})

/** Opens a link; `from` dialled. `channel`: what the first one sees of it. */
export function connect(from: TestNode, to: TestNode, channel = betweenThem): End {
  const make = (at: TestNode): End => {
    const end = { at, link: ++links, sent: [], open: true }
    const whole = Object.assign(end, { other: end as unknown as End })
    at.ends.set(whole.link, whole)
    return whole
  }
  const [here, there] = [make(from), make(to)]
  here.other = there
  there.other = here
  to.give({
    type: 'opened',
    link: there.link,
    member: from.member,
    dialledBy: 'them',
    channel: channel(to, from),
  })
  from.give({
    type: 'opened',
    link: here.link,
    member: to.member,
    dialledBy: 'us',
    channel: channel(from, to),
  })
  return here
}

/** Delivers the next message that `end` sent. Returns it; undefined if there is none. */
export function deliverOne(end: End): Message | undefined {
  const message = end.sent.shift()
  if (message === undefined) return undefined
  if (end.other.open) end.other.at.give({ type: 'received', link: end.other.link, message })
  return decodeMessage(message)
}

/** How a peer that knows nothing introduces itself. */
export const introOf = (nodeId: string): Message => ({
  type: 'intro',
  nodeId,
  actor: undefined,
  context: new CausalContext().hash(),
  live: undefined,
})

/** Delivers so much that the other end takes what `end` says for that of a member. */
export function prove(end: End): void {
  for (const each of [end, end.other, end]) deliverOne(each)
}

/** Delivers all, in turn, until nothing is under way; closes what was hung up. Returns what was said. */
export function settle(...ends: End[]): Message[] {
  const said: Message[] = []
  for (let busy = true; busy;) {
    busy = false
    for (const end of ends.flatMap((end) => [end, end.other])) {
      const bytes = end.sent[0]?.length
      const message = deliverOne(end)
      if (message === undefined || bytes === undefined) continue
      busy = true
      said.push(message)
      if (end.open) end.at.give({ type: 'sent', link: end.link, bytes })
    }
    for (const end of ends.flatMap((end) => [end, end.other])) {
      if (end.open && !end.other.open && end.other.sent.length === 0) {
        end.open = false
        end.at.give({ type: 'closed', link: end.link })
        busy = true
      }
    }
  }
  return said
}
