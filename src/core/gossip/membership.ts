/**
 * Membership (DESIGN 4.6): whom to dial and when, and what became of the nodes that we met. Members are tab
 * sessions, named by signaling; nodes are replicas, known from their Intro. Pure state: deadlines are values.
 */
import { LOST_AFTER_MS, MEMBERS_MAX, REDIAL_MS_MAX, REDIAL_MS_MIN, UNREACHABLE_DIALS_MIN } from '../limits'
import type { LinkId, MemberId } from './link'
import { type OverlaySize, ringPlace, type Spot, type Wanted, wantedOf } from './overlay'

export interface Member extends Spot {
  attempts: number
  /** Dials since the last link that led to none. */
  vainDials: number
  dialling: boolean
  /** Not dialled before. */
  dialAt: number
  /** Not dialled before as a chord, which anybody can be. */
  chordAt: number
  listed: boolean
  /** For so long signaling, being up, has not listed it. */
  unlistedMs: number
  suspect: boolean
}

export interface KnownNode {
  readonly id: string
  /** Its session, as far as we know. */
  member: MemberId
  link: LinkId | undefined
  seenAt: number
  farewell: 'left' | 'offline' | undefined
  bytesIn: number
  bytesOut: number
}

/** Exponential backoff with full jitter above its half; `random` in 0 … 1. */
export function redialDelayMs(attempts: number, random: number): number {
  const ceiling = Math.min(REDIAL_MS_MAX, REDIAL_MS_MIN * 2 ** attempts)
  return ceiling / 2 + (ceiling / 2) * random
}

export class Membership {
  private readonly memberById = new Map<MemberId, Member>()
  /** Sessions that said goodbye: their ids never come back. */
  private readonly departed = new Set<MemberId>()
  /** Those who can be dialled although signaling is down. */
  private nearbyIds: ReadonlySet<MemberId> = new Set()
  private signalingUp = false
  /** Signaling has told who is here since it is up. */
  private hasList = false
  private listedAt: number | undefined
  readonly nodeById = new Map<string, KnownNode>()

  constructor(private readonly size: OverlaySize) {}

  /** Signaling is up or down: only while it is up does it tell anything that it does not list somebody. */
  signaling(up: boolean, now: number): void {
    this.signalingUp = up
    this.hasList = false
    this.listedAt = up ? now : undefined
  }

  /** Signaling lists them. New ones are dialled at `dialAt` at the earliest; those long unlisted are given up. */
  listed(ids: readonly MemberId[], dialAt: () => number, now: number): void {
    const sinceMs = now - (this.listedAt ?? now)
    this.listedAt = now
    this.hasList = true
    for (const member of this.memberById.values()) {
      member.listed = false
      member.unlistedMs += sinceMs
    }
    for (const id of ids) {
      const member = this.memberById.get(id) ?? this.add(id, dialAt)
      if (member === undefined) continue
      member.listed = true
      member.unlistedMs = 0
    }
    for (const member of this.memberById.values()) {
      if (member.unlistedMs > LOST_AFTER_MS) this.memberById.delete(member.id)
    }
  }

  /** These, and no others, can be dialled although signaling is down; whoever could not before, is at `dialAt`. */
  nearby(ids: readonly MemberId[], dialAt: () => number): void {
    const before = this.nearbyIds
    this.nearbyIds = new Set(ids)
    for (const id of ids) {
      const member = this.memberById.get(id) ?? this.add(id, dialAt)
      if (member === undefined) continue
      member.listed = true
      member.unlistedMs = 0
      if (before.has(id)) continue
      member.suspect = false
      member.dialAt = Math.min(member.dialAt, dialAt())
    }
  }

  private add(id: MemberId, dialAt: () => number): Member | undefined {
    if (this.departed.has(id) || this.memberById.size >= MEMBERS_MAX) return undefined
    const member: Member = {
      id,
      place: ringPlace(id),
      attempts: 0,
      vainDials: 0,
      dialling: false,
      dialAt: dialAt(),
      chordAt: 0,
      listed: false,
      unlistedMs: 0,
      suspect: false,
    }
    this.memberById.set(id, member)
    return member
  }

  /** The last link with the member ended without a goodbye: it is dialled again at `dialAt` at the earliest. */
  redialAt(id: MemberId, dialAt: number): void {
    const member = this.memberById.get(id) ?? this.add(id, () => dialAt)
    if (member === undefined) return
    member.dialling = false
    member.dialAt = dialAt
    member.suspect = true
  }

  /** One of the two had links enough: it is left alone until then. */
  surplus(id: MemberId, dialAt: number, chordAt: number): void {
    const member = this.memberById.get(id)
    if (member === undefined) return
    member.dialling = false
    member.suspect = false
    member.dialAt = dialAt
    member.chordAt = chordAt
  }

  /** A link opened. Whoever said goodbye and links again is back. */
  linked(id: MemberId, now: number): void {
    this.departed.delete(id)
    const member = this.memberById.get(id) ?? this.add(id, () => now)
    if (member === undefined) return
    member.dialling = false
    member.vainDials = 0
  }

  /** They speak as we do: the next redial is a first one. Those that only open links are dialled ever less often. */
  settled(id: MemberId): void {
    const member = this.memberById.get(id)
    if (member === undefined) return
    member.attempts = 0
    member.suspect = false
    member.unlistedMs = 0
  }

  /** A dial led to no link. */
  inVain(id: MemberId): void {
    const member = this.memberById.get(id)
    if (member !== undefined) member.vainDials += 1
  }

  /** How many are here, by the server's list, and no way leads to them: dialled in vain more than once. */
  unreachable(isLinked: (id: MemberId) => boolean): number {
    let count = 0
    for (const { id, listed, vainDials } of this.memberById.values())
      if (listed && vainDials >= UNREACHABLE_DIALS_MIN && !isLinked(id)) count += 1
    return count
  }

  /** It is not known yet who is here: the list is to come, or somebody of it was neither dialled to an end nor linked with before. */
  isAwaiting(self: MemberId): boolean {
    if (!this.signalingUp) return false
    if (!this.hasList) return true
    for (const { id, listed, attempts, suspect } of this.memberById.values())
      if (listed && id !== self && attempts === 0 && !suspect) return true
    return false
  }

  failed(id: MemberId, random: number, now: number): void {
    const member = this.memberById.get(id)
    if (member === undefined) return
    member.dialling = false
    member.dialAt = now + redialDelayMs(member.attempts, random)
    member.attempts += 1
    member.suspect = true
  }

  depart(id: MemberId): void {
    this.memberById.delete(id)
    this.departed.add(id)
    if (this.departed.size > MEMBERS_MAX) {
      const [oldest] = this.departed
      this.departed.delete(oldest as MemberId)
    }
  }

  /** Whom to be linked with, could everybody be dialled. */
  wanted(self: MemberId, isLinked: (id: MemberId) => boolean): Wanted<Member> {
    return wantedOf(ringPlace(self), this.memberById.values(), isLinked, this.size)
  }

  private mayDial(id: MemberId): boolean {
    return this.signalingUp || this.nearbyIds.has(id)
  }

  /**
   * Takes those to be dialled now, and tells when somebody is due next; infinite if nobody is. `fraction`: 0 ≤ x < 1,
   * draws the chords.
   */
  takeDue(
    self: MemberId,
    linked: ReadonlySet<MemberId>,
    fraction: () => number,
    now: number,
  ): { due: MemberId[]; next: number } {
    const members = [...this.memberById.values()].filter(({ id }) => linked.has(id) || this.mayDial(id))
    const isLinked = (id: MemberId) => linked.has(id)
    const { isFullMesh, fixed, redials } = wantedOf(ringPlace(self), members, isLinked, this.size)
    const isFree = (member: Member) => !member.dialling && !linked.has(member.id)
    const due: MemberId[] = []
    let next = Number.POSITIVE_INFINITY
    const take = (member: Member, at: number) => {
      if (at > now) {
        next = Math.min(next, at)
        return
      }
      member.dialling = true
      due.push(member.id)
    }
    for (const member of [...fixed, ...redials]) if (isFree(member)) take(member, member.dialAt)
    if (isFullMesh) return { due, next }

    const dialling = members.filter(({ id, dialling }) => dialling && !linked.has(id))
    let missing = this.size.wanted - linked.size - dialling.length
    if (missing <= 0) return { due, next }
    const chords = chordsOf(members.filter((member) => member.listed && isFree(member)))
    for (; missing > 0 && chords.length > 0; missing--) {
      const ready = chords.filter((member) => chordAt(member) <= now)
      const drawn = ready[Math.floor(fraction() * ready.length)]
      if (drawn === undefined) return { due, next: Math.min(next, ...chords.map(chordAt)) }
      take(drawn, now)
      chords.splice(chords.indexOf(drawn), 1)
    }
    return { due, next }
  }

  /** Nobody is dialled any more: their sessions, and ours, end here. */
  forgetMembers(): void {
    this.memberById.clear()
    this.nearbyIds = new Set()
    this.signalingUp = this.hasList = false
    this.listedAt = undefined
  }

  node(id: string, member: MemberId, now: number): KnownNode {
    let node = this.nodeById.get(id)
    if (node === undefined) {
      node = { id, member, link: undefined, seenAt: now, farewell: undefined, bytesIn: 0, bytesOut: 0 }
      this.nodeById.set(id, node)
      if (this.nodeById.size > MEMBERS_MAX) this.forgetOne(node)
    }
    return node
  }

  /** The one that was seen longest ago, of those that we are not linked with. */
  private forgetOne(newest: KnownNode): void {
    let oldest: KnownNode | undefined
    for (const node of this.nodeById.values()) {
      if (node.link !== undefined || node === newest) continue
      if (oldest === undefined || node.seenAt < oldest.seenAt) oldest = node
    }
    if (oldest !== undefined) this.nodeById.delete(oldest.id)
  }

  /** Signaling lists a session of the node. */
  isListed({ member }: KnownNode): boolean {
    return this.memberById.get(member)?.listed ?? false
  }

  /** Drops nodes that have been lost for long. */
  pruneNodes(now: number): void {
    for (const node of this.nodeById.values()) {
      const lostAt = node.farewell === 'left' ? node.seenAt : node.seenAt + LOST_AFTER_MS
      if (node.link === undefined && now > lostAt + LOST_AFTER_MS) this.nodeById.delete(node.id)
    }
  }
}

/** Those who can be chords: who seem to be away, only if there is nobody else. */
function chordsOf(listed: Member[]): Member[] {
  const good = listed.filter(({ suspect }) => !suspect)
  return good.length > 0 ? good : listed
}

function chordAt(member: Member): number {
  return Math.max(member.dialAt, member.chordAt)
}

/** Without a link: away while it is worth waiting for, lost after. */
export function stateWithoutLink(node: KnownNode, now: number): 'away' | 'lost' {
  return node.farewell === 'left' || now - node.seenAt > LOST_AFTER_MS ? 'lost' : 'away'
}
