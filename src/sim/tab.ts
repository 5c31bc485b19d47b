/**
 * One simulated tab: the very node that runs in the browser, on a simulated disk and network, with the driver's one
 * rule: what is said after an own write waits until that write is durable. It crashes, sleeps and comes back.
 */
import type { Actor } from '../core/causality/dot'
import { decodeEffects, effectsOfState, encodeEffects } from '../core/codec/record'
import type { LinkId } from '../core/gossip/link'
import { GossipNode } from '../core/gossip/node'
import type { OverlaySize } from '../core/gossip/overlay'
import type { Pacing } from '../core/gossip/pacing'
import type { Input, Output } from '../core/gossip/step'
import type { StateFragment } from '../core/store/fragment'
import type { History } from '../core/store/oracle.fixtures'
import { type Renaming, renameVector } from '../core/store/rename'
import { Replica } from '../core/store/replica'
import type { Key } from '../core/store/value'
import type { KeyedEvent } from '../core/gossip/messages'
import type { StoreEvent } from '../core/store/version'
import { Disk } from './disk'
import type { Network, Session } from './network'
import type { Seeded } from './seeded'
import type { Timeline } from './timeline'

export interface World {
  readonly timeline: Timeline
  readonly network: Network
  readonly random: Seeded
  readonly history: History
  readonly deletesRemembered: number
  readonly pacing: Pacing
  readonly overlay: OverlaySize
  /** Something a tab did changed its state. */
  changed(tab: Tab): void
  fail(why: string): never
}

/** A rename of which the whole state has not been committed for certain. */
interface PendingRename {
  readonly commit: number
  readonly to: Actor
  readonly before: readonly KeyedEvent[]
}

export class Tab {
  node: GossipNode
  state: 'up' | 'down' | 'dead' = 'down'
  session: Session | undefined
  readonly actors = new Set<Actor>()
  private readonly disk: Disk
  private witness: Actor | undefined
  private minted = 0
  private member: string | undefined
  private boots = 0
  private steadyOffset = 0
  private frozenUntil = 0
  private inbox: Input[] = []
  private held: { after: number; link: LinkId; message: Uint8Array }[] = []
  private ownCommit = 0
  private durableCommit = 0
  private durableCounter = 0
  private renames: PendingRename[] = []
  private wakes = 0
  private flushDue = false

  constructor(
    readonly number: number,
    private readonly world: World,
    /** How far off its wall clock is. */
    private readonly skewMs: number,
  ) {
    this.disk = new Disk(world.timeline, world.random)
    this.node = this.load()
  }

  get replica(): Replica {
    return this.node.replica
  }

  get isAwake(): boolean {
    return this.state === 'up' && this.world.timeline.now >= this.frozenUntil
  }

  // What befalls it

  boot(): void {
    this.node = this.load()
    this.state = 'up'
    this.world.changed(this)
  }

  goOnline(): void {
    if (this.state !== 'up' || this.session !== undefined) return
    const boot = this.boots
    const session: Session = {
      member: this.memberAgain(),
      tab: this.number,
      give: (input) => {
        if (this.boots === boot && this.session === session) this.input(input)
      },
    }
    this.session = session
    this.input({ type: 'online', self: session.member })
    this.world.network.join(session)
  }

  goOffline(why: 'left' | 'offline'): void {
    if (this.session === undefined || !this.isAwake) return
    this.input({ type: 'offline', why })
    this.world.network.leave(this.session, false)
    this.session = undefined
    this.held = []
  }

  /** Without a word; what was not yet on disk may be there or not. */
  crash(): void {
    if (this.state !== 'up') return
    this.state = 'down'
    this.boots++
    this.member = undefined
    if (this.session !== undefined) this.world.network.leave(this.session, true)
    this.session = undefined
    this.inbox = []
    this.held = []
    this.frozenUntil = 0
    this.wakes++
    const left = this.disk.crash()
    this.undoRenames(left)
    this.forgetWhatIsLost()
  }

  freeze(forMs: number): void {
    this.frozenUntil = this.world.timeline.now + forMs
    this.world.timeline.after(forMs, () => {
      for (const input of this.inbox.splice(0)) this.input(input)
      this.reschedule()
    })
  }

  write(writes: readonly { key: Key; value: number | undefined }[]): void {
    if (!this.isAwake) return
    const wallMs = Date.UTC(2026, 0) + this.world.timeline.now + this.skewMs
    this.input({ type: 'write', writes, merge: 'auto', wallMs, origin: 'local' })
  }

  join(fragment: StateFragment): void {
    if (this.isAwake) this.input({ type: 'join', fragment, origin: 'import' })
  }

  /** Its disk failed, or another tab has its slot: what is not durable goes on under another name. */
  rename(): void {
    const { actor } = this.node
    if (!this.isAwake || actor === undefined) return
    const renaming: Renaming = { from: actor, above: this.durableCounter, to: this.mint() }
    const isMoved = ({ actor, counter }: StoreEvent) => actor === renaming.from && counter > renaming.above
    const before = this.world.history.events().filter(({ event }) => isMoved(event))
    this.world.history.rewrite(({ key, event }) => ({ key, event: renamed(event, renaming) }))
    this.durableCounter = 0
    this.input({ type: 'rename', renaming })
    this.renames.push({ commit: this.ownCommit, to: renaming.to, before })
  }

  /** What its disk has for certain, as a file would give it; undefined while the disk lags behind a rename. */
  durableState(): StateFragment | undefined {
    if (this.renames.length > 0) return undefined
    const replica = this.replicaOf(this.disk.safeRecords())
    return {
      context: replica.context.rows(),
      entries: replica.entries(),
      ghosts: replica.ghostsByKey(),
    }
  }

  // Parts

  private load(): GossipNode {
    const { world } = this
    const replica = this.replicaOf(this.disk.safeRecords())
    this.watch(replica)
    const actor = this.witness !== undefined && world.random.chance(0.8) ? this.witness : undefined
    this.steadyOffset = world.random.between(0, 1e6)
    this.ownCommit = this.durableCommit = 0
    this.durableCounter = actor === undefined ? 0 : replica.context.highest(actor)
    const random = { fraction: () => world.random.fraction(), mintActor: () => this.mint() }
    const { deletesRemembered, pacing, overlay } = world
    return new GossipNode(
      { nodeId: `n${this.number}`, actor, deletesRemembered, random, pacing, overlay },
      replica,
    )
  }

  private replicaOf(records: readonly Uint8Array[]): Replica {
    const replica = new Replica(this.world.deletesRemembered)
    for (const record of records) replica.replay(decodeEffects(record))
    return replica
  }

  /** A page that was only paused may come back under the name that it had. */
  private memberAgain(): string {
    if (this.member === undefined || this.world.random.chance(0.5))
      this.member = this.world.network.newMember()
    return this.member
  }

  private mint(): Actor {
    const actor = `n${this.number}.${++this.minted}` as Actor
    this.actors.add(actor)
    return actor
  }

  /** Tells the history every event at the instant at which the replica makes it. */
  private watch(replica: Replica): void {
    const put = replica.put.bind(replica)
    const remove = replica.delete.bind(replica)
    const { history } = this.world
    replica.put = (...given) => {
      const event = put(...given)
      history.add(given[0], event)
      return event
    }
    replica.delete = (...given) => {
      const event = remove(...given)
      history.add(given[0], event)
      return event
    }
  }

  private input(input: Input): void {
    if (this.state !== 'up') return
    if (!this.isAwake) {
      this.inbox.push(input)
      return
    }
    this.carryOut(this.step(input))
    if (this.world.random.chance(0.6)) this.flush()
    else this.flushSoon()
    this.reschedule()
  }

  private step(input: Input): Output[] {
    return this.node.step(input, this.world.timeline.now + this.steadyOffset)
  }

  private flushSoon(): void {
    if (this.flushDue) return
    this.flushDue = true
    const boot = this.boots
    this.world.timeline.after(1, () => {
      this.flushDue = false
      if (boot === this.boots && this.state === 'up') this.flush()
    })
  }

  private flush(): void {
    this.carryOut(this.step({ type: 'flush' }))
  }

  private carryOut(outputs: readonly Output[]): void {
    let changed = false
    for (const output of outputs) {
      switch (output.type) {
        case 'commit':
          this.commit([...encodeEffects(output.effects)], false, output.ownWrites > 0)
          changed = true
          break
        case 'recommit':
          this.watch(this.replica)
          this.commit([...encodeEffects(effectsOfState(this.node.freeze()))], true, true)
          changed = true
          break
        case 'send':
          if (this.ownCommit > this.durableCommit) this.held.push({ after: this.ownCommit, ...output })
          else this.world.network.send(output.link, output.message)
          break
        case 'dial':
          if (this.session !== undefined) this.world.network.dial(this.session, output.member)
          break
        case 'hangUp':
          this.world.network.hangUp(output.link)
          break
        case 'refresh':
          if (this.session !== undefined) this.world.network.refresh(this.session)
          break
        case 'changed':
        case 'peersChanged':
          break
        case 'updateNeeded':
          return this.world.fail('a node asks for an update')
        case 'malformed':
          return this.world.fail(`a node takes another for hostile: ${output.reason}`)
      }
    }
    if (changed) this.world.changed(this)
  }

  private commit(records: Uint8Array[], whole: boolean, own: boolean): void {
    const { actor } = this.node
    const counter = actor === undefined ? 0 : this.replica.context.highest(actor)
    const number = this.disk.append({ records, whole }, own, () => {
      this.witness = actor
      if (actor === this.node.actor) this.durableCounter = counter
      this.durableCommit = Math.max(this.durableCommit, number)
      this.renames = this.renames.filter(({ commit }) => commit > number)
      const free = this.held.filter(({ after }) => after <= number)
      this.held = this.held.filter(({ after }) => after > number)
      for (const { link, message } of free) this.world.network.send(link, message)
    })
    if (own) this.ownCommit = number
  }

  /** The whole state that would have been the other name's is not on disk: nothing was renamed. */
  private undoRenames(left: number): void {
    for (const { commit, to, before } of this.renames.toReversed()) {
      if (commit <= left) continue
      this.world.history.rewrite((keyed) => (keyed.event.actor === to ? undefined : keyed))
      for (const { key, event } of before) this.world.history.add(key, event)
    }
    this.renames = []
  }

  /** Own writes that are neither on disk nor anywhere else never happened. */
  private forgetWhatIsLost(): void {
    const { context } = this.replicaOf(this.disk.safeRecords())
    this.world.history.rewrite((keyed) =>
      this.actors.has(keyed.event.actor) && !context.has(keyed.event) ? undefined : keyed,
    )
  }

  private reschedule(): void {
    const wake = ++this.wakes
    const at = this.node.wakeAt() - this.steadyOffset
    if (!Number.isFinite(at)) return
    const { random, timeline } = this.world
    const lateMs = random.chance(0.02) ? random.between(0, 3_000) : random.between(0, 5)
    timeline.at(Math.max(at, timeline.now) + lateMs, () => {
      if (wake === this.wakes && this.isAwake) this.input({ type: 'tick', lateMs: timeline.now - at })
    })
  }
}

function renamed(event: StoreEvent, renaming: Renaming): StoreEvent {
  const context = renameVector(event.context, renaming)
  const isMoved = event.actor === renaming.from && event.counter > renaming.above
  if (!isMoved) return { ...event, context }
  return { ...event, context, actor: renaming.to, counter: event.counter - renaming.above }
}
