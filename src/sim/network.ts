/**
 * The network and signaling: ordered, reliable links with latency and bandwidth, that end at any moment, with or
 * without a word to either side; directions that are blocked for a while; a server that lists who is there.
 */
import type { Input } from '../core/gossip/step'
import type { LinkId, MemberId } from '../core/gossip/link'
import type { Seeded } from './seeded'
import type { Timeline } from './timeline'

/** What the network tells a tab. */
export type NetworkInput = Extract<
  Input,
  { type: 'signaling' | 'members' | 'opened' | 'closed' | 'dialFailed' | 'received' | 'sent' }
>

/** One session of a tab at the network: from going online to going offline. */
export interface Session {
  readonly member: MemberId
  readonly tab: number
  give(input: NetworkInput): void
}

export interface NetworkOptions {
  readonly latencyMsMax: number
  readonly bandwidthMax: number
  /** So much of what is sent comes twice, or out of order. */
  readonly disorder: number
  /** So much of what is sent is the last that its link carries. */
  readonly fragility: number
}

interface End {
  readonly session: Session
  readonly link: LinkId
  open: boolean
  /** When our own queue is empty, and when the last message arrives. */
  drainedAt: number
  arrivesAt: number
  /** What arrived while the direction to here was blocked. */
  readonly parked: Uint8Array[]
  peer: End
  readonly wire: { broken: boolean }
}

export class Network {
  signalingUp = true
  private readonly latencyMsMax: number
  private readonly bandwidthMax: number
  private disorder: number
  private fragility: number
  private links = 0
  private members = 0
  private readonly sessionByMember = new Map<MemberId, Session>()
  private readonly endByLink = new Map<LinkId, End>()
  private readonly blocked = new Set<string>()

  constructor(
    private readonly timeline: Timeline,
    private readonly random: Seeded,
    { latencyMsMax, bandwidthMax, disorder, fragility }: NetworkOptions,
  ) {
    this.fragility = fragility
    this.latencyMsMax = latencyMsMax
    this.bandwidthMax = bandwidthMax
    this.disorder = disorder
  }

  // What tabs do

  newMember(): MemberId {
    return `m${this.random.integer(0, 999)}-${++this.members}`
  }

  join(session: Session): void {
    this.sessionByMember.set(session.member, session)
    this.timeline.after(this.latency(), () => this.tellSignaling(session))
  }

  /** `quietly`: nobody hears of it, and signaling lists the session for a while. */
  leave(session: Session, quietly: boolean): void {
    for (const end of this.endsOf(session)) this.shut(end, quietly)
    const gone = () => {
      if (this.sessionByMember.get(session.member) === session) this.sessionByMember.delete(session.member)
    }
    if (quietly) this.timeline.after(this.random.between(0, 8_000), gone)
    else gone()
  }

  dial(session: Session, member: MemberId): void {
    this.timeline.after(this.latency(), () => {
      const other = this.sessionByMember.get(member)
      const reachable = other !== undefined && this.signalingUp && !this.isCut(session, other)
      if (reachable && this.random.chance(0.9)) this.open(session, other)
      else
        this.timeline.after(this.random.between(50, 6_000), () =>
          session.give({ type: 'dialFailed', member }),
        )
    })
  }

  send(link: LinkId, message: Uint8Array): void {
    const end = this.endByLink.get(link)
    if (end === undefined || !end.open) return
    const { timeline, random } = this
    const bandwidth = random.between(this.bandwidthMax / 100, this.bandwidthMax)
    end.drainedAt = Math.max(end.drainedAt, timeline.now) + message.length / bandwidth
    end.arrivesAt = Math.max(end.arrivesAt, end.drainedAt + this.latency())
    timeline.at(end.drainedAt, () => {
      if (end.open) end.session.give({ type: 'sent', link, bytes: message.length })
    })
    timeline.at(end.arrivesAt + this.straysMs(), () => this.arrive(end.peer, message))
    if (this.isDisturbed()) timeline.at(end.arrivesAt + this.straysMs(), () => this.arrive(end.peer, message))
    if (this.fragility > 0 && random.chance(this.fragility)) this.break(end)
  }

  hangUp(link: LinkId): void {
    const end = this.endByLink.get(link)
    if (end !== undefined) this.shut(end, this.random.chance(0.2))
  }

  refresh(session: Session): void {
    this.timeline.after(2 * this.latency(), () => {
      if (!this.signalingUp || !this.sessionByMember.has(session.member)) return
      const members = [...this.sessionByMember.keys()].filter((member) => member !== session.member)
      session.give({ type: 'members', members })
    })
  }

  // What befalls them

  setSignaling(up: boolean): void {
    this.signalingUp = up
    for (const session of this.sessionByMember.values()) this.tellSignaling(session)
  }

  /** Ends one link of the tab, and tells either side soon, late or never. */
  breakOne(tab: number): void {
    const open = [...this.endByLink.values()].filter(({ open, session }) => open && session.tab === tab)
    if (open.length > 0) this.break(this.random.pick(open))
  }

  private break(end: End): void {
    end.wire.broken = true
    for (const side of [end, end.peer]) {
      if (this.random.chance(0.7)) {
        this.timeline.after(this.random.between(0, this.random.chance(0.7) ? 50 : 15_000), () =>
          this.close(side),
        )
      }
    }
  }

  /** Nothing gets from one tab to another: a direction alone is blocked, not its opposite. */
  block(from: number, to: number): void {
    this.blocked.add(`${from}>${to}`)
  }

  heal(): void {
    this.blocked.clear()
    for (const end of this.endByLink.values())
      for (const message of end.parked.splice(0)) this.deliver(end, message)
  }

  /** From now on, what is sent comes once and in order, and links last. */
  calm(): void {
    this.disorder = this.fragility = 0
  }

  // Parts

  /** How much later than in its turn a message comes. */
  private straysMs(): number {
    return this.isDisturbed() ? this.random.between(0, 1_000) : 0
  }

  private isDisturbed(): boolean {
    return this.disorder > 0 && this.random.chance(this.disorder)
  }

  private tellSignaling(session: Session): void {
    session.give({ type: 'signaling', up: this.signalingUp, self: session.member })
  }

  private open(from: Session, to: Session): void {
    const wire = { broken: false }
    const [dialler, answerer] = [this.newEnd(from, wire), this.newEnd(to, wire)]
    dialler.peer = answerer
    answerer.peer = dialler
    const openedAt = this.timeline.now + this.latency()
    answerer.arrivesAt = openedAt // nothing arrives before both ends are open
    this.timeline.at(openedAt, () => {
      if (!wire.broken && answerer.open) this.opened(dialler, to.member, 'us')
      else from.give({ type: 'dialFailed', member: to.member })
    })
    this.opened(answerer, from.member, 'them')
  }

  private newEnd(session: Session, wire: End['wire']): End {
    const end = { session, link: ++this.links, open: false, drainedAt: 0, arrivesAt: 0, parked: [], wire }
    return Object.assign(end, { peer: end as unknown as End })
  }

  private opened(end: End, member: MemberId, dialledBy: 'us' | 'them'): void {
    end.open = true
    this.endByLink.set(end.link, end)
    end.session.give({ type: 'opened', link: end.link, member, dialledBy, channel: { ours: '', theirs: '' } })
  }

  private arrive(end: End, message: Uint8Array): void {
    if (end.wire.broken || !end.open) return
    const isBlocked = this.blocked.has(`${end.peer.session.tab}>${end.session.tab}`)
    if (isBlocked || end.parked.length > 0) end.parked.push(message)
    else this.deliver(end, message)
  }

  private deliver(end: End, message: Uint8Array): void {
    if (end.open && !end.wire.broken) end.session.give({ type: 'received', link: end.link, message })
  }

  private shut(end: End, quietly: boolean): void {
    if (!end.open) return
    this.timeline.after(0, () => this.close(end))
    end.open = false
    if (quietly) end.wire.broken = true
    else
      this.timeline.at(Math.max(end.arrivesAt, this.timeline.now + this.latency()), () =>
        this.close(end.peer),
      )
  }

  private close(end: End): void {
    if (!this.endByLink.delete(end.link)) return
    end.open = false
    end.session.give({ type: 'closed', link: end.link })
  }

  private endsOf(session: Session): End[] {
    return [...this.endByLink.values()].filter((end) => end.session === session)
  }

  private isCut(a: Session, b: Session): boolean {
    return this.blocked.has(`${a.tab}>${b.tab}`) || this.blocked.has(`${b.tab}>${a.tab}`)
  }

  private latency(): number {
    return this.random.chance(0.05)
      ? this.random.between(50, 2_000)
      : this.random.between(1, this.latencyMsMax)
  }
}
