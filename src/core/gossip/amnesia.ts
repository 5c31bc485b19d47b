/**
 * The amnesia guard (DESIGN 4.3). A disk that went back, or was cloned, gives out counters that others know already.
 * So whatever comes in is looked at before it is applied: if it names an own dot that we never sent, or shows other
 * content under one, others remember of us what we don't, and those of our writes that they can't know go on under
 * a fresh actor. Writes that they do know, unknown to us, are written twice then; none is lost.
 */
import type { Actor, Dot } from '../causality/dot'
import { hashText } from '../causality/hash'
import { addInterval, difference, hasCounter, type Intervals, union } from '../causality/intervals'
import { counterOf, type VersionVector } from '../causality/version-vector'
import { DOTS_SHOWN_MAX } from '../limits'
import type { StateFragment } from '../store/fragment'
import type { Replica } from '../store/replica'
import type { Key } from '../store/value'
import { isDeletion, type StoreEvent, versionText } from '../store/version'
import type { KeyedVersion } from '../store/versions-by-dot'
import type { KeyedEvent, Knowledge, Message, ShownDot } from './messages'

const NOTHING: Naming = { row: [], upTo: 0, events: [], latest: [] }

/** What somebody says of one actor's dots. */
export interface Naming {
  /** The dots that are named one by one. */
  readonly row: Intervals
  /** The highest counter that a vector covers; 0 if none does. */
  readonly upTo: number
  /** What is shown under those dots, or its hash. */
  readonly events: readonly KeyedEvent[]
  readonly latest: readonly ShownDot[]
}

export class AmnesiaGuard {
  private actor: Actor | undefined
  /** Own writes up to this counter may be known elsewhere, by our own doing. */
  private leftUpTo = 0
  /** Somebody had our very state, and so all our writes up to this counter. */
  private agreedUpTo = 0

  constructor(private readonly replica: () => Replica) {}

  /** All that we wrote may be known elsewhere from now on. */
  left(actor: Actor | undefined): void {
    if (actor === undefined) return
    this.turnTo(actor)
    this.leftUpTo = this.highest(actor)
  }

  /** A peer has our very state. */
  agreed(actor: Actor | undefined): void {
    if (actor === undefined) return
    this.turnTo(actor)
    this.agreedUpTo = this.highest(actor)
  }

  /**
   * Looks at what somebody says of us. Undefined if that may be, and it is noted; otherwise the guard fires: the last
   * counter that stays ours, the highest that was named before, and nothing has changed.
   */
  check(actor: Actor, naming: Naming): number | undefined {
    this.turnTo(actor)
    const row = this.replica().context.row(actor)
    const named = naming.events.reduce(
      (highest, { event }) => Math.max(highest, event.counter),
      Math.max(naming.row.at(-1) ?? 0, naming.upTo),
    )
    if (named === 0) return undefined
    const mismatch = this.lowestMismatch(actor, naming)
    const isStrange =
      named > this.leftUpTo ||
      !hasCounter(row, named) ||
      difference(naming.row, row).length > 0 ||
      mismatch < Number.POSITIVE_INFINITY
    if (isStrange) return Math.min(this.namedBefore(actor), mismatch - 1)
    if (named > counterOf(this.replica().named(), actor)) this.replica().noteNamed({ actor, counter: named })
    return undefined
  }

  /** The last counter that others are known to have had of us. */
  namedBefore(actor: Actor): number {
    this.turnTo(actor)
    return Math.max(counterOf(this.replica().named(), actor), this.agreedUpTo)
  }

  /** The lowest own counter under which something else is shown than what is alive here; infinite if there is none. */
  private lowestMismatch(actor: Actor, { events, latest }: Naming): number {
    const strange = events.filter(({ key, event }) => !this.isOurs(key, event))
    const counters = [...latest, ...strange.map(({ event }) => event)].map(({ counter }) => counter)
    const ours = liveOf(actor, counters, this.replica())
    const differing = [
      ...latest.filter(({ counter, content }) => {
        const here = ours.get(counter)
        return here !== undefined && contentOf(here) !== content
      }),
      ...strange.flatMap(({ key, event }) => {
        const here = ours.get(event.counter)
        return here !== undefined && !isSame(here, { key, event }) ? [event] : []
      }),
    ]
    return differing.reduce((lowest, { counter }) => Math.min(lowest, counter), Number.POSITIVE_INFINITY)
  }

  /** The event is what is alive here under its key and its dot. */
  private isOurs(key: Key, event: StoreEvent): boolean {
    const here = this.replica()
      .versions(key)
      .find((version) => sameDot(version, event))
    return here !== undefined && isSame({ key, event: here }, { key, event })
  }

  private highest(actor: Actor): number {
    return this.replica().context.highest(actor)
  }

  /** Of another actor than before nobody has heard yet. */
  private turnTo(actor: Actor): void {
    if (this.actor === actor) return
    this.actor = actor
    this.leftUpTo = 0
    this.agreedUpTo = 0
  }
}

/** What a replica knows of an actor's dots, for that actor's node to look at. */
export function knowledgeOf(replica: Replica, actor: Actor | undefined): Knowledge {
  if (actor === undefined) return { row: [], ghosts: 0, latest: [] }
  const row = replica.context.row(actor).slice()
  return {
    row,
    ghosts: replica.highestGhost(actor),
    latest: row.length === 0 ? [] : latestOf(actor, replica),
  }
}

/** What a message says of an actor's dots. */
export function namingOfMessage(message: Message, actor: Actor): Naming {
  switch (message.type) {
    case 'root':
      return message.yours === undefined
        ? NOTHING
        : { row: message.yours.row, upTo: message.yours.ghosts, events: [], latest: message.yours.latest }
    case 'rows':
    case 'have':
      return { ...NOTHING, row: message.rows.get(actor) ?? [] }
    case 'want':
      // A sketch names nothing beyond what we offered; nor does a list, but that is for its receiver to check.
      return message.summary.kind === 'list'
        ? { ...NOTHING, row: message.summary.live.get(actor) ?? [] }
        : NOTHING
    case 'events':
      return namingOfEvents(message.events, actor)
    case 'claim': {
      const row = union(message.known.get(actor) ?? [], message.dead.get(actor) ?? [])
      return { ...NOTHING, row, upTo: highestOf(message.ghosts?.values() ?? [], actor) }
    }
    case 'hello':
    case 'proof':
    case 'intro':
    case 'retry':
    case 'ping':
    case 'pong':
    case 'bye':
    case 'twin':
    case 'prune':
    case 'graft':
    case 'outline':
    case 'inquiry':
    case 'differing': // taken for what they are once they are whole, as parts are
    case 'part':
      return NOTHING
  }
}

/** What a file, or another replica's disk, says of an actor's dots. */
export function namingOfFragment({ context, entries, ghosts }: StateFragment, actor: Actor): Naming {
  const { events, upTo } = namingOfEvents(eventsOf(entries), actor)
  return {
    row: context.get(actor) ?? [],
    upTo: Math.max(upTo, highestOf(ghosts.values(), actor)),
    events,
    latest: [],
  }
}

function namingOfEvents(keyed: Iterable<KeyedEvent>, actor: Actor): Naming {
  const events: KeyedEvent[] = []
  let upTo = 0
  for (const each of keyed) {
    if (each.event.actor === actor) events.push(each)
    if (each.event.context.length > 0) upTo = Math.max(upTo, counterOf(each.event.context, actor))
  }
  return { row: [], upTo, events, latest: [] }
}

function* eventsOf(entries: StateFragment['entries']): Iterable<KeyedEvent> {
  for (const [key, versions] of entries) for (const event of versions) yield { key, event }
}

function highestOf(vectors: Iterable<VersionVector>, actor: Actor): number {
  let highest = 0
  for (const vector of vectors) highest = Math.max(highest, counterOf(vector, actor))
  return highest
}

/** The versions alive under these dots of the actor. */
function liveOf(actor: Actor, counters: readonly number[], replica: Replica): Map<number, KeyedVersion> {
  const row: number[] = []
  for (const counter of counters) addInterval(row, counter, counter)
  const live = row.length === 0 ? [] : replica.versionsWithin(new Map([[actor, row]]))
  return new Map(live.map((keyed) => [keyed.event.counter, keyed]))
}

function latestOf(actor: Actor, replica: Replica): ShownDot[] {
  const live = replica.liveWithin(new Map([[actor, replica.context.row(actor)]])).get(actor) ?? []
  const counters = [...latestFirst(live, DOTS_SHOWN_MAX)]
  return [...liveOf(actor, counters, replica)].map(([counter, keyed]) => ({
    counter,
    content: contentOf(keyed),
  }))
}

function* latestFirst(row: Intervals, count: number): Iterable<number> {
  let left = count
  for (let at = row.length - 2; at >= 0; at -= 2) {
    const from = row[at] as number
    for (let counter = row[at + 1] as number; counter >= from && left > 0; counter--, left--) yield counter
  }
}

function contentOf({ key, event }: KeyedVersion): number {
  return hashText(versionText(key, event))[0]
}

function isSame(ours: KeyedVersion, theirs: KeyedEvent): boolean {
  if (ours.event === theirs.event) return true
  if (isDeletion(theirs.event)) return false
  return versionText(ours.key, ours.event) === versionText(theirs.key, theirs.event)
}

function sameDot(a: Dot, b: Dot): boolean {
  return a.actor === b.actor && a.counter === b.counter
}
