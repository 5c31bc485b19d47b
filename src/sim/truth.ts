/**
 * What really happened, kept apart from all tabs: every event, which of them their writers know to be durable, and
 * which actors are volatile. Tabs are held against it (DESIGN 5).
 */
import { CausalContext } from '../core/causality/context'
import type { Actor } from '../core/causality/dot'
import { faultOfForm, History } from '../core/store/oracle.fixtures'
import type { KeyedEvent } from '../core/gossip/messages'
import { type Renaming, renameVector } from '../core/store/rename'
import type { Replica } from '../core/store/replica'
import { isDeletion, type StoreEvent } from '../core/store/version'
import type { Json, Key } from '../core/store/value'

export class Truth {
  readonly history = new History()

  /** `isWhole`: nobody says what never happened. */
  constructor(private readonly isWhole: boolean) {}

  /** What writers were told to be on disk. */
  private readonly durable = new CausalContext()
  /** Never reused, and so free to go before they are durable. */
  private readonly volatile = new Set<Actor>()
  /** Under their first names: the disk may have them, and have told nobody. */
  private untold: KeyedEvent[] = []
  private readonly coveredTexts = new Set<string>()
  /** Of what was acknowledged. */
  private readonly writerByText = new Map<string, number>()
  /** Those whose disk went back, and their witness with it: nothing on their own machine tells them. */
  private readonly mayRepeat = new Set<number>()
  /** Values under dots that had another before: nobody may remember it but as dead, and this one dies with it. */
  private readonly shadowable = new Set<string>()
  private readonly firstByDot = new Map<string, { readonly tab: number; readonly text: string | undefined }>()
  private readonly writerByActor = new Map<Actor, number>()

  /** Returns what is wrong with that; undefined if nothing is. */
  wrote(tab: number, replica: Replica, key: Key, event: StoreEvent, isVolatile: boolean): string | undefined {
    const isRepeated = this.durable.has(event)
    const fault = this.isWhole ? this.history.faultOfWrite(replica, key, event) : undefined
    if (fault !== undefined) return fault
    this.writerByActor.set(event.actor, tab)
    if (isVolatile) this.volatile.add(event.actor)
    this.history.add(key, event)
    this.noteDot(tab, event)
    if (!isRepeated) return undefined
    if (!isDeletion(event)) this.shadowable.add(JSON.stringify(event.value))
    return this.mayRepeat.has(tab) ? undefined : `gives ${event.actor}:${event.counter} out twice`
  }

  /** Two uses of one disk gave a dot to two writes: either may lose against the other. */
  private noteDot(tab: number, event: StoreEvent): void {
    const dot = `${event.actor}:${event.counter}`
    const text = isDeletion(event) ? undefined : JSON.stringify(event.value)
    const before = this.firstByDot.get(dot)
    if (before === undefined) this.firstByDot.set(dot, { tab, text })
    else if (before.tab !== tab)
      for (const lost of [before.text, text]) if (lost !== undefined) this.shadowable.add(lost)
  }

  /** The writer's disk has told that all up to this counter are on it. */
  saved(actor: Actor, counter: number): void {
    if (counter > this.durable.highest(actor)) this.durable.add(actor, 1, counter)
  }

  renamed(tab: number, renaming: Renaming, isVolatile: boolean): void {
    this.writerByActor.set(renaming.to, tab)
    if (isVolatile) {
      this.volatile.add(renaming.to)
      for (const keyed of this.history.events()) if (isMoved(keyed.event, renaming)) this.untold.push(keyed)
    }
    this.history.rewrite(({ key, event }) => ({ key, event: renamedEvent(event, renaming) }))
  }

  /**
   * The tab has loaded what its disk holds: own writes that are neither there nor anywhere else never happened, and
   * those that were given another name, because nobody knew of them on that disk, happened twice if they are there.
   */
  loaded(tab: number, { context }: Replica): string | undefined {
    if (!this.isWhole) return undefined
    const isOwn = ({ event }: KeyedEvent) => this.writerByActor.get(event.actor) === tab
    for (const keyed of this.untold.filter(isOwn))
      if (context.has(keyed.event)) this.history.add(keyed.key, keyed.event)
    this.untold = this.untold.filter((keyed) => !isOwn(keyed))
    this.history.rewrite((keyed) => {
      const { actor } = keyed.event
      const isLost =
        this.writerByActor.get(actor) === tab &&
        !this.volatile.has(actor) &&
        !context.has(keyed.event) &&
        !this.durable.has(keyed.event)
      return isLost ? undefined : keyed
    })
    for (const [actor, writer] of this.writerByActor) {
      if (writer !== tab || this.volatile.has(actor)) continue
      const saved = this.durable.highest(actor)
      if (!context.hasUpTo(actor, saved) && saved > 0) return `lost ${actor}:${saved}, which was durable`
      this.saved(actor, context.highest(actor))
    }
    return undefined
  }

  // By value, since a disk that goes back gives dots out twice: no two writes have the same value.

  /** Somebody wrote who saw this value there. */
  covered(value: Json): void {
    this.coveredTexts.add(JSON.stringify(value))
  }

  /** The writer was told that it is saved. */
  acknowledged(tab: number, value: Json): void {
    this.writerByText.set(JSON.stringify(value), tab)
  }

  /** It died, or its disk went back: what it wrote until now may be gone with it. */
  forgotten(tab: number, isWitnessToo: boolean): void {
    if (isWitnessToo) this.mayRepeat.add(tab)
    for (const [text, writer] of this.writerByText) if (writer === tab) this.writerByText.delete(text)
  }

  /** What the one wrote is gone with its disk, and both may give the same dots out. */
  cloned(tab: number, from: number): void {
    this.forgotten(tab, true)
    this.mayRepeat.add(from)
  }

  /** A value that was acknowledged and that nobody overwrote who saw it, and that is not there; undefined if all are. */
  missing(replica: Replica): string | undefined {
    const there = new Set([...replica.entries().values()].flat().map(({ value }) => JSON.stringify(value)))
    for (const text of this.writerByText.keys())
      if (!this.coveredTexts.has(text) && !this.shadowable.has(text) && !there.has(text)) return text
    return undefined
  }

  /** The first thing that is wrong with the tab's replica; undefined if nothing is. */
  fault(tab: number, replica: Replica): string | undefined {
    if (!this.isWhole) return faultOfForm(replica)
    for (const actor of replica.context.rows().keys()) {
      if (this.writerByActor.get(actor) === tab || this.volatile.has(actor)) continue
      const highest = replica.context.highest(actor)
      if (highest > this.durable.highest(actor)) return `has ${actor}:${highest}, which is not durable yet`
    }
    return this.history.fault(replica)
  }

  get events(): number {
    return this.history.events().length
  }
}

function renamedEvent(event: StoreEvent, renaming: Renaming): StoreEvent {
  const context = renameVector(event.context, renaming)
  if (!isMoved(event, renaming)) return { ...event, context }
  return { ...event, context, actor: renaming.to, counter: event.counter - renaming.above }
}

function isMoved({ actor, counter }: StoreEvent, { from, above }: Renaming): boolean {
  return actor === from && counter > above
}
