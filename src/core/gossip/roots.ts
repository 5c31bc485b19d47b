/**
 * Roots (DESIGN 4.4.1): the state in two hashes, by which two nodes see that theirs are equal. What differs is for
 * anti-entropy to mend.
 */
import { hashToHex, sameHash } from '../causality/hash'
import { FINGERPRINT_ENTRIES, ROOT_REST_MS } from '../limits'
import type { Replica } from '../store/replica'
import { knowledgeOf } from './amnesia'
import type { Link } from './link'
import type { Knowledge, Message, Root, StateHashes } from './messages'

export class Roots {
  constructor(
    private readonly replica: () => Replica,
    private readonly send: (link: Link, message: Message) => void,
  ) {}

  /** What we say of our state; of a large one only its context, until its fingerprint was made at rest. */
  hashes(): StateHashes {
    const replica = this.replica()
    return { context: replica.context.hash(), live: replica.knownLiveHash(FINGERPRINT_ENTRIES) }
  }

  /** Unknown until the fingerprint of a large state is made, theirs or ours. */
  compare({ context, live }: StateHashes): 'equal' | 'other context' | 'other live' | 'unknown' {
    if (!sameHash(context, this.replica().context.hash())) return 'other context'
    const ours = live && this.hashes().live
    if (live === undefined || ours === undefined) return 'unknown'
    return sameHash(live, ours) ? 'equal' : 'other live'
  }

  /** Whether what the peer said last is certainly not our state. */
  differs({ theirState }: Link): boolean {
    if (theirState === undefined) return false
    const found = this.compare(theirState)
    return found === 'other context' || found === 'other live'
  }

  /** The first Root on a link: also what we know of the peer's own actor. */
  sendFirst(link: Link, now: number): void {
    this.send(link, this.sent(link, now, knowledgeOf(this.replica(), link.theirActor)))
  }

  sendOne(link: Link, now: number): void {
    this.send(link, this.sent(link, now, undefined))
  }

  sendIfNew(link: Link, now: number): void {
    const isDue = link.phase === 'ready' || link.phase === 'known'
    if (isDue && link.sentRoot !== textOf(this.hashes())) this.sendOne(link, now)
  }

  /** Theirs came: answers with ours, unless they have it. */
  answer(link: Link, theirs: Root, now: number): void {
    link.theirState = theirs
    if (now - link.sentRootAt < ROOT_REST_MS) return
    // They may hold what we lack, and have nothing to compare with but a root that we sent before they had it.
    if (this.differs(link) && link.sentRootTo !== textOf(theirs)) this.sendOne(link, now)
    else this.sendIfNew(link, now)
  }

  /** Our Root, noted as what the link was told. */
  private sent(link: Link, now: number, yours: Knowledge | undefined): Root {
    const root: Root = { type: 'root', ...this.hashes(), yours }
    link.sentRoot = textOf(root)
    link.sentRootTo = link.theirState === undefined ? '' : textOf(link.theirState)
    link.sentRootAt = now
    return root
  }
}

function textOf({ context, live }: StateHashes): string {
  return hashToHex(context) + (live === undefined ? '' : hashToHex(live))
}
