/**
 * The truth to hold a replica against, as plainly as DESIGN 4.1 puts it: all events that ever happened, and from
 * them what must be alive and what must be a ghost for a given context.
 */
import { CausalContext, countOfRows } from '../causality/context'
import type { Actor, Dot } from '../causality/dot'
import { hashText, hashToHex, SetFingerprint } from '../causality/hash'
import {
  covers,
  EMPTY_VECTOR,
  filterVector,
  join,
  sameVector,
  type VersionVector,
} from '../causality/version-vector'
import type { KeyedEvent } from '../gossip/messages'
import type { Replica } from './replica'
import type { Key } from './value'
import { isDeletion, type StoreEvent, versionText } from './version'

export class History {
  private eventsByKey = new Map<Key, StoreEvent[]>()

  constructor(events: Iterable<KeyedEvent> = []) {
    for (const { key, event } of events) this.add(key, event)
  }

  add(key: Key, event: StoreEvent): void {
    const events = this.eventsByKey.get(key)
    if (events === undefined) this.eventsByKey.set(key, [event])
    else events.push(event)
  }

  events(): KeyedEvent[] {
    return [...this.eventsByKey].flatMap(([key, events]) => events.map((event) => ({ key, event })))
  }

  /** What is not kept never happened: nobody but its writer, who forgot it, knew of it. */
  rewrite(change: (keyed: KeyedEvent) => KeyedEvent | undefined): void {
    const events = this.events()
    this.eventsByKey = new Map()
    for (const before of events) {
      const after = change(before)
      if (after !== undefined) this.add(after.key, after.event)
    }
  }

  /** The first thing that is wrong with the replica; undefined if nothing is. */
  fault(replica: Replica): string | undefined {
    let known = 0
    for (const [key, events] of this.eventsByKey) {
      const fault = faultOfKey(replica, key, events)
      if (fault !== undefined) return fault
      for (const event of events) if (replica.context.has(event)) known++
    }
    for (const key of replica.entries().keys())
      if (!this.eventsByKey.has(key)) return `${key} was never written`
    if (known !== countOfRows(replica.context.rows())) return 'the context has dots that were never written'
    return faultOfForm(replica)
  }
}

function faultOfKey(replica: Replica, key: Key, events: readonly StoreEvent[]): string | undefined {
  const { context } = replica
  const known = events.filter((event) => context.has(event))
  const covered = (dot: Dot) => known.some((event) => covers(event.context, dot))
  const alive = known.filter((event) => !isDeletion(event) && !covered(event))
  const there = replica.versions(key)
  for (const event of alive)
    if (!there.some((version) => sameDot(version, event))) return `${at(key, event)} should be alive`
  for (const version of there)
    if (!alive.some((event) => sameDot(version, event))) return `${at(key, version)} should be dead`
  for (const event of events) {
    if (context.has(event)) continue
    const ghost = replica.ghostsByKey().get(key) ?? EMPTY_VECTOR
    const barred = covers(ghost, event) || there.some((version) => covers(version.context, event))
    if (barred !== covered(event))
      return `${at(key, event)} has not come and should ${barred ? 'not ' : ''}be a ghost`
  }
  const expected = ghostOf(
    context,
    known.filter((event) => !alive.includes(event)),
  )
  const ghost = replica.ghostsByKey().get(key) ?? EMPTY_VECTOR
  if (!sameVector(ghost, expected))
    return `the ghosts of ${key} should be [${expected.join()}], not [${ghost.join()}]`
  return undefined
}

/** What the dead left behind, as far as the context doesn't know it. */
function ghostOf(context: CausalContext, dead: readonly StoreEvent[]): VersionVector {
  const left = dead.reduce((vector, event) => join(vector, event.context), EMPTY_VECTOR)
  return filterVector(left, (actor, counter) => !context.hasUpTo(actor, counter))
}

/** What is wrong with the replica whatever happened: what is alive is known, and all that is kept beside is as recomputed. */
export function faultOfForm(replica: Replica): string | undefined {
  const live = new SetFingerprint()
  for (const [key, versions] of replica.entries()) {
    if (versions.length === 0) return `${key} has an empty list of versions`
    for (const version of versions) {
      if (!replica.context.has(version)) return `${at(key, version)} is alive and not known`
      live.add(versionText(key, version))
    }
  }
  if (hashToHex(hashText(live.value().join())) !== hashToHex(replica.liveHash()))
    return 'the fingerprint is wrong'
  const recomputed = CausalContext.from(replica.context.rows()).hash()
  if (hashToHex(recomputed) !== hashToHex(replica.context.hash())) return 'the hash of the context is wrong'
  const keys = [...replica.entries().keys()].sort()
  return keys.join() === replica.keys().join() ? undefined : 'the keys are not those of the entries'
}

export function sameDot(a: Dot, b: Dot): boolean {
  return a.actor === b.actor && a.counter === b.counter
}

function at(key: Key, { actor, counter }: { actor: Actor; counter: number }): string {
  return `${key}@${actor}:${counter}`
}

/** All that a replica holds, in one text: equal texts, equal states. */
export function stateText(replica: Replica): string {
  const rows = [...replica.context.rows()].map(([actor, row]) => `${actor}=${row.join()}`).sort()
  const versions = [...replica.entries()]
    .flatMap(([key, all]) => all.map((version) => versionText(key, version)))
    .sort()
  const ghosts = [...replica.ghostsByKey()].map(([key, vector]) => `${key}=${vector.join()}`).sort()
  return [...rows, ...versions, ...ghosts].join('\n')
}
