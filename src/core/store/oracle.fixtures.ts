/**
 * The truth to hold a replica against, as plainly as DESIGN 4.1 puts it: all events that ever happened, and from
 * them what must be alive and what must be a ghost for a given context.
 */
import { CausalContext, countOfRows, type Rows } from '../causality/context'
import type { Actor, Dot } from '../causality/dot'
import { type Hash128, hashText, sameHash, SetFingerprint } from '../causality/hash'
import {
  covers,
  dominates,
  EMPTY_VECTOR,
  filterVector,
  join,
  joinDot,
  sameVector,
  type VersionVector,
} from '../causality/version-vector'
import type { KeyedEvent } from '../gossip/messages'
import type { Replica } from './replica'
import type { Key } from './value'
import { isDeletion, type StoreEvent, type Version, versionText } from './version'

export class History {
  private eventsByKey = new Map<Key, StoreEvent[]>()
  private readonly judgedByReplica = new WeakMap<Replica, Map<Key, Judged>>()

  constructor(events: Iterable<KeyedEvent> = []) {
    for (const { key, event } of events) this.add(key, event)
  }

  add(key: Key, event: StoreEvent): void {
    const events = this.eventsByKey.get(key)
    if (events === undefined) this.eventsByKey.set(key, [event])
    else events.push(event)
  }

  /**
   * What is wrong with the clock of a write of the key that the replica has just made, and that is not in here yet:
   * it covers what its writer saw alive, and nothing of which its writer had not heard (clocks are happens-before).
   */
  faultOfWrite(replica: Replica, key: Key, { context, actor, counter }: StoreEvent): string | undefined {
    const known = (this.eventsByKey.get(key) ?? []).filter((event) => replica.context.has(event))
    const past = known.reduce((vector, event) => joinDot(join(vector, event.context), event), EMPTY_VECTOR)
    if (!dominates(past, context))
      return `${at(key, { actor, counter })} covers [${context.join()}], and its writer had seen [${past.join()}]`
    for (const event of known) {
      if (isDeletion(event) || covers(context, event)) continue
      if (!known.some((other) => covers(other.context, event)))
        return `${at(key, { actor, counter })} does not cover ${at(key, event)}, which its writer saw`
    }
    return undefined
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

  /**
   * The first thing that is wrong with the replica; undefined if nothing is. Of a key of which nothing is different
   * since it was judged last, what was found then still holds.
   */
  fault(replica: Replica): string | undefined {
    let judgedByKey = this.judgedByReplica.get(replica)
    if (judgedByKey === undefined) this.judgedByReplica.set(replica, (judgedByKey = new Map()))
    let count = 0
    for (const [key, events] of this.eventsByKey) {
      const there = replica.versions(key)
      if (replica.conflicts().has(key) !== there.length > 1) return `${key} has ${there.length} versions`
      const ghost = replica.ghostsByKey().get(key) ?? EMPTY_VECTOR
      let judged = judgedByKey.get(key)
      let isAsJudged = judged?.events === events && judged.there === there && judged.ghost === ghost
      for (const [at, { actor, counter }] of events.entries()) {
        const isKnown = replica.context.hasCounter(actor, counter)
        if (isKnown) count++
        isAsJudged &&= judged?.known[at] === isKnown
      }
      if (judged === undefined || !isAsJudged) {
        const [fault, left] = faultOfKey(replica, key, events)
        if (fault !== undefined) return fault
        const known = events.map((event) => replica.context.has(event))
        judged = { events, known, there, ghost: Object.freeze(ghost), left }
        judgedByKey.set(key, judged)
      }
      if (!isBeyond(judged.left, replica.context, ghost))
        return `the ghosts of ${key} are [${ghost.join()}], of [${judged.left.join()}]`
    }
    for (const key of replica.entries().keys())
      if (!this.eventsByKey.has(key)) return `${key} was never written`
    if (count !== countOfRows(replica.context.rows())) return 'the context has dots that were never written'
    return faultOfForm(replica)
  }
}

/**
 * What a verdict on one key of one replica rests upon, and what the dead left behind: all that they have seen. Lists of
 * versions and vectors are frozen once they are judged, and events are only added to a list: the same one is equal.
 */
interface Judged {
  readonly events: readonly StoreEvent[]
  /** Of each event that there was. */
  readonly known: readonly boolean[]
  readonly there: readonly Version[]
  readonly ghost: VersionVector
  readonly left: VersionVector
}

function faultOfKey(
  replica: Replica,
  key: Key,
  events: readonly StoreEvent[],
): [fault: string | undefined, left: VersionVector] {
  const { context } = replica
  const known = events.filter((event) => context.has(event))
  const covered = (dot: Dot) => known.some((event) => covers(event.context, dot))
  const alive = known.filter((event) => !isDeletion(event) && !covered(event))
  const there = replica.versions(key)
  for (const event of alive)
    if (!there.some((version) => sameDot(version, event)))
      return [`${at(key, event)} should be alive`, EMPTY_VECTOR]
  for (const version of there)
    if (!alive.some((event) => sameDot(version, event)))
      return [`${at(key, version)} should be dead`, EMPTY_VECTOR]
  const ghost = replica.ghostsByKey().get(key) ?? EMPTY_VECTOR
  for (const event of events) {
    if (context.has(event)) continue
    const barred = covers(ghost, event) || there.some((version) => covers(version.context, event))
    if (barred !== covered(event))
      return [`${at(key, event)} has not come and should ${barred ? 'not ' : ''}be a ghost`, EMPTY_VECTOR]
  }
  const dead = known.filter((event) => !alive.includes(event))
  return [undefined, dead.reduce((vector, event) => join(vector, event.context), EMPTY_VECTOR)]
}

/** Whether the ghosts are what the dead left behind, as far as the context doesn't know it. */
function isBeyond(left: VersionVector, context: CausalContext, ghost: VersionVector): boolean {
  if (left.length === 0) return ghost.length === 0
  return sameVector(
    ghost,
    filterVector(left, (actor, counter) => !context.hasUpTo(actor, counter)),
  )
}

/** What is wrong with the replica whatever happened: what is alive is known, and all that is kept beside is as recomputed. */
export function faultOfForm(replica: Replica): string | undefined {
  let hashedByKey = hashedByReplica.get(replica)
  if (hashedByKey === undefined) hashedByReplica.set(replica, (hashedByKey = new Map()))
  const live = new SetFingerprint()
  for (const [key, versions] of replica.entries()) {
    if (versions.length === 0) return `${key} has an empty list of versions`
    for (const version of versions)
      if (!replica.context.hasCounter(version.actor, version.counter))
        return `${at(key, version)} is alive and not known`
    let hashed = hashedByKey.get(key)
    if (hashed?.versions !== versions) {
      hashed = {
        versions: frozen(versions),
        hashes: versions.map((version) => hashText(versionText(key, version))),
      }
      hashedByKey.set(key, hashed)
    }
    for (const hash of hashed.hashes) live.addHash(hash)
  }
  if (!sameHash(hashText(live.value().join()), replica.liveHash())) return 'the fingerprint is wrong'
  const recomputed = CausalContext.from(replica.context.rows()).hash()
  if (!sameHash(recomputed, replica.context.hash())) return 'the hash of the context is wrong'
  const keys = [...replica.entries().keys()].sort()
  return keys.join() === replica.keys().join() ? undefined : 'the keys are not those of the entries'
}

/** Hashes of versions, made once for each list of them. */
const hashedByReplica = new WeakMap<
  Replica,
  Map<Key, { readonly versions: readonly Version[]; readonly hashes: readonly Hash128[] }>
>()

/** What is frozen can't be changed behind the oracle's back. Values are so already. */
function frozen(versions: readonly Version[]): readonly Version[] {
  for (const version of versions) {
    Object.freeze(version.context)
    Object.freeze(version)
  }
  return Object.freeze(versions)
}

export function sameDot(a: Dot, b: Dot): boolean {
  return a.actor === b.actor && a.counter === b.counter
}

function at(key: Key, { actor, counter }: { actor: Actor; counter: number }): string {
  return `${key}@${actor}:${counter}`
}

/** All that a replica holds, in one text: equal texts, equal states. */
export function stateText(replica: Replica): string {
  return frozenText({
    context: replica.context.rows(),
    entries: replica.entries(),
    ghosts: replica.ghostsByKey(),
  })
}

/** The same of what a replica held at one instant. */
export function frozenText(state: {
  readonly context: Rows
  readonly entries: Iterable<readonly [Key, readonly Version[]]>
  readonly ghosts: ReadonlyMap<Key, VersionVector>
}): string {
  const rows = [...state.context].map(([actor, row]) => `${actor}=${row.join()}`).sort()
  const versions = [...state.entries]
    .flatMap(([key, all]) => all.map((version) => versionText(key, version)))
    .sort()
  const ghosts = [...state.ghosts].map(([key, vector]) => `${key}=${vector.join()}`).sort()
  return [...rows, ...versions, ...ghosts].join('\n')
}
