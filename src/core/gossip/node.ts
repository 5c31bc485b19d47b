/**
 * A node: one replica, its links, and what it says on them. `step(input, now)` is all there is: deterministic,
 * without a clock, a timer or a network of its own. What belongs to one concern is a file beside this one;
 * here inputs are told apart and the parts put together.
 */
import type { Actor } from '../causality/dot'
import { Malformed } from '../codec/bytes'
import { effectsOfState, type FrozenState } from '../codec/record'
import {
  FINGERPRINT_ENTRIES,
  FINGERPRINT_LATE_MS_MAX,
  LOST_AFTER_MS,
  PING_EVERY_MS,
  PULLED_PUSHED_MAX,
  REFRESH_EVERY_MS,
  ROOT_EVERY_MS_MIN,
  ROOT_REST_MS,
  ROOT_REST_MS_MAX,
  ROOT_ROUND_MS_MAX,
  ROOT_ROUND_MS_MIN,
  SILENCE_MS_MAX,
  SILENCE_MS_MIN,
  SURPLUS_CHORD_MS,
  SURPLUS_MS_MAX,
  SURPLUS_MS_MIN,
  TRANSFER_IDLE_MS_MAX,
} from '../limits'
import { joinFragment, type StateFragment } from '../store/fragment'
import { deletersIn, removedIn, type Remover } from '../store/removal'
import { type Renaming, renameState } from '../store/rename'
import { Replica } from '../store/replica'
import type { Key } from '../store/value'
import { AmnesiaGuard, type Naming, namingOfFragment, namingOfMessage } from './amnesia'
import { AntiEntropy } from './anti-entropy'
import { Broadcast } from './broadcast'
import { decodeMessage, encodeMessage } from './codec'
import { answerTo, checkTurn, helloOf, isIntroduced, isSpoken, judge } from './handshake'
import { type Link, type LinkId, type MemberId, newLink } from './link'
import { type KnownNode, Membership, stateWithoutLink } from './membership'
import type { Bye, Hello, Intro, Message, ProofMessage } from './messages'
import { OVERLAY, type OverlaySize } from './overlay'
import { type Pacing, PACING } from './pacing'
import { NONCE_BYTES } from './proof'
import { Roots } from './roots'
import type { Input, KeyWrite, NodeRandom, Origin, Output } from './step'

export interface NodeOptions {
  readonly nodeId: string
  /** The actor of before, if the disk provably did not go back since. */
  readonly actor: Actor | undefined
  readonly deletesRemembered: number
  /** Derived from the room's code: what peers have to prove that they know it. */
  readonly proofKey: Uint8Array
  readonly random: NodeRandom
  /** How much goes on a link at a time; absent: what the limits say. */
  readonly pacing?: Pacing
  /** How many links there are; absent: what the limits say. */
  readonly overlay?: OverlaySize
  /** Every event goes on every link, for comparison. */
  readonly floods?: boolean
}

/** Messages by which a peer comes to know own writes, those of an answer aside. Rows only name them. */
const TELLS_DOTS: ReadonlySet<Message['type']> = new Set(['events', 'have'])

export interface PeerView {
  readonly nodeId: string
  readonly state: 'connecting' | 'linked' | 'away' | 'lost'
  readonly inSync: boolean
  readonly rttMs: number | undefined
  readonly bytesIn: number
  readonly bytesOut: number
}

export class GossipNode {
  nodeId: string
  replica: Replica
  actor: Actor | undefined
  private readonly options: NodeOptions
  private readonly random: NodeRandom
  private readonly overlay: OverlaySize
  private readonly pacing: Pacing
  private readonly membership: Membership
  private readonly linkById = new Map<LinkId, Link>()
  private readonly roots: Roots
  private readonly antiEntropy: AntiEntropy
  private readonly broadcast: Broadcast
  private readonly guard = new AmnesiaGuard(() => this.replica)
  private self: MemberId | undefined
  private signalingUp = false
  private outputs: Output[] = []
  private pingNumber = 0
  private rootsAt = Number.POSITIVE_INFINITY
  /** Where it never rests, they are sent at this time the latest. */
  private rootsBy = Number.POSITIVE_INFINITY
  private rootsSentAt = Number.NEGATIVE_INFINITY
  private roundAt = Number.POSITIVE_INFINITY
  private refreshAt = Number.POSITIVE_INFINITY
  /** When to look next whom to dial. */
  private dialsAt = Number.POSITIVE_INFINITY
  private lastSent: { readonly message: Message; readonly bytes: Uint8Array } | undefined

  constructor(options: NodeOptions, replica = new Replica(options.deletesRemembered)) {
    this.options = options
    this.nodeId = options.nodeId
    this.actor = options.actor
    this.random = options.random
    this.overlay = options.overlay ?? OVERLAY
    this.membership = new Membership(this.overlay)
    this.replica = replica
    this.guard.left(options.actor)
    const send = (link: Link, message: Message) => this.send(link, message)
    const pacing = options.pacing ?? PACING
    this.pacing = pacing
    this.roots = new Roots(() => this.replica, send)
    this.antiEntropy = new AntiEntropy(() => this.replica, this.roots, pacing, send)
    this.broadcast = new Broadcast(() => this.replica, pacing, options.floods !== true, send)
  }

  step(input: Input, now: number): Output[] {
    const outputs: Output[] = []
    this.outputs = outputs
    this.take(input, now)
    return outputs
  }

  private take(input: Input, now: number): void {
    switch (input.type) {
      case 'write':
        return this.write(input, now)
      case 'join':
        return this.join(input, now)
      case 'rename':
        return this.rename(input.renaming, now)
      case 'flush':
        return this.broadcast.flush(this.linkById.values(), now)
      case 'online':
        return this.online(input.self, now)
      case 'offline':
        return this.offline(input.why, now)
      case 'members':
        return this.listed(input.members, now)
      case 'nearby':
        this.membership.nearby(input.members, () => now + this.jitter(0, 500))
        this.lookForLinks(now)
        return this.work(now)
      case 'signaling':
        this.self = input.self
        this.signalingUp = input.up
        this.refreshAt = input.up ? now : Number.POSITIVE_INFINITY
        this.membership.signaling(input.up, now)
        this.lookForLinks(now)
        return this.work(now)
      case 'opened':
        return this.opened(input, now)
      case 'closed':
        return this.closed(input.link, now)
      case 'dialFailed':
        this.membership.inVain(input.member)
        this.outputs.push({ type: 'peersChanged' })
        return this.failed(input.member, this.random.fraction(), now)
      case 'received':
        return this.received(input.link, input.message, now)
      case 'sent':
        return this.sent(input.link, input.bytes, now)
      case 'tick':
        return this.tick(input.lateMs, now)
      case 'probe':
        return this.probe(now)
    }
  }

  // What others may ask

  /** When the next tick is due; infinite if nothing waits for time. */
  wakeAt(): number {
    let at = Math.min(this.rootsAt, this.roundAt, this.refreshAt, this.dialsAt, this.broadcast.wakeAt())
    for (const link of this.linkById.values()) {
      at = Math.min(at, link.silentAt, link.pingAt)
      if (link.pull !== undefined) at = Math.min(at, link.pull.progressAt + TRANSFER_IDLE_MS_MAX)
    }
    return at
  }

  /**
   * The nodes that we are linked with, and those whom we miss. Of a room that is larger than a full mesh, others
   * reach whom we are not linked with: who is listed by signaling is not missed.
   */
  peers(now: number): PeerView[] {
    const views: PeerView[] = []
    const isFullMesh = this.self === undefined || this.wanted(this.self).isFullMesh
    for (const node of this.membership.nodeById.values()) {
      if (node.link === undefined && !isFullMesh && this.membership.isListed(node)) continue
      const view = this.peerOf(node, now)
      if (view !== undefined) views.push(view)
    }
    return views
  }

  private wanted(self: MemberId) {
    return this.membership.wanted(self, (id) => this.isLinked(id))
  }

  /** What is being received now, in entries; undefined if nothing is. */
  receiving(): { done: number; total: number } | undefined {
    for (const { pull } of this.linkById.values()) {
      if (pull !== undefined && pull.total > 0) return { done: pull.received, total: pull.total }
    }
    return undefined
  }

  /** All own writes until now may be known elsewhere: in a file, or to a tab that may read our disk. */
  expose(): void {
    this.guard.left(this.actor)
  }

  /** The whole state at this instant for a file. What it holds of our own is to be durable before it is handed out. */
  exportState(): StateFragment {
    this.expose()
    const { context, entries, ghosts } = this.freeze()
    return { context, entries: new Map(entries), ghosts }
  }

  /** The whole state at this instant; later inputs don't touch it. */
  freeze(): FrozenState {
    return {
      context: this.replica.context.copyRows(),
      entries: [...this.replica.entries()],
      ghosts: new Map(this.replica.ghostsByKey()),
      named: this.replica.named(),
    }
  }

  /** Members of the room to whom no way leads, as far as we tried. */
  unreachable(): number {
    return this.signalingUp ? this.membership.unreachable((member) => this.isLinked(member)) : 0
  }

  /** Nobody is linked, and somebody may be in a moment. */
  isAwaiting(): boolean {
    for (const { phase } of this.linkById.values()) if (phase === 'ready') return false
    return this.self !== undefined && this.membership.isAwaiting(this.self)
  }

  private peerOf(node: KnownNode, now: number): PeerView | undefined {
    const link = node.link === undefined ? undefined : this.linkById.get(node.link)
    const state =
      link === undefined ? stateWithoutLink(node, now) : link.phase === 'ready' ? 'linked' : 'connecting'
    const lostAt = node.farewell === 'left' ? node.seenAt : node.seenAt + LOST_AFTER_MS
    if (state === 'lost' && now > lostAt + LOST_AFTER_MS) return undefined
    return {
      nodeId: node.id,
      state,
      inSync: link !== undefined && this.antiEntropy.inSync(link),
      rttMs: link?.rttMs,
      bytesIn: node.bytesIn,
      bytesOut: node.bytesOut,
    }
  }

  // Own writes

  private write(input: Extract<Input, { type: 'write' }>, now: number): void {
    if (input.writes.length === 0) return
    this.actor ??= this.random.mintActor()
    let counter = this.replica.context.highest(this.actor)
    for (const write of input.writes) {
      const dot = { actor: this.actor, counter: ++counter }
      this.broadcast.add({ key: write.key, event: this.writeOne(write, dot, input) })
    }
    this.commit(input.writes.length, input.origin, now)
  }

  private writeOne(
    { key, value, merge }: KeyWrite,
    dot: { actor: Actor; counter: number },
    input: Extract<Input, { type: 'write' }>,
  ) {
    return value === undefined
      ? this.replica.delete(key, dot)
      : this.replica.put(key, value, merge ?? input.merge, dot, input.wallMs)
  }

  /** What the replica did in this input becomes one commit, and is told. `removerOf`: for what is not of our own. */
  private commit(ownWrites: number, origin: Origin, now: number, removerOf?: (key: Key) => Remover): void {
    const effects = this.replica.takeEffects()
    const keys = this.replica.takeChangedKeys()
    if (effects === undefined) return
    const isAlive = (key: Key) => this.replica.versions(key).length > 0
    const removed = removerOf === undefined ? [] : removedIn(effects.entries, isAlive, removerOf)
    this.outputs.push({ type: 'commit', effects, ownWrites, removed })
    if (keys.size > 0) this.outputs.push({ type: 'changed', keys, origin })
    this.rootsBy = Math.min(this.rootsBy, now + ROOT_REST_MS_MAX)
    const restsAt = Math.max(now + ROOT_REST_MS, this.rootsSentAt + ROOT_EVERY_MS_MIN)
    this.rootsAt = Math.min(restsAt, Math.max(now, this.rootsBy))
  }

  /** What names more of us than we know is joined after own writes got another name, as another actor's. */
  private join({ fragment, origin }: Extract<Input, { type: 'join' }>, now: number): void {
    if (this.actor !== undefined) this.looksStrange(namingOfFragment(fragment, this.actor), now)
    joinFragment(this.replica, fragment)
    if (origin === 'local') return this.commit(1, origin, now)
    const remover: Remover = { how: origin === 'peer' ? 'tab' : 'import' }
    this.commit(origin === 'peer' ? 0 : 1, origin, now, () => remover)
  }

  /** Before anything of it is applied: if others remember of us what we don't, own writes go on under another name. */
  private looksStrange(naming: Naming, now: number): boolean {
    if (this.actor === undefined) return false
    const above = this.guard.check(this.actor, naming)
    if (above === undefined) return false
    this.rename({ from: this.actor, above, to: this.random.mintActor() }, now)
    return true
  }

  /** What a message named of us, if nothing else of it was to be committed. */
  private commitNamed(): void {
    const effects = this.replica.takeEffects()
    if (effects !== undefined) this.outputs.push({ type: 'commit', effects, ownWrites: 0, removed: [] })
  }

  private rename(renaming: Renaming, now: number): void {
    this.endAndRedial(now)
    const replica = new Replica(this.options.deletesRemembered)
    replica.replay(effectsOfState(renameState(this.freeze(), renaming)))
    const keys = new Set<Key>()
    for (const [key, versions] of replica.entries())
      if (versions.some(({ actor }) => actor === renaming.to)) keys.add(key)
    this.replica = replica
    this.rootsAt = now
    if (this.actor === renaming.from) this.actor = renaming.to
    this.outputs.push({ type: 'recommit', renaming })
    if (keys.size > 0) this.outputs.push({ type: 'changed', keys, origin: 'local' })
    this.outputs.push({ type: 'peersChanged' })
  }

  // Members and links

  private online(self: MemberId, now: number): void {
    this.self = self
    this.rootsAt = now
    this.roundAt = now + this.jitter(ROOT_ROUND_MS_MIN, ROOT_ROUND_MS_MAX)
    this.outputs.push({ type: 'peersChanged' })
  }

  private offline(why: 'left' | 'offline', now: number): void {
    for (const link of this.linkById.values())
      if (isIntroduced(link.phase)) this.send(link, { type: 'bye', why })
    this.endLinks(now)
    this.membership.forgetMembers()
    this.self = undefined
    this.signalingUp = false
    this.rootsAt = this.rootsBy = Number.POSITIVE_INFINITY
    this.roundAt = this.refreshAt = this.dialsAt = Number.POSITIVE_INFINITY
    this.outputs.push({ type: 'peersChanged' })
  }

  private listed(members: readonly MemberId[], now: number): void {
    // Whoever comes anew dials all; those who were here give it a moment, so that both don't dial at once.
    const newcomer = this.linkById.size === 0
    const dialAt = () => (newcomer ? now : now + this.jitter(1_000, 3_000))
    const told = () => `${this.unreachable()} ${this.isAwaiting()}`
    const before = told()
    this.membership.listed(members, dialAt, now)
    if (told() !== before) this.outputs.push({ type: 'peersChanged' })
    this.refreshAt = now + this.jitter(REFRESH_EVERY_MS / 2, REFRESH_EVERY_MS)
    this.dialsAt = now
    this.work(now)
  }

  private failed(member: MemberId, random: number, now: number): void {
    this.membership.failed(member, random, now)
    this.lookForLinks(now)
  }

  /** Links, or what is known of members, changed: somebody may be missing. */
  private lookForLinks(now: number): void {
    if (this.self !== undefined) this.dialsAt = now
  }

  private isLinked(member: MemberId): boolean {
    for (const link of this.linkById.values()) if (link.member === member) return true
    return false
  }

  private opened(input: Extract<Input, { type: 'opened' }>, now: number): void {
    const { link: id, member, dialledBy, channel } = input
    if (this.self === undefined) {
      this.outputs.push({ type: 'hangUp', link: id })
      return
    }
    const dialler = dialledBy === 'us' ? this.self : member
    const link = newLink(
      id,
      member,
      dialler,
      { dialledBy, channel, nonce: this.random.bytes(NONCE_BYTES), challenge: undefined },
      now,
      this.jitter(SILENCE_MS_MIN, SILENCE_MS_MAX),
      now + PING_EVERY_MS,
    )
    this.linkById.set(id, link)
    this.membership.linked(member, now)
    this.send(link, helloOf(link.handshake))
  }

  private closed(id: LinkId, now: number): void {
    const link = this.linkById.get(id)
    if (link === undefined) return
    this.endLink(link, now)
    this.redial(link, now)
  }

  private redial(link: Link, now: number): void {
    if (this.isLinked(link.member) || this.self === undefined) return
    // The smaller id dials first, so that both don't dial at once.
    const [from, to] = this.self < link.member ? [100, 400] : [1_000, 2_000]
    this.membership.redialAt(link.member, now + this.jitter(from, to))
    this.lookForLinks(now)
  }

  private hangUp(link: Link, now: number): void {
    this.outputs.push({ type: 'hangUp', link: link.id })
    this.closed(link.id, now)
  }

  private endLinks(now: number): void {
    this.broadcast.clear()
    for (const link of [...this.linkById.values()]) {
      this.outputs.push({ type: 'hangUp', link: link.id })
      this.endLink(link, now)
    }
  }

  private endAndRedial(now: number): void {
    const links = [...this.linkById.values()]
    this.endLinks(now)
    for (const link of links) this.redial(link, now)
  }

  private endLink(link: Link, now: number): void {
    this.linkById.delete(link.id)
    const node = link.nodeId === undefined ? undefined : this.membership.nodeById.get(link.nodeId)
    if (node?.link === link.id) {
      const other = [...this.linkById.values()].find(({ nodeId }) => nodeId === node.id)
      node.link = other?.id
      if (other !== undefined) node.member = other.member
      node.seenAt = Math.max(node.seenAt, Math.min(now, link.heardAt))
    }
    if (link.pull !== undefined) this.antiEntropy.takeUpDeferred(this.linkById.values(), now)
    this.broadcast.ended(link, this.linkById)
    this.outputs.push({ type: 'peersChanged' })
  }

  // Messages

  /** What goes on several links, one after the other, is encoded once. */
  private encoded(message: Message): Uint8Array {
    if (this.lastSent?.message !== message) this.lastSent = { message, bytes: encodeMessage(message) }
    return this.lastSent.bytes
  }

  private send(link: Link, message: Message): void {
    const bytes = this.encoded(message)
    link.outstandingBytes += bytes.length
    const node = link.nodeId === undefined ? undefined : this.membership.nodeById.get(link.nodeId)
    if (node !== undefined) node.bytesOut += bytes.length
    if (TELLS_DOTS.has(message.type)) this.guard.left(this.actor)
    this.outputs.push({ type: 'send', link: link.id, message: bytes })
  }

  private received(id: LinkId, bytes: Uint8Array, now: number): void {
    const link = this.linkById.get(id)
    if (link === undefined) return
    link.heardAt = now
    if (isIntroduced(link.phase)) link.silentAt = now + link.silenceMs
    const node = link.nodeId === undefined ? undefined : this.membership.nodeById.get(link.nodeId)
    if (node !== undefined) {
      node.seenAt = now
      node.bytesIn += bytes.length
    }
    try {
      this.handle(link, decodeMessage(bytes), now)
      this.commitNamed()
    } catch (error) {
      if (!(error instanceof Malformed)) throw error
      this.outputs.push({ type: 'malformed', link: id, reason: error.message })
      this.refuse(link, now)
    }
  }

  /** Whether the message made us take another name; the link is gone then. */
  private tellsUsOfOurselves(link: Link, message: Message, now: number): boolean {
    if (message.type === 'root' && (message.yours !== undefined) !== (link.phase === 'known')) {
      throw new Malformed('a first Root that says nothing of us, or a later one that does')
    }
    if (this.actor === undefined || (message.type === 'root' && link.toldActor !== this.actor)) return false
    return this.looksStrange(namingOfMessage(message, this.actor), now)
  }

  private handle(link: Link, message: Message, now: number): void {
    checkTurn(link.phase, message.type)
    if (this.tellsUsOfOurselves(link, message, now)) return
    switch (message.type) {
      case 'hello':
        return this.greeted(link, message, now)
      case 'proof':
        return this.proved(link, message, now)
      case 'intro':
        return this.introduced(link, message, now)
      case 'root': {
        if (link.phase === 'known') {
          link.phase = 'ready'
          this.membership.settled(link.member)
          this.outputs.push({ type: 'peersChanged' })
        }
        this.antiEntropy.onRoot(link, message, now)
        if (!this.antiEntropy.inSync(link)) return
        this.guard.agreed(this.actor)
        this.outputs.push({ type: 'peersChanged' })
        return
      }
      case 'rows':
        return this.antiEntropy.onRows(link, message, this.linkById.values(), now)
      case 'outline':
        return this.handleWhole(link, this.antiEntropy.offers.onOutline(link, message, now), now)
      case 'inquiry':
        return this.antiEntropy.offers.onInquiry(link, message, now)
      case 'differing':
        return this.handleWhole(link, this.antiEntropy.offers.onDiffering(link, message), now)
      case 'want':
        if (this.antiEntropy.onWant(link, message, now)) this.guard.left(this.actor)
        return
      case 'events': {
        const fresh = this.antiEntropy.onEvents(link, message, now)
        if (message.transfer === 0) this.broadcast.onEvents(link, message, fresh, this.linkById)
        else if (message.total <= PULLED_PUSHED_MAX) this.broadcast.addPulled(fresh, link)
        return this.commit(0, 'peer', now, deletersIn(message.events, teller(link)))
      }
      case 'claim': {
        const ended = this.antiEntropy.onClaim(link, message, now)
        this.commit(0, 'peer', now, () => teller(link))
        if (ended) this.antiEntropy.takeUpDeferred(this.linkById.values(), now)
        this.outputs.push({ type: 'peersChanged' })
        return
      }
      case 'retry':
        return this.antiEntropy.onRetry(link, message, this.linkById.values(), now)
      case 'part':
        return this.handleWhole(link, this.antiEntropy.onPart(link, message, now), now)
      case 'prune':
        return this.broadcast.onPrune(link, message.actors)
      case 'have':
        return this.broadcast.onHave(link, message.rows, now)
      case 'graft':
        if (this.broadcast.onGraft(link, message)) this.roots.sendOne(link, now)
        return
      case 'ping':
        // Who asks and asks and reads nothing gets one answer in the end.
        if (link.outstandingBytes > this.pacing.windowBytes) link.pongDue = message.number
        else this.send(link, { type: 'pong', number: message.number })
        return
      case 'pong':
        if (link.ping?.number !== message.number) return
        link.rttMs = now - link.ping.sentAt
        link.ping = undefined
        if (link.rival !== undefined) link.rival.hasToAnswer = false
        this.tellTwins()
        this.outputs.push({ type: 'peersChanged' })
        return
      case 'twin':
        return this.metTwin(message.member, now)
      case 'bye':
        return this.farewell(link, message.why, now)
    }
  }

  /** What came in pieces, if it is whole now. */
  private handleWhole(link: Link, message: Message | undefined, now: number): void {
    if (message !== undefined) this.handle(link, message, now)
  }

  /** Hangs up, and dials the member ever less often. */
  private refuse(link: Link, now: number): void {
    this.hangUp(link, now)
    this.failed(link.member, 1, now)
  }

  private greeted(link: Link, hello: Hello, now: number): void {
    if (!isSpoken(hello)) {
      this.outputs.push({ type: 'updateNeeded' })
      return this.refuse(link, now)
    }
    link.phase = 'proof'
    this.send(link, answerTo(hello, link.handshake, this.options.proofKey))
  }

  private proved(link: Link, proof: ProofMessage, now: number): void {
    const verdict = judge(proof, link.handshake, this.options.proofKey)
    if (verdict !== 'proven') {
      this.outputs.push({ type: 'refused', link: link.id, why: verdict })
      return this.refuse(link, now)
    }
    link.phase = 'intro'
    this.outputs.push({ type: 'proven', link: link.id })
    link.toldActor = this.actor
    link.silentAt = now + link.silenceMs
    this.send(link, { type: 'intro', nodeId: this.nodeId, actor: this.actor, ...this.roots.hashes() })
  }

  private introduced(link: Link, intro: Intro, now: number): void {
    const { actor, nodeId } = this
    if (intro.nodeId === nodeId || (actor !== undefined && intro.actor === actor)) {
      return this.metTwin(link.member, now) // of the other, what it becomes will link anew
    }
    link.phase = 'known'
    link.nodeId = intro.nodeId
    link.theirActor = intro.actor
    link.theirState = intro
    const node = this.membership.node(intro.nodeId, link.member, now)
    const other = node.link === undefined ? undefined : this.linkById.get(node.link)
    if (other !== undefined && other !== link) {
      const loser = loserOf(other, link)
      if (loser === link) link.nodeId = undefined
      else node.link = link.id
      if (loser === undefined) this.doubt(other, link, now)
      else this.hangUp(loser, now)
      if (loser === link) return
    }
    node.link = link.id
    node.member = link.member
    node.seenAt = now
    node.farewell = undefined
    const surplus = this.surplusBeside(link)
    if (surplus !== undefined) this.endSurplus(surplus, now)
    if (surplus === link) return
    this.ping(link, now)
    this.antiEntropy.begin(link, now)
    this.outputs.push({ type: 'peersChanged' })
  }

  /** One of two sessions of one node should be gone, mostly the older. It is left a moment to show that it is not. */
  private doubt(older: Link, newer: Link, now: number): void {
    older.rival = { link: newer.id, hasToAnswer: true }
    this.ping(older, now)
    older.silentAt = Math.min(older.silentAt, now + PING_EVERY_MS)
  }

  /** Two sessions have both answered: an Intro alone may have come late, from one that is gone. */
  private tellTwins(): void {
    for (const older of this.linkById.values()) {
      if (older.rival === undefined || older.rival.hasToAnswer) continue
      const newer = this.linkById.get(older.rival.link)
      if (newer !== undefined && newer.rttMs === undefined) continue
      older.rival = undefined
      if (newer === undefined) continue
      this.send(older, { type: 'twin', member: newer.member })
      this.send(newer, { type: 'twin', member: older.member })
    }
  }

  /** Another live session has our node id, or our actor. Of two the one with the larger member id becomes another. */
  private metTwin(member: MemberId, now: number): void {
    if (this.self === undefined || this.self <= member) return
    this.nodeId = this.random.mintNodeId()
    this.outputs.push({ type: 'nodeRenamed', nodeId: this.nodeId })
    const { actor } = this
    if (actor === undefined) this.endAndRedial(now)
    else this.rename({ from: actor, above: this.guard.namedBefore(actor), to: this.random.mintActor() }, now)
  }

  /** With too many links: one that is not on the ring, the newest or else any. */
  private surplusBeside(newest: Link): Link | undefined {
    const settled = [...this.linkById.values()].filter(({ nodeId }) => nodeId !== undefined)
    if (settled.length <= this.overlay.settled || this.self === undefined) return undefined
    const { fixed } = this.wanted(this.self)
    const chords = settled.filter(({ member }) => !fixed.some(({ id }) => id === member))
    return chords.includes(newest) ? newest : chords[Math.floor(this.random.fraction() * chords.length)]
  }

  private endSurplus(link: Link, now: number): void {
    this.send(link, { type: 'bye', why: 'surplus' })
    this.endedAsSurplus(link, now)
  }

  private endedAsSurplus(link: Link, now: number): void {
    this.hangUp(link, now)
    const dialAt = now + this.jitter(SURPLUS_MS_MIN, SURPLUS_MS_MAX)
    this.membership.surplus(link.member, dialAt, now + SURPLUS_CHORD_MS)
    this.lookForLinks(now)
  }

  private farewell(link: Link, why: Bye['why'], now: number): void {
    if (why === 'surplus') return this.endedAsSurplus(link, now)
    // Its session may be back already, and this goodbye, on a link of before, late.
    const isBack = [...this.linkById.values()].some((other) => other !== link && other.member === link.member)
    const node = link.nodeId === undefined ? undefined : this.membership.nodeById.get(link.nodeId)
    if (!isBack) this.membership.depart(link.member)
    if (!isBack && node !== undefined) node.farewell = why
    this.hangUp(link, now)
  }

  private sent(id: LinkId, bytes: number, now: number): void {
    const link = this.linkById.get(id)
    if (link === undefined) return
    link.outstandingBytes = Math.max(0, link.outstandingBytes - bytes)
    if (link.pongDue !== undefined && link.outstandingBytes <= this.pacing.windowBytes) {
      this.send(link, { type: 'pong', number: link.pongDue })
      link.pongDue = undefined
    }
    this.antiEntropy.pump(link, now)
    this.broadcast.catchUp(link, () => this.roots.sendOne(link, now))
  }

  // Time

  private tick(lateMs: number, now: number): void {
    for (const link of this.linkById.values()) {
      link.silentAt += lateMs
      if (link.pull !== undefined) link.pull.progressAt += lateMs
    }
    this.work(now)
  }

  /** Does what is due. */
  private work(now: number): void {
    for (const link of [...this.linkById.values()]) {
      if (link.silentAt <= now) {
        this.hangUp(link, now)
        continue
      }
      if (link.pingAt <= now) this.ping(link, now)
      if (link.pull !== undefined && link.pull.progressAt + TRANSFER_IDLE_MS_MAX <= now) {
        link.pull = undefined
        this.antiEntropy.takeUpDeferred(this.linkById.values(), now)
        this.roots.sendOne(link, now)
      }
    }
    this.broadcast.work(this.linkById, now)
    if (this.rootsAt <= now) this.rest(now)
    if (this.roundAt <= now) this.round(now)
    if (this.signalingUp && this.refreshAt <= now) {
      this.refreshAt = now + this.jitter(REFRESH_EVERY_MS / 2, REFRESH_EVERY_MS)
      this.outputs.push({ type: 'refresh' })
    }
    if (this.self !== undefined && this.dialsAt <= now) this.dial(this.self, now)
  }

  private dial(self: MemberId, now: number): void {
    const linked = new Set([...this.linkById.values()].map(({ member }) => member))
    const { due, next } = this.membership.takeDue(self, linked, () => this.random.fraction(), now)
    for (const member of due) this.outputs.push({ type: 'dial', member })
    this.dialsAt = next
  }

  /** The state has rested, or not for long: its fingerprint is made, and the neighbours are told the root. */
  private rest(now: number): void {
    const isThrottled = now - this.rootsAt > FINGERPRINT_LATE_MS_MAX
    if (!this.replica.prepareLiveHash(isThrottled ? Number.POSITIVE_INFINITY : FINGERPRINT_ENTRIES)) {
      this.rootsAt = now
      return
    }
    this.rootsAt = this.rootsBy = Number.POSITIVE_INFINITY
    if (this.linkById.size > 0) this.rootsSentAt = now
    for (const link of this.linkById.values()) this.roots.sendIfNew(link, now)
  }

  /** One neighbour is told the root. */
  private round(now: number): void {
    this.roundAt = now + this.jitter(ROOT_ROUND_MS_MIN, ROOT_ROUND_MS_MAX)
    this.membership.pruneNodes(now)
    const ready = [...this.linkById.values()].filter(({ phase }) => phase === 'ready')
    const link = ready[Math.floor(this.random.fraction() * ready.length)]
    if (link !== undefined) this.roots.sendOne(link, now)
    this.outputs.push({ type: 'peersChanged' })
  }

  private probe(now: number): void {
    for (const link of this.linkById.values()) {
      if (link.phase === 'ready') this.ping(link, now)
      link.silentAt = Math.min(link.silentAt, now + PING_EVERY_MS)
    }
    this.work(now)
  }

  private ping(link: Link, now: number): void {
    link.pingAt = now + PING_EVERY_MS
    if (link.phase !== 'known' && link.phase !== 'ready') return
    link.ping = { number: ++this.pingNumber, sentAt: now }
    this.send(link, { type: 'ping', number: link.ping.number })
  }

  private jitter(from: number, to: number): number {
    return from + (to - from) * this.random.fraction()
  }
}

function teller({ nodeId = '' }: Link): Remover {
  return { how: 'claim', node: nodeId }
}

/**
 * Which of two links to one node goes. Both ends decide alike: of two that both ends dialled at once the one
 * dialled by the smaller id stays; otherwise the newer. Undefined if they are to two sessions of the node.
 */
function loserOf(older: Link, newer: Link): Link | undefined {
  if (older.member !== newer.member) return undefined
  if (older.dialler === newer.dialler) return older
  return older.dialler < newer.dialler ? newer : older
}
