/**
 * The driver runs one node on real parts: one input at a time, its outputs to the ports. It keeps the one rule
 * that no part can keep alone, *commit before send*: what a node says after a write of its own waits until that
 * write is durable (DESIGN 4.3).
 */
import type { Actor, Dot } from '../core/causality/dot'
import { typeOfMessage } from '../core/gossip/codec'
import { isBeginning } from '../core/gossip/handshake'
import type { GossipNode } from '../core/gossip/node'
import type { Input, Origin, Output } from '../core/gossip/step'
import type { UndoBuffer } from '../core/store/undo-buffer'
import { Journal } from './journal'
import { countOwnActors, writeTestimony } from './identity'
import type { Loaded } from './load'
import type {
  ChannelBinding,
  Clock,
  LinkId,
  MemberId,
  SignalingState,
  Slot,
  StorageError,
  Transport,
  TransportEvents,
} from './ports'

export interface DriverEvents {
  changed(keys: ReadonlySet<string>, origin: Origin): void
  /** Peers, links, sync or storage state: something that people look at is different. */
  stateChanged(): void
  /** The slot's storage belongs to another tab now. */
  fenced(): void
}

interface HeldMessage {
  readonly link: LinkId
  readonly message: Uint8Array
  readonly after: number
}

export class Driver implements TransportEvents {
  /** What others removed, for as long as it can be put back. */
  readonly undo: UndoBuffer
  private readonly journal: Journal | undefined
  private held: HeldMessage[] = []
  private flushQueued = false
  private cancelWake: (() => void) | undefined
  private wakeAt = Number.POSITIVE_INFINITY
  private signalingState: SignalingState = 'off'
  private isOnline = false
  /** The last commit with own writes; what is sent after it waits for it. */
  private ownSequence = 0
  private durableSequence = 0
  /** Own writes, and what was imported, in commits that are not durable, by their sequence numbers, and the last own dot then. */
  private unsavedBySequence = new Map<number, { writes: number; own: Dot | undefined }>()
  /** The last own write that is on disk, of whatever actor we were then. */
  private durableDot: Dot | undefined
  private unsavedWhileFailing = 0
  private volatileActor: Actor | undefined
  /** What the witness was told of last; -1 if it has not been. */
  private toldOwnActors = -1
  private counted = { actors: -1, nodeId: '', own: 0 }
  updateNeeded = false
  /** Somebody between us and a peer was found out. */
  intercepted = false

  constructor(
    readonly node: GossipNode,
    private readonly slot: Slot,
    loaded: Loaded,
    private readonly transport: Transport,
    private readonly clock: Clock,
    private readonly mintActor: () => Actor,
    private readonly events: DriverEvents,
  ) {
    if (node.actor !== undefined) this.durableDot = this.lastOwnDot(node.actor)
    this.undo = loaded.undo
    if (slot.storage !== undefined) {
      this.journal = new Journal(slot.storage, loaded, clock, {
        durable: (sequence) => this.onDurable(sequence),
        failing: (error, lastRecord) => this.onFailing(error, lastRecord),
        recovered: () => this.onRecovered(),
        fenced: () => this.events.fenced(),
        freeze: () => this.node.freeze(),
      })
    }
  }

  // Inputs

  /** Gives the node one input; its effects are visible when this returns. Returns the sequence of its commit, for `durable`. */
  input(input: Input): number {
    let sequence = 0
    const changes: Extract<Output, { type: 'changed' }>[] = []
    let stateChanged = false
    for (const output of this.node.step(input, this.clock.steady())) {
      if (output.type === 'commit' || output.type === 'recommit') sequence = this.commit(output)
      else if (output.type === 'changed') changes.push(output)
      else if (output.type === 'peersChanged') stateChanged = true
      else this.carryOut(output)
    }
    this.queueFlush()
    this.reschedule()
    for (const { keys, origin } of changes) this.events.changed(keys, origin)
    if (stateChanged || changes.length > 0) this.events.stateChanged()
    return sequence
  }

  /** Resolves when the commit is durable; rejects with a StorageError if the disk fails for long. */
  durable(sequence: number): Promise<void> {
    return this.journal === undefined ? Promise.resolve() : this.journal.durable(sequence)
  }

  goOnline(): void {
    if (this.isOnline) return
    this.isOnline = true
    this.transport.start(this)
    this.input({ type: 'online', self: this.transport.self })
  }

  /** Says goodbye and drops all links; what is held back for the disk is not said any more. */
  goOffline(why: 'left' | 'offline'): Promise<void> {
    if (!this.isOnline) return Promise.resolve()
    this.input({ type: 'offline', why })
    this.isOnline = false
    this.held = []
    this.signalingState = 'off'
    const stopped = this.transport.stop()
    this.journal?.writeNow() // nothing more comes
    this.events.stateChanged()
    return stopped
  }

  /** The page may be about to vanish: what is pending is written at once. */
  hurry(): void {
    this.journal?.hurry()
  }

  /** The page came back: look whether what should be there still is. */
  probe(): void {
    this.journal?.probe()
    if (!this.isOnline) return
    this.transport.renew()
    this.input({ type: 'probe' })
  }

  /** Writes what is pending and stops. Settles once. */
  async close(): Promise<void> {
    this.flush()
    const stopped = this.goOffline('left')
    await this.journal?.close()
    await stopped
    this.cancelWake?.()
  }

  get online(): boolean {
    return this.isOnline
  }

  get signalingNow(): SignalingState {
    return this.signalingState
  }

  get failing(): boolean {
    return this.journal?.failing ?? false
  }

  /** The sequence of the last commit. */
  get latestSequence(): number {
    return this.journal?.latest ?? 0
  }

  /** The highest counter of the present actor that is on disk. */
  get savedCounter(): number {
    return this.durableDot?.actor === this.node.actor ? (this.durableDot?.counter ?? 0) : 0
  }

  get unsaved(): number {
    let unsaved = this.unsavedWhileFailing
    for (const { writes } of this.unsavedBySequence.values()) unsaved += writes
    return unsaved
  }

  // The transport's events

  signaling(state: SignalingState): void {
    this.signalingState = state
    this.input({ type: 'signaling', up: state === 'up', self: this.transport.self })
    this.events.stateChanged()
  }

  members(members: readonly MemberId[]): void {
    this.input({ type: 'members', members })
  }

  nearby(members: readonly MemberId[]): void {
    this.input({ type: 'nearby', members })
  }

  opened(link: LinkId, member: MemberId, dialledBy: 'us' | 'them', channel: ChannelBinding): void {
    this.input({ type: 'opened', link, member, dialledBy, channel })
  }

  closed(link: LinkId): void {
    this.held = this.held.filter((message) => message.link !== link)
    this.input({ type: 'closed', link })
  }

  dialFailed(member: MemberId): void {
    this.input({ type: 'dialFailed', member })
  }

  received(link: LinkId, message: Uint8Array): void {
    this.input({ type: 'received', link, message })
  }

  sent(link: LinkId, bytes: number): void {
    this.input({ type: 'sent', link, bytes })
  }

  // Outputs

  private carryOut(
    output: Exclude<Output, { type: 'commit' | 'recommit' | 'changed' | 'peersChanged' }>,
  ): void {
    switch (output.type) {
      case 'send':
        return this.send(output.link, output.message)
      case 'dial':
        return this.transport.dial(output.member)
      case 'hangUp':
        return this.transport.hangUp(output.link)
      case 'proven':
        return this.transport.trust(output.link)
      case 'refresh':
        return this.transport.refresh()
      case 'nodeRenamed':
        this.slot.renameNode(output.nodeId).catch((error: unknown) => {
          console.warn('fofoca: the new id of this node could not be kept', error) // the next load finds out anew
        })
        return
      case 'updateNeeded':
        this.updateNeeded = true
        return this.events.stateChanged()
      case 'refused':
        return this.refused(output.why)
      case 'malformed':
        console.warn(`fofoca: a peer was dropped because it sent ${output.reason}`)
        return
    }
  }

  private refused(why: 'unproven' | 'intercepted'): void {
    if (why === 'unproven')
      console.warn('fofoca: somebody who does not know the code of the room was refused')
    else this.intercepted = true
    this.events.stateChanged()
  }

  /** A goodbye names no write, and overtakes those that wait for the disk; not what the link begins with. */
  private send(link: LinkId, message: Uint8Array): void {
    const mustWait =
      typeOfMessage(message) === 'bye'
        ? this.held.some((each) => each.link === link && isBeginning(each.message))
        : this.ownSequence > this.durableSequence
    if (mustWait) this.held.push({ link, message, after: this.ownSequence })
    else this.transport.send(link, message)
  }

  private commit(output: Extract<Output, { type: 'commit' | 'recommit' }>): number {
    if (output.type === 'commit') this.keepRemoved(output)
    if (this.journal === undefined) return 0
    if (output.type === 'recommit') {
      const sequence = this.journal.addWhole()
      if (!this.journal.failing) this.holdUntil(sequence, 0)
      return sequence
    }
    const { effects, ownWrites } = output
    const sequence = this.journal.add(effects, ownWrites > 0)
    if (ownWrites === 0) return sequence
    if (this.journal.failing) {
      this.unsavedWhileFailing += ownWrites
    } else {
      this.holdUntil(sequence, ownWrites)
    }
    return sequence
  }

  /** What goes to the journal with the commit, and is written with it. */
  private keepRemoved({ effects, removed }: Extract<Output, { type: 'commit' }>): void {
    this.undo.noteValues(effects.entries)
    if (removed.length > 0) this.undo.keep(removed, this.clock.now())
  }

  /** Nothing more is sent before this commit is durable: it has own writes, or gave them another name. */
  private holdUntil(sequence: number, writes: number): void {
    const { actor } = this.node
    const own = actor === undefined ? undefined : this.lastOwnDot(actor)
    this.unsavedBySequence.set(sequence, { writes, own })
    this.ownSequence = sequence
  }

  private lastOwnDot(actor: Actor): Dot {
    return { actor, counter: this.node.replica.context.highest(actor) }
  }

  /** Once the inputs of this moment are through: what is new goes to the neighbours, and to the disk. */
  private queueFlush(): void {
    if (this.flushQueued) return
    this.flushQueued = true
    queueMicrotask(() => this.flush())
  }

  private flush(): void {
    this.flushQueued = false
    for (const output of this.node.step({ type: 'flush' }, this.clock.steady())) {
      if (output.type === 'send') this.send(output.link, output.message)
    }
    this.journal?.flush()
  }

  // The journal's events

  private onDurable(sequence: number): void {
    this.durableSequence = sequence
    let saved = false
    for (const [of, { own }] of this.unsavedBySequence) {
      if (of > sequence) break
      this.unsavedBySequence.delete(of)
      this.durableDot = own ?? this.durableDot
      saved = true
    }
    const { durableDot } = this
    const isNews = saved || this.ownActors() !== this.toldOwnActors
    if (isNews && durableDot !== undefined && durableDot.actor === this.node.actor) this.testify(durableDot)
    if (saved) this.events.stateChanged()
    this.release()
  }

  private testify(dot: Dot, discardAfter?: number): void {
    const ownActors = (this.toldOwnActors = this.ownActors())
    const testimony = { ...dot, ownActors }
    writeTestimony(this.slot.witness, discardAfter === undefined ? testimony : { ...testimony, discardAfter })
  }

  /** Counted when there are others than before. */
  private ownActors(): number {
    const { nodeId, replica } = this.node
    const actors = replica.context.rows().size
    if (actors !== this.counted.actors || nodeId !== this.counted.nodeId)
      this.counted = { actors, nodeId, own: countOwnActors(nodeId, replica.context) }
    return this.counted.own
  }

  private release(): void {
    const free = this.held.filter(({ after }) => after <= this.durableSequence)
    this.held = this.held.filter(({ after }) => after > this.durableSequence)
    for (const { link, message } of free) this.transport.send(link, message)
  }

  /**
   * What is not durable moves to an actor that is never used again, so that it may go out: should the page close
   * now, the disk comes back without it, and nobody will have given the same names to other writes.
   */
  private onFailing(_error: StorageError, lastRecord: number): void {
    const { actor } = this.node
    for (const { writes } of this.unsavedBySequence.values()) this.unsavedWhileFailing += writes
    this.unsavedBySequence.clear()
    this.held = []
    if (actor !== undefined) {
      this.testify({ actor, counter: this.savedCounter }, lastRecord)
    }
    const to = this.mintActor()
    this.volatileActor = to
    this.node.actor ??= to
    // Who never wrote has nothing to rename; its links end as well, since what waited on them is not said any more.
    this.input({ type: 'rename', renaming: { from: actor ?? to, above: this.savedCounter, to } })
    this.ownSequence = this.durableSequence // held back by nothing: the volatile actor's writes may go
    this.events.stateChanged()
  }

  private onRecovered(): void {
    this.unsavedWhileFailing = 0
    if (this.volatileActor !== undefined) {
      // Its writes are durable now, but it stays what it was: the next write is a fresh actor's.
      this.node.actor = undefined
      this.volatileActor = undefined
      this.testify({ actor: this.mintActor(), counter: 0 })
    }
    this.events.stateChanged()
  }

  // Time

  /** A timer that would be early is left to run: deadlines move on with every message, and it looks again then. */
  private reschedule(): void {
    const at = this.node.wakeAt()
    if (at >= this.wakeAt) return
    this.cancelWake?.()
    this.wakeAt = at
    this.cancelWake = this.clock.wake(Math.max(0, at - this.clock.steady()), () => this.wake())
  }

  private wake(): void {
    this.wakeAt = Number.POSITIVE_INFINITY
    this.cancelWake = undefined
    const now = this.clock.steady()
    const lateMs = now - this.node.wakeAt()
    if (lateMs < 0) this.reschedule()
    else this.input({ type: 'tick', lateMs: lateMs > 1_000 ? lateMs : 0 })
  }
}
