/**
 * Broadcast (DESIGN 4.5): what is new here goes at once to the neighbours that want that writer's events pushed, and
 * is announced to the others a little later; what was announced and does not come is asked for. A link with too much
 * under way is left out and told our root once it has drained: anti-entropy does the rest.
 */
import { type CausalContext, countOfRows, differenceOfRows, type Rows } from '../causality/context'
import type { Actor } from '../causality/dot'
import { addInterval, type Intervals } from '../causality/intervals'
import { sameHash } from '../causality/hash'
import { ANNOUNCE_AFTER_MS, HOPS_MAX } from '../limits'
import type { Replica } from '../store/replica'
import { roughBytes } from '../store/rough-bytes'
import { isDeletion } from '../store/version'
import { BroadcastTrees } from './broadcast-trees'
import type { Link, LinkId } from './link'
import type { Events, Graft, KeyedEvent, Message } from './messages'
import { Missing } from './missing'
import type { Pacing } from './pacing'

const OURSELVES = 0

/** What one link brought, or we wrote. */
interface Pending {
  /** Over so many links it had come; the most of them. */
  hops: number
  readonly events: KeyedEvent[]
}

export class Broadcast {
  private readonly pendingByOrigin = new Map<LinkId, Pending>()
  private readonly trees = new BroadcastTrees()
  private missing = new Missing()
  private announceAt = Number.POSITIVE_INFINITY

  constructor(
    private readonly replica: () => Replica,
    private readonly pacing: Pacing,
    /** Without pruning every event goes on every link: flooding. */
    private readonly prunes: boolean,
    private readonly send: (link: Link, message: Message) => void,
  ) {}

  /** An own event, for the next flush. */
  add(keyed: KeyedEvent): void {
    this.trees.fresh(keyed.event.actor, OURSELVES, 0)
    this.queue(keyed, OURSELVES, 0)
  }

  /** What a pull brought: pushed on, but no sign of which way the writer's events come. */
  addPulled(fresh: readonly KeyedEvent[], from: Link): void {
    for (const keyed of fresh) this.queue(keyed, from.id, 0)
  }

  /** Live events came; `fresh`: those of them, in order, that were new. */
  onEvents(
    link: Link,
    { hops: told, events }: Events,
    fresh: readonly KeyedEvent[],
    links: ReadonlyMap<LinkId, Link>,
  ): void {
    const hops = Math.min(told, HOPS_MAX)
    const prunedByLink = new Map<LinkId, Set<Actor>>()
    let next = 0
    for (const keyed of events) {
      const { actor, counter } = keyed.event
      if (keyed === fresh[next]) {
        next++
        this.trees.fresh(actor, link.id, hops)
        this.queue(keyed, link.id, hops)
      } else {
        known(link, new Map([[actor, [counter, counter]]]))
        const pruned = this.prunes ? this.trees.duplicate(actor, link.id, hops) : undefined
        if (pruned !== undefined) prunedByLink.set(pruned, (prunedByLink.get(pruned) ?? new Set()).add(actor))
      }
    }
    for (const [id, actors] of prunedByLink) {
      const pruned = links.get(id)
      if (pruned !== undefined && pruned.outstandingBytes <= this.pacing.windowBytes)
        this.send(pruned, { type: 'prune', actors: [...actors] })
    }
  }

  private queue(keyed: KeyedEvent, from: LinkId, hops: number): void {
    const pending = this.pendingByOrigin.get(from)
    if (pending === undefined) this.pendingByOrigin.set(from, { hops, events: [keyed] })
    else {
      pending.hops = Math.max(pending.hops, hops)
      pending.events.push(keyed)
    }
  }

  flush(links: Iterable<Link>, now: number): void {
    if (this.pendingByOrigin.size === 0) return
    const ready = [...links].filter(({ phase }) => phase === 'ready')
    for (const [from, { hops, events: pending }] of this.pendingByOrigin) {
      const eagerLinks: Link[] = []
      for (const link of ready) {
        if (link.id === from || link.lagging) continue
        const eager = pending.filter(({ event }) => !this.trees.isLazy(event.actor, link.id))
        if (eager.length === pending.length) {
          eagerLinks.push(link)
          continue
        }
        this.announceLater(link, pending, now)
        for (const message of messagesOf(eager, hops + 1, this.pacing.batchBytes)) this.push(link, message)
      }
      if (eagerLinks.length === 0) continue
      for (const message of messagesOf(pending, hops + 1, this.pacing.batchBytes)) {
        for (const link of eagerLinks) this.push(link, message)
      }
    }
    this.pendingByOrigin.clear()
  }

  private push(link: Link, message: Events): void {
    if (link.outstandingBytes > this.pacing.backlogBytesMax) link.lagging = true
    if (!link.lagging) this.send(link, message)
  }

  private announceLater(link: Link, pending: readonly KeyedEvent[], now: number): void {
    for (const { event } of pending) {
      if (!this.trees.isLazy(event.actor, link.id)) continue
      let row = link.unannounced.get(event.actor)
      if (row === undefined) link.unannounced.set(event.actor, (row = []))
      addInterval(row, event.counter, event.counter)
    }
    this.announceAt = Math.min(this.announceAt, now + ANNOUNCE_AFTER_MS)
  }

  // The lazy part

  wakeAt(): number {
    return Math.min(this.announceAt, this.missing.dueAt)
  }

  /** Announces, and asks for what was announced and did not come. */
  work(linkById: ReadonlyMap<LinkId, Link>, now: number): void {
    const { context } = this.replica()
    if (this.announceAt <= now) {
      this.announceAt = Number.POSITIVE_INFINITY
      for (const link of linkById.values()) this.announce(link, context)
    }
    if (this.missing.dueAt > now) return
    for (const { link: id, rows } of this.missing.takeDue(context.rows(), now)) {
      const link = linkById.get(id)
      if (link === undefined) continue
      for (const actor of rows.keys()) this.trees.graft(actor, id)
      this.send(link, { type: 'graft', actors: [], rows })
    }
  }

  private announce(link: Link, context: CausalContext): void {
    const rows = new Map<Actor, Intervals>(link.unannounced)
    link.unannounced.clear()
    const theirs = link.theirState?.context
    const haveAll = theirs !== undefined && sameHash(theirs, context.hash())
    if (rows.size > 0 && !haveAll && !link.lagging) this.send(link, { type: 'have', rows })
  }

  onPrune(link: Link, actors: readonly Actor[]): void {
    for (const actor of actors) this.trees.onPrune(actor, link.id)
  }

  onHave(link: Link, rows: Rows, now: number): void {
    known(link, rows)
    this.missing.announce(link.id, differenceOfRows(rows, this.replica().context.rows()), now)
  }

  /** Sends what is asked for; returns whether some of it is not held any more. */
  onGraft(link: Link, { actors, rows }: Graft): boolean {
    for (const actor of [...actors, ...rows.keys()]) this.trees.onGraft(actor, link.id)
    if (rows.size === 0 || link.lagging) return false
    const events = this.replica().versionsWithin(rows)
    for (const message of messagesOf(events, 1, this.pacing.batchBytes)) this.push(link, message)
    if (events.length === countOfRows(rows)) return false
    // Who asks and asks and reads nothing gets one Root in the end.
    link.lagging ||= link.outstandingBytes > this.pacing.windowBytes
    return !link.lagging
  }

  /** The link ended: whose events came by it are wanted from the others again. */
  ended(link: Link, linkById: ReadonlyMap<LinkId, Link>): void {
    this.missing.ended(link.id)
    for (const [id, actors] of this.trees.ended(link.id)) {
      const other = linkById.get(id)
      if (other !== undefined) this.send(other, { type: 'graft', actors, rows: new Map() })
    }
  }

  /** Nothing is under way any more, and no link there. */
  clear(): void {
    this.pendingByOrigin.clear()
    this.trees.clear()
    this.missing = new Missing()
    this.announceAt = Number.POSITIVE_INFINITY
  }

  /** The link drained: if events were left out, `tell` it that there is more. */
  catchUp(link: Link, tell: () => void): void {
    if (!link.lagging || link.outstandingBytes > this.pacing.windowBytes) return
    link.lagging = false
    tell()
  }
}

/** The peer has these: no need to announce them. */
function known(link: Link, rows: Rows): void {
  for (const [actor, row] of rows) {
    const ours = link.unannounced.get(actor)
    if (ours === undefined) continue
    const left = differenceOfRows(new Map([[actor, ours]]), new Map([[actor, row]])).get(actor)
    if (left === undefined) link.unannounced.delete(actor)
    else link.unannounced.set(actor, [...left])
  }
}

function messagesOf(events: readonly KeyedEvent[], hops: number, batchBytes: number): Events[] {
  if (events.length === 0) return []
  return Array.from(batchesOf(events, batchBytes), (batch) => ({
    type: 'events',
    transfer: 0,
    total: 0,
    hops,
    events: batch,
  }))
}

/** Events in order, in batches of roughly so many bytes, from place `from` on. */
export function* batchesOf(
  events: readonly KeyedEvent[],
  batchBytes: number,
  from = 0,
): Iterable<KeyedEvent[]> {
  let batch: KeyedEvent[] = []
  let bytes = 0
  for (let at = from; at < events.length; at++) {
    const keyed = events[at] as KeyedEvent
    const size = eventBytes(keyed)
    if (batch.length > 0 && bytes + size > batchBytes) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(keyed)
    bytes += size
  }
  if (batch.length > 0) yield batch
}

function eventBytes({ key, event }: KeyedEvent): number {
  return key.length + 12 + event.context.length * 4 + (isDeletion(event) ? 0 : roughBytes(event.value))
}
