/**
 * Membership (DESIGN 4.6): whom to dial and when, and what became of the nodes that we met. Members are tab
 * sessions, named by signaling; nodes are replicas, known from their Intro. Pure state: deadlines are values.
 */
import { LOST_AFTER_MS, MEMBERS_MAX, REDIAL_MS_MAX, REDIAL_MS_MIN } from '../limits'
import type { LinkId, MemberId } from './link'

export interface Member {
  readonly id: MemberId
  attempts: number
  dialling: boolean
  dialAt: number
  listedAt: number
}

export interface KnownNode {
  readonly id: string
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
  readonly nodeById = new Map<string, KnownNode>()

  /** Signaling lists them. New ones are dialled at `dialAt`; those long unlisted are given up. */
  listed(ids: readonly MemberId[], dialAt: () => number, now: number): void {
    for (const id of ids) this.meet(id, dialAt, now)
    for (const member of this.memberById.values()) {
      if (now - member.listedAt > LOST_AFTER_MS) this.memberById.delete(member.id)
    }
  }

  /** These, and no others, can be dialled although signaling is down; whoever could not before, is at `dialAt`. */
  nearby(ids: readonly MemberId[], dialAt: () => number, now: number): void {
    const before = this.nearbyIds
    this.nearbyIds = new Set(ids)
    for (const id of ids) {
      const member = this.meet(id, dialAt, now)
      if (member !== undefined && !before.has(id)) member.dialAt = Math.min(member.dialAt, dialAt())
    }
  }

  isNearby(id: MemberId): boolean {
    return this.nearbyIds.has(id)
  }

  private meet(id: MemberId, dialAt: () => number, now: number): Member | undefined {
    let member = this.memberById.get(id)
    if (member !== undefined) member.listedAt = now
    else if (!this.departed.has(id) && this.memberById.size < MEMBERS_MAX) {
      member = { id, attempts: 0, dialling: false, dialAt: dialAt(), listedAt: now }
      this.memberById.set(id, member)
    }
    return member
  }

  /** A member that we are linked with, or were, is dialled again at `dialAt`. */
  redialAt(id: MemberId, dialAt: number, now: number): void {
    if (this.departed.has(id)) return
    const member = this.memberById.get(id)
    if (member === undefined) {
      if (this.memberById.size >= MEMBERS_MAX) return
      this.memberById.set(id, { id, attempts: 0, dialling: false, dialAt, listedAt: now })
    } else {
      member.dialling = false
      member.dialAt = dialAt
    }
  }

  /** A link opened. Whoever said goodbye and links again is back. */
  linked(id: MemberId): void {
    this.departed.delete(id)
    const member = this.memberById.get(id)
    if (member !== undefined) member.dialling = false
  }

  /** They speak as we do: the next redial is a first one. Those that only open links are dialled ever less often. */
  settled(id: MemberId): void {
    const member = this.memberById.get(id)
    if (member !== undefined) member.attempts = 0
  }

  failed(id: MemberId, random: number, now: number): void {
    const member = this.memberById.get(id)
    if (member === undefined) return
    member.dialling = false
    member.dialAt = now + redialDelayMs(member.attempts, random)
    member.attempts += 1
  }

  depart(id: MemberId): void {
    this.memberById.delete(id)
    this.departed.add(id)
    if (this.departed.size > MEMBERS_MAX) {
      const [oldest] = this.departed
      this.departed.delete(oldest as MemberId)
    }
  }

  /** Takes those who are due, may be dialled and are not being dialled. */
  takeDue(mayDial: (id: MemberId) => boolean, now: number): MemberId[] {
    const due: MemberId[] = []
    for (const member of this.memberById.values()) {
      if (member.dialling || member.dialAt > now || !mayDial(member.id)) continue
      member.dialling = true
      due.push(member.id)
    }
    return due
  }

  /** The next instant at which somebody is due; infinite if nobody is. */
  nextDialAt(mayDial: (id: MemberId) => boolean): number {
    let next = Number.POSITIVE_INFINITY
    for (const member of this.memberById.values()) {
      if (!member.dialling && member.dialAt < next && mayDial(member.id)) next = member.dialAt
    }
    return next
  }

  /** Nobody is dialled any more: their sessions, and ours, end here. */
  forgetMembers(): void {
    this.memberById.clear()
    this.nearbyIds = new Set()
  }

  node(id: string, now: number): KnownNode {
    let node = this.nodeById.get(id)
    if (node === undefined) {
      node = { id, link: undefined, seenAt: now, farewell: undefined, bytesIn: 0, bytesOut: 0 }
      this.nodeById.set(id, node)
    }
    return node
  }

  /** Drops nodes that have been lost for long. */
  pruneNodes(now: number): void {
    for (const node of this.nodeById.values()) {
      const lostAt = node.farewell === 'left' ? node.seenAt : node.seenAt + LOST_AFTER_MS
      if (node.link === undefined && now > lostAt + LOST_AFTER_MS) this.nodeById.delete(node.id)
    }
  }
}

/** Without a link: away while it is worth waiting for, lost after. */
export function stateWithoutLink(node: KnownNode, now: number): 'away' | 'lost' {
  return node.farewell === 'left' || now - node.seenAt > LOST_AFTER_MS ? 'lost' : 'away'
}
