/**
 * Broadcast, first cut: every event that is new here goes at once to all neighbours but the one it came from.
 * A link with too much under way is left out and told our root once it has drained: anti-entropy does the rest.
 */
import { roughBytes } from '../store/rough-bytes'
import { isDeletion } from '../store/version'
import type { Link, LinkId } from './link'
import type { KeyedEvent, Message } from './messages'
import type { Pacing } from './pacing'

const OURSELVES = 0

export class Broadcast {
  private readonly pendingByOrigin = new Map<LinkId, KeyedEvent[]>()

  constructor(
    private readonly pacing: Pacing,
    private readonly send: (link: Link, message: Message) => void,
  ) {}

  /** Queues an event for the next flush; `from`: the link that brought it. */
  add(keyed: KeyedEvent, from: LinkId = OURSELVES): void {
    const pending = this.pendingByOrigin.get(from)
    if (pending === undefined) this.pendingByOrigin.set(from, [keyed])
    else pending.push(keyed)
  }

  flush(links: Iterable<Link>): void {
    if (this.pendingByOrigin.size === 0) return
    const ready = [...links].filter(({ phase }) => phase === 'ready')
    for (const [from, pending] of this.pendingByOrigin) {
      for (const events of batchesOf(pending, this.pacing.batchBytes)) {
        for (const link of ready) {
          if (link.id === from || link.lagging) continue
          if (link.outstandingBytes > this.pacing.backlogBytesMax) link.lagging = true
          else this.send(link, { type: 'events', transfer: 0, total: 0, events })
        }
      }
    }
    this.clear()
  }

  clear(): void {
    this.pendingByOrigin.clear()
  }

  /** The link drained: if events were left out, `tell` it that there is more. */
  catchUp(link: Link, tell: () => void): void {
    if (!link.lagging || link.outstandingBytes > this.pacing.windowBytes) return
    link.lagging = false
    tell()
  }
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
