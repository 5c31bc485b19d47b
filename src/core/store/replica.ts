/**
 * The replica: `(C, live, ghosts)` of DESIGN 4.2, and the only code that changes it. Two operations come from
 * others, `apply` for an event and `claim` for a whole snapshot; both are idempotent, commutative and
 * associative. All that an input does is gathered as effects, one commit, until `takeEffects`.
 */
import { CausalContext, differenceOfRows, type Rows, rowsHave, unionOfRows } from '../causality/context'
import { nextTime } from '../causality/clock'
import type { Actor, Dot } from '../causality/dot'
import { type Hash128, hashText, hashToHex } from '../causality/hash'
import { addInterval, eachInterval, type Intervals } from '../causality/intervals'
import { covers, EMPTY_VECTOR, join, joinDot, type VersionVector } from '../causality/version-vector'
import { DeleteMemo } from './delete-memo'
import type { EffectsAside, EffectsSource, FreshChange, FreshEffects } from './effects'
import { Ghosts } from './ghosts'
import { LiveDots } from './live-dots'
import { LiveFingerprint } from './live-fingerprint'
import { SortedKeys } from './sorted-keys'
import type { Json, Key, MergePolicy } from './value'
import { type Deletion, isDeletion, type StoreEvent, type Version, versionText } from './version'
import { type KeyedVersion, versionsByDot } from './versions-by-dot'

const NONE: readonly Version[] = Object.freeze([])

/** What one replica says of a whole snapshot of its state. Applied after every event that belongs to it. */
export interface Claim {
  /** `E`: the dots that the claim speaks of. Of them, only those `streamed` are alive. */
  readonly known: Rows
  readonly streamed: Rows
  /** Dots outside `known` that are dead too. */
  readonly dead: Rows
  readonly ghosts: ReadonlyMap<Key, VersionVector>
}

export class Replica {
  readonly context = new CausalContext()
  private readonly versionsByKey = new Map<Key, readonly Version[]>()
  private readonly keysInConflict = new Set<Key>()
  private readonly ghosts = new Ghosts()
  private readonly memo: DeleteMemo
  private namedByOthers: VersionVector = EMPTY_VECTOR
  private readonly sortedKeys = new SortedKeys(this.versionsByKey)
  private readonly liveFingerprint = new LiveFingerprint(this.versionsByKey)
  private readonly liveDots = new LiveDots()

  private changes: FreshChange[] = []
  private gained = new Map<Actor, number[]>()
  private ghostsChanged = new Set<Key>()
  private namedBefore = EMPTY_VECTOR
  private changedKeys = new Set<Key>()

  /** `deletesRemembered`: capacity, in keys, of the memory of deletes. */
  constructor(deletesRemembered: number) {
    this.memo = new DeleteMemo(deletesRemembered)
  }

  // Reading

  /** The siblings of a key; none if nothing is alive. The array is not changed later. */
  versions(key: Key): readonly Version[] {
    return this.versionsByKey.get(key) ?? NONE
  }

  entries(): ReadonlyMap<Key, readonly Version[]> {
    return this.versionsByKey
  }

  keys(prefix = ''): readonly Key[] {
    return this.sortedKeys.withPrefix(prefix)
  }

  /** The keys of more than one version. */
  conflicts(): ReadonlySet<Key> {
    return this.keysInConflict
  }

  /** The dots alive that the rows have. No walk over the keys. */
  liveWithin(rows: Rows): Map<Actor, Intervals> {
    return this.liveDots.within(rows)
  }

  /** The versions alive whose dots the rows have, in the order of the dots. One walk over the keys, none for none. */
  versionsWithin(rows: Rows): KeyedVersion[] {
    return versionsByDot(this.versionsByKey, this.liveWithin(rows))
  }

  ghostsByKey(): ReadonlyMap<Key, VersionVector> {
    return this.ghosts.all()
  }

  /** Own actors, with the highest counter that others have named (DESIGN 4.3). */
  named(): VersionVector {
    return this.namedByOthers
  }

  /** The highest counter of the actor that ghosts name; 0 if none. */
  highestGhost(actor: Actor): number {
    return this.ghosts.highest(actor)
  }

  /** How many deleted keys are remembered. */
  get deletesRemembered(): number {
    return this.memo.size
  }

  ghostsHash(): Hash128 {
    return this.ghosts.hash()
  }

  /** The fingerprint of the live set: a function of the versions alone. */
  liveHash(): Hash128 {
    return this.liveFingerprint.hash()
  }

  /** Undefined if it would have to be made of more than so many entries first: `prepareLiveHash` does that. */
  knownLiveHash(entriesMax: number): Hash128 | undefined {
    return this.liveFingerprint.known(entriesMax)
  }

  /** Works towards `liveHash` on so many entries at most; false while there are more. */
  prepareLiveHash(entries: number): boolean {
    return this.liveFingerprint.make(entries)
  }

  /** Hex; equal iff the states are equal. */
  digest(): string {
    return hashToHex(this.context.hash()) + hashToHex(this.liveHash())
  }

  /** The displayed clock of a key: the join of its siblings' contexts and dots. */
  clock(key: Key): VersionVector {
    return this.versions(key).reduce(
      (clock, version) => joinDot(join(clock, version.context), version),
      EMPTY_VECTOR,
    )
  }

  // Writing

  /** Puts a value; the new version replaces all that is known of the key. */
  put(key: Key, value: Json, merge: MergePolicy, dot: Dot, now: number): Version {
    const siblings = this.versions(key)
    const latest = siblings.reduce<number | undefined>(
      (time, version) => (time === undefined || version.time > time ? version.time : time),
      undefined,
    )
    const version: Version = {
      actor: dot.actor,
      counter: dot.counter,
      context: this.past(key),
      time: nextTime(now, latest),
      merge,
      value,
    }
    this.apply(key, version)
    return version
  }

  /** Deletes what is known of the key. */
  delete(key: Key, dot: Dot): Deletion {
    const deletion: Deletion = {
      actor: dot.actor,
      counter: dot.counter,
      context: this.past(key),
      deleted: true,
    }
    this.apply(key, deletion)
    return deletion
  }

  // What comes from others

  /** Applies one event. Returns whether its dot was new. Idempotent, commutative, associative. */
  apply(key: Key, event: StoreEvent): boolean {
    if (this.context.has(event)) {
      if (!isDeletion(event)) this.settleClone(key, event)
      return false
    }
    let covered = this.ghosts.cover(key, event)
    let past = event.context
    for (const sibling of this.versions(key)) {
      if (covers(event.context, sibling)) {
        this.drop(key, sibling)
        past = joinDot(past, sibling)
      }
      covered ||= covers(sibling.context, event)
    }
    this.gain(event.actor, event.counter, event.counter)
    if (covered || isDeletion(event)) {
      this.leaveGhost(key, event.context)
      if (this.versions(key).length === 0)
        this.memo.remember(key, joinDot(join(this.memo.of(key), past), event))
    } else {
      this.insert(key, event)
      this.memo.forget(key)
    }
    return true
  }

  /** Others know this dot of our own. */
  noteNamed(own: Dot): void {
    this.namedByOthers = joinDot(this.namedByOthers, own)
  }

  /**
   * Settles what one dot names on two sides of a cloned disk when the keys are not the same. `apply` looks only under
   * the event's own key, because every duplicate passes there; here a walk over all keys finds them, once a call.
   */
  settleClones(events: readonly { readonly key: Key; readonly event: StoreEvent }[]): void {
    const rows = CausalContext.from(events.map(({ event }) => [event.actor, [event.counter, event.counter]]))
    const oursByDot = new Map<string, Key>()
    for (const { key, event } of this.versionsWithin(rows.rows())) oursByDot.set(dotText(event), key)
    for (const { key, event } of events) {
      const keyOfOurs = oursByDot.get(dotText(event))
      if (keyOfOurs === undefined || keyOfOurs === key || isDeletion(event)) continue
      this.settleClone(key, event, keyOfOurs)
    }
  }

  /** Applies a claim. Every event that belongs to it has been applied before. Idempotent, commutative, associative. */
  claim({ known, streamed, dead, ghosts }: Claim): void {
    const ends = differenceOfRows(this.liveWithin(known), streamed)
    const doomed = this.versionsWithin(unionOfRows(ends, differenceOfRows(dead, known)))
    for (const { key, event } of doomed) this.kill(key, event)
    for (const [key, vector] of ghosts) {
      for (const version of this.versions(key)) {
        if (covers(vector, version) && !rowsHave(known, version.actor, version.counter))
          this.kill(key, version)
      }
    }
    for (const [actor, row] of differenceOfRows(known, this.context.rows())) {
      for (const [from, to] of eachInterval(row)) this.gain(actor, from, to)
    }
    for (const [key, vector] of ghosts) this.leaveGhost(key, vector)
  }

  // Effects

  /** What happened since the last call, to be committed as one; undefined if nothing did. */
  takeEffects(): FreshEffects | undefined {
    for (const key of this.ghosts.prune(this.context)) this.ghostsChanged.add(key)
    const named = this.namedByOthers === this.namedBefore ? EMPTY_VECTOR : this.namedByOthers
    if (
      this.changes.length === 0 &&
      this.gained.size === 0 &&
      this.ghostsChanged.size === 0 &&
      named.length === 0
    )
      return undefined
    const ghosts = new Map([...this.ghostsChanged].map((key) => [key, this.ghosts.of(key)]))
    const effects: FreshEffects = { entries: this.changes, context: this.gained, ghosts, named }
    this.changes = []
    this.gained = new Map()
    this.ghostsChanged = new Set()
    this.namedBefore = this.namedByOthers
    return effects
  }

  /** The keys whose versions changed since the last call. */
  takeChangedKeys(): ReadonlySet<Key> {
    const changed = this.changedKeys
    this.changedKeys = new Set()
    return changed
  }

  // Replaying: no rule, just what a log says; it leaves no effects and no changed keys behind

  replay(effects: EffectsSource): void {
    for (const change of effects.entries) {
      if ('added' in change) this.place(change.key, change.added)
      else this.displace(change.key, change.dropped)
    }
    this.replayAside(effects)
  }

  /** What effects say beside the entries. */
  replayAside({ context, ghosts, named }: EffectsAside): void {
    for (const [actor, row] of context) this.context.addRow(actor, row)
    for (const [key, vector] of ghosts) this.ghosts.replace(key, vector)
    this.namedByOthers = this.namedBefore = join(this.namedByOthers, named)
  }

  /** An entry of a log that was added. */
  place(key: Key, version: Version): void {
    const siblings = this.versionsByKey.get(key)
    if (siblings === undefined) {
      this.versionsByKey.set(key, [version])
      this.sortedKeys.changed(key)
    } else {
      this.versionsByKey.set(key, [...siblings, version])
      this.keysInConflict.add(key)
    }
    this.liveFingerprint.add(key, version)
    this.liveDots.add(version)
  }

  /** An entry of a log that was dropped; nothing happens if it is not there. */
  displace(key: Key, dot: Dot): void {
    const siblings = this.versions(key)
    const at = siblings.findIndex(({ actor, counter }) => actor === dot.actor && counter === dot.counter)
    if (at < 0) return
    this.liveFingerprint.remove(key, siblings[at] as Version)
    this.liveDots.remove(dot)
    if (siblings.length === 1) {
      this.versionsByKey.delete(key)
      this.sortedKeys.changed(key)
    } else {
      this.versionsByKey.set(key, siblings.toSpliced(at, 1))
      if (siblings.length === 2) this.keysInConflict.delete(key)
    }
  }

  // Parts

  /** All that is known of the key: what a new write of it covers. */
  private past(key: Key): VersionVector {
    return join(this.clock(key), join(this.ghosts.of(key), this.memo.of(key)))
  }

  /**
   * A known dot with other content means a cloned disk: the larger content stands, on every node alike. What either of
   * the two covered is dead, wherever both have been seen; the others learn it by a claim (`contexts equal, live not`).
   */
  private settleClone(key: Key, version: Version, keyOfOurs = key): void {
    const ours = this.versions(keyOfOurs).find(
      ({ actor, counter }) => actor === version.actor && counter === version.counter,
    )
    if (ours === undefined || ours === version) return
    const [ourText, theirText] = [versionText(keyOfOurs, ours), versionText(key, version)]
    if (ourText === theirText) return
    const stands = contentHash(ourText) < contentHash(theirText)
    if (stands) this.drop(keyOfOurs, ours)
    let covered = this.ghosts.cover(key, version)
    for (const sibling of this.versions(key)) {
      if (covers(version.context, sibling)) this.drop(key, sibling)
      covered ||= covers(sibling.context, version)
    }
    if (stands && !covered) this.insert(key, version)
    else this.leaveGhost(key, version.context)
  }

  private insert(key: Key, version: Version): void {
    this.place(key, version)
    this.changes.push({ key, added: version })
    this.changedKeys.add(key)
  }

  private drop(key: Key, version: Version): void {
    this.displace(key, version)
    this.changes.push({ key, dropped: version })
    this.changedKeys.add(key)
    this.leaveGhost(key, version.context)
  }

  /** What others know to be dead. */
  private kill(key: Key, version: Version): void {
    this.drop(key, version)
    if (this.versions(key).length === 0)
      this.memo.remember(key, joinDot(join(this.memo.of(key), version.context), version))
  }

  private gain(actor: Actor, from: number, to: number): void {
    this.context.add(actor, from, to)
    let row = this.gained.get(actor)
    if (row === undefined) {
      row = []
      this.gained.set(actor, row)
    }
    addInterval(row, from, to)
  }

  private leaveGhost(key: Key, vector: VersionVector): void {
    if (vector.length > 0 && this.ghosts.add(key, vector, this.context)) this.ghostsChanged.add(key)
  }
}

function dotText({ actor, counter }: Dot): string {
  return `${actor}:${counter}`
}

function contentHash(text: string): string {
  return hashToHex(hashText(text))
}
