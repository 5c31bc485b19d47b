/**
 * Anti-entropy (DESIGN 4.4): one snapshot pull per direction of a link. Root, Rows, Want, a stream of Events, a
 * Claim. Nothing assumes that either side stands still: an answer is computed at one instant, and what is asked
 * for is measured against the context `T` that was offered, never against one's own of now.
 */
import { CausalContext, countOfRows, differenceOfRows, type Rows, unionOfRows } from '../causality/context'
import { sameHash } from '../causality/hash'
import type { Intervals } from '../causality/intervals'
import { Malformed } from '../codec/bytes'
import { LINK_ASKED_BYTES_MAX } from '../limits'
import type { Replica } from '../store/replica'
import type { Key } from '../store/value'
import { batchesOf } from './broadcast'
import type { Link, Offered } from './link'
import type {
  ClaimMessage,
  Events,
  KeyedEvent,
  Message,
  Part,
  Retry,
  Root,
  RowsOffer,
  Want,
} from './messages'
import { Offers } from './offers'
import type { Pacing } from './pacing'
import { type Parted, partsOf } from './parts'
import type { Roots } from './roots'
import { compareWith, type Sketching, SKETCHING, summarize } from './summary'

export class AntiEntropy {
  readonly offers: Offers
  private readonly sketching: Sketching
  private transfers = 0

  constructor(
    private readonly replica: () => Replica,
    private readonly roots: Roots,
    private readonly pacing: Pacing,
    private readonly send: (link: Link, message: Message) => void,
  ) {
    this.sketching = pacing.sketching ?? SKETCHING
    this.offers = new Offers(
      replica,
      this.sketching,
      (link) => this.isFull(link),
      (link, message, now) => this.sendLarge(link, message, now),
    )
  }

  /** The peer's last root and ours are equal. */
  inSync(link: Link): boolean {
    return (
      link.phase === 'ready' &&
      link.theirState !== undefined &&
      this.roots.compare(link.theirState) === 'equal'
    )
  }

  /** The peer is introduced: our first Root, and right behind it what we offer if the states differ already. */
  begin(link: Link, now: number): void {
    this.roots.sendFirst(link, now)
    if (this.roots.differs(link)) this.offers.offer(link, now)
  }

  onRoot(link: Link, theirs: Root, now: number): void {
    const isFirst = theirs.yours !== undefined
    this.roots.answer(link, theirs, now)
    if (this.roots.differs(link) && !(isFirst && this.offers.isOffered(link))) this.offers.offer(link, now)
  }

  /** The peer asks faster than it reads: what it is to be told waits until then, and is told once. */
  private isFull({ outstandingBytes, partsOut }: Link): boolean {
    const { partBytes, askedBytesMax = LINK_ASKED_BYTES_MAX } = this.pacing
    return outstandingBytes + partsOut.length * partBytes > askedBytesMax
  }

  /** The peer has read some of it. */
  private catchUp(link: Link, now: number): void {
    if (this.isFull(link)) return
    this.offers.catchUp(link, now)
    if (!link.askDue) return
    link.askDue = false
    this.roots.sendOne(link, now)
  }

  /** `links`: all of ours; what one of them is bringing already is not asked for again. */
  onRows(link: Link, { token, rows }: RowsOffer, links: Iterable<Link>, now: number): void {
    const isVoid = link.pull !== undefined // they made a new offer, so they will not answer what we asked before
    link.pull = link.inquiry = undefined
    if (!this.ask(link, { token, rows }, 0, links, now) && isVoid) this.takeUpDeferred(links, now)
  }

  /** Our sketch did not tell: the same is asked for with a larger one. What came meanwhile is not asked for again. */
  onRetry(link: Link, { transfer }: Retry, links: Iterable<Link>, now: number): void {
    const { pull } = link
    if (pull === undefined || pull.transfer !== transfer) return
    if (!pull.isSketched) throw new Malformed('a list that does not tell')
    link.pull = undefined
    if (!this.ask(link, pull.offer, pull.attempt + 1, links, now)) this.takeUpDeferred(links, now)
  }

  /** Asks for what we lack of an offer; false if that is nothing. */
  private ask(link: Link, offer: Offered, attempt: number, links: Iterable<Link>, now: number): boolean {
    link.askDue = this.isFull(link)
    if (link.askDue) return true
    const replica = this.replica()
    const context = replica.context.rows()
    const want = differenceOfRows(offer.rows, context)
    if (want.size === 0 && !this.isCloned(link)) return false
    for (const other of links) {
      if (other !== link && other.pull !== undefined && overlap(other.pull.want, want)) {
        link.deferred = true
        return true
      }
    }
    link.deferred = false
    const transfer = ++this.transfers
    const both = differenceOfRows(offer.rows, want)
    const asked = {
      replica,
      both,
      withContents: want.size === 0,
      differences: countOfRows(want) + countOfRows(differenceOfRows(context, offer.rows)),
      attempt,
      salt: (replica.context.hash()[0] + transfer) >>> 0,
    }
    const summary = summarize(asked, this.sketching)
    link.pull = {
      transfer,
      offer,
      attempt,
      isSketched: summary.kind === 'sketch',
      want,
      both,
      streamed: new CausalContext(),
      received: 0,
      total: 0,
      progressAt: now,
    }
    const { token } = offer
    const ghosts = replica.ghostsHash()
    this.sendLarge(link, { type: 'want', token, transfer, want, summary, ghosts }, now)
    return true
  }

  /** Equal contexts with unequal fingerprints: a cloned disk, or corruption. */
  private isCloned(link: Link): boolean {
    return link.theirState !== undefined && this.roots.compare(link.theirState) === 'other live'
  }

  /** Answers with all that the peer lacks. Returns whether it does: not if the offer no longer stands. */
  onWant(link: Link, message: Want, now: number): boolean {
    const { offer } = link
    if (offer === undefined || offer.token !== message.token || link.answer !== undefined) return false
    const replica = this.replica()
    const both = differenceOfRows(offer.rows, message.want)
    const known = differenceOfRows(replica.context.rows(), both)
    const compared = compareWith(message.summary, replica, both)
    const { transfer } = message
    const events: KeyedEvent[] = replica.versionsWithin(known)
    if (compared === undefined) {
      link.answer = { transfer, events, sentEvents: 0, end: { type: 'retry', transfer } }
      this.pump(link, now)
      return true
    }
    link.offer = undefined
    for (const keyed of replica.versionsWithin(compared.differing)) events.push(keyed)
    link.answer = {
      transfer,
      events,
      sentEvents: 0,
      end: {
        type: 'claim',
        transfer,
        known: differenceOfRows(known, message.want),
        events: events.length,
        dead: compared.dead,
        ghosts: sameHash(replica.ghostsHash(), message.ghosts) ? undefined : new Map(replica.ghostsByKey()),
      },
    }
    this.pump(link, now)
    return true
  }

  /** A part came: the message if it was the last one. */
  onPart(link: Link, part: Part, now: number): Parted | undefined {
    if (link.pull !== undefined) link.pull.progressAt = now
    const whole = link.partsIn.take(part)
    if (whole !== undefined) this.offers.wasWhole(link, whole, now)
    return whole
  }

  /** Sends what waits, parts and an answer of ours, as far as the link has room. */
  pump(link: Link, now: number): void {
    while (link.partsOut.length > 0 && link.outstandingBytes <= this.pacing.windowBytes) {
      this.send(link, link.partsOut.shift() as Part)
      if (link.pull !== undefined) link.pull.progressAt = now
    }
    this.catchUp(link, now)
    const { answer } = link
    if (answer === undefined) return
    if (link.outstandingBytes > this.pacing.windowBytes) return // without making a batch in vain
    const total = answer.events.length
    for (const events of batchesOf(answer.events, this.pacing.batchBytes, answer.sentEvents)) {
      if (link.outstandingBytes > this.pacing.windowBytes) return
      this.send(link, { type: 'events', transfer: answer.transfer, total, hops: 0, events })
      answer.sentEvents += events.length
    }
    link.answer = undefined
    if (answer.end.type === 'retry') this.send(link, answer.end)
    else this.sendLarge(link, answer.end, now)
  }

  /** In parts if it is large, or if parts wait: an offer must not overtake the one that it replaces. */
  private sendLarge(link: Link, message: Parted, now: number): void {
    const parts = partsOf(message, this.pacing.partBytes, link.partsOut.length > 0)
    if (parts.length === 0) return this.send(link, message)
    link.partsOut.push(...parts)
    this.pump(link, now)
  }

  /** Applies events. Returns those that were new. */
  onEvents(link: Link, { transfer, total, events }: Events, now: number): KeyedEvent[] {
    const { pull } = link
    const ours = transfer !== 0 && pull?.transfer === transfer
    const replica = this.replica()
    const fresh = events.filter(({ key, event }) => {
      if (ours) pull.streamed.add(event.actor, event.counter, event.counter)
      return replica.apply(key, event)
    })
    if (ours) {
      if (pull.want.size === 0) replica.settleClones(events)
      pull.received += events.length
      pull.total = total
      pull.progressAt = now
    }
    return fresh
  }

  /**
   * Applies the claim if it is ours and whole. If it isn't whole, we ask again at once, unless nothing came of it at
   * all. Returns whether our transfer ended.
   */
  onClaim(link: Link, message: ClaimMessage, now: number): boolean {
    const { pull } = link
    if (pull === undefined || pull.transfer !== message.transfer) return false
    const { both, want, streamed } = pull
    if (differenceOfRows(message.dead, both).size > 0)
      throw new Malformed('a claim that kills what was not asked about')
    if (overlap(message.known, both)) throw new Malformed('a claim about what was not asked for')
    link.pull = undefined
    if (countOfRows(streamed.rows()) < message.events) {
      if (streamed.size > 0) this.roots.sendOne(link, now)
      return true
    }
    this.replica().claim({
      known: unionOfRows(want, message.known),
      streamed: streamed.rows(),
      dead: message.dead,
      ghosts: message.ghosts ?? new Map<Key, never>(),
    })
    return true
  }

  /** A transfer ended: those whose offers we let pass meanwhile are told our root, so that they offer again. */
  takeUpDeferred(links: Iterable<Link>, now: number): void {
    for (const link of links) {
      if (!link.deferred) continue
      link.deferred = false
      this.roots.sendOne(link, now)
    }
  }
}

function overlap(a: Rows, b: Rows): boolean {
  for (const [actor, row] of a) {
    const other = b.get(actor)
    if (other !== undefined && intersects(row, other)) return true
  }
  return false
}

function intersects(a: Intervals, b: Intervals): boolean {
  let inA = 0
  let inB = 0
  while (inA < a.length && inB < b.length) {
    if ((a[inA + 1] as number) < (b[inB] as number)) inA += 2
    else if ((b[inB + 1] as number) < (a[inA] as number)) inB += 2
    else return true
  }
  return false
}
