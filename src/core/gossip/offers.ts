/**
 * Offers (DESIGN 4.4.2): `T`, what a node knew at one instant, row by row or, of many actors, by an outline and then the
 * rows that differ. Whichever way, the one who is offered comes to know all of `T`, and just that.
 */
import { sameHash } from '../causality/hash'
import type { Replica } from '../store/replica'
import type { Link, Offer } from './link'
import type { Differing, Inquiry, Outline, RowsOffer } from './messages'
import { compareWithOutline, completed, outlineOf, rowsOf } from './outline'
import type { Parted } from './parts'
import type { Sketching } from './summary'

export class Offers {
  private tokens = 0

  constructor(
    private readonly replica: () => Replica,
    private readonly sketching: Sketching,
    /** So much is under way to the peer that nothing should be added. */
    private readonly isFull: (link: Link) => boolean,
    private readonly send: (link: Link, message: Parted, now: number) => void,
  ) {}

  offer(link: Link, now: number): void {
    if (link.answer !== undefined) return
    // What comes in parts may be the answer to our last offer: a new one would make it vain, again and again.
    // And who reads nothing is not told the same again and again.
    link.offerDue = link.partsIn.isOpen || this.isFull(link)
    if (link.offerDue) return
    const { context } = this.replica()
    link.offer = { token: ++this.tokens, rows: context.copyRows(), hash: context.hash() }
    this.send(link, this.messageOf(link.offer), now)
  }

  private messageOf({ token, rows, hash }: Offer): RowsOffer | Outline {
    const { wholeActors, outlineCells } = this.sketching
    if (rows.size <= wholeActors) return { type: 'rows', token, rows }
    return { type: 'outline', token, sketch: outlineOf(rows, outlineCells, (hash[0] + token) >>> 0) }
  }

  /** The peer has read some of what was under way: makes the offer that had to wait for it. */
  catchUp(link: Link, now: number): void {
    if (link.offerDue && !link.partsIn.isOpen) this.offer(link, now)
  }

  /** Our present context is on its way. */
  isOffered({ offer }: Link): boolean {
    return offer !== undefined && sameHash(offer.hash, this.replica().context.hash())
  }

  /** What came in parts is whole: makes the offer that had to wait for it, unless it answers the last one. */
  wasWhole(link: Link, whole: Parted, now: number): void {
    if (!link.offerDue) return
    link.offerDue = false
    if (whole.type !== 'want' && whole.type !== 'inquiry') this.offer(link, now)
  }

  /** Returns all of what is offered if we know it already; otherwise asks for the rows that we don't. */
  onOutline(link: Link, { token, sketch }: Outline, now: number): RowsOffer | undefined {
    link.askDue = this.isFull(link)
    if (link.askDue) return undefined
    const compared = compareWithOutline(sketch, this.replica().context.rows())
    link.inquiry = undefined
    if (compared?.differing.length === 0) return { type: 'rows', token, rows: compared.same }
    if (compared !== undefined) link.inquiry = { token, ...compared }
    this.send(link, { type: 'inquiry', token, rows: compared?.differing }, now)
    return undefined
  }

  onInquiry(link: Link, { token, rows: hashes }: Inquiry, now: number): void {
    const { offer } = link
    if (offer?.token !== token) return
    if (this.isFull(link)) {
      link.offerDue = true
      return
    }
    if (hashes === undefined) this.send(link, { type: 'rows', token, rows: offer.rows }, now)
    else this.send(link, { type: 'differing', token, rows: rowsOf(offer.rows, hashes) }, now)
  }

  /** Returns all of what is offered; undefined if another offer has taken its place. */
  onDiffering(link: Link, { token, rows }: Differing): RowsOffer | undefined {
    const { inquiry } = link
    if (inquiry?.token !== token) return undefined
    return { type: 'rows', token, rows: completed(inquiry, rows) }
  }
}
