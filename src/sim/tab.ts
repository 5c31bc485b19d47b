/**
 * One simulated tab: the runtime's own binding, driver, journal and identity with the very node that runs in the
 * browser, on a simulated disk, network and clock. Its page is opened, sleeps, crashes and comes back.
 */
import type { GossipNode } from '../core/gossip/node'
import { decodeMessage, typeOfMessage } from '../core/gossip/codec'
import type { Message } from '../core/gossip/messages'
import type { StateFragment } from '../core/store/fragment'
import type { Replica } from '../core/store/replica'
import { type Json, type Key, MERGE_POLICIES, type MergePolicy } from '../core/store/value'
import { Loaded } from '../runtime/load'
import { bind, type Binding, type Parts } from '../runtime/binding'
import type { Clock, Random, Slot, Transport, TransportEvents } from '../runtime/ports'
import { Disk } from './disk'
import type { NetworkInput, Session } from './network'
import { Observer } from './observer'
import type { PlannedWrite } from './scenario'
import { Seeded } from './seeded'
import type { World } from './world'

const WALL_MS = Date.UTC(2026, 0)

/** All are in one room. */
export const PROOF_KEY = new Uint8Array(32)

/** What a page writes into `localStorage` is on the disk so much later; what IndexedDB says is durable has been. */
const WITNESS_LATE_MS_MAX = 5_000

export class Tab {
  state: 'absent' | 'opening' | 'up' | 'closing' | 'down' | 'dead' = 'absent'
  readonly disk: Disk
  /** Messages that it sent, by their type. */
  readonly sentByType = new Map<Message['type'], number>()
  private readonly random: Seeded
  private bound: Binding | undefined
  private session: Session | undefined
  /** One page's life; what was to happen in an earlier one doesn't. */
  private life = 0
  private nodeId: string
  private witness: string | undefined
  private witnessed: { at: number; text: string }[] = []
  private member: string | undefined
  private steadyOffset = 0
  private frozenUntil = 0
  private lateUntil = 0
  private lateMsMax = 0
  private inbox: (() => void)[] = []
  private observer: Observer | undefined

  constructor(
    readonly number: number,
    private readonly world: World,
    /** How far off its wall clock is. */
    private skewMs: number,
  ) {
    this.nodeId = `n${number}`
    this.random = new Seeded(world.seed, `tab ${number}`)
    this.disk = new Disk(world.timeline, new Seeded(world.seed, `disk ${number}`))
  }

  get binding(): Binding {
    return this.bound as Binding
  }

  get node(): GossipNode {
    return this.binding.node
  }

  get replica(): Replica {
    return this.node.replica
  }

  get isAwake(): boolean {
    return this.state === 'up' && this.world.timeline.now >= this.frozenUntil
  }

  get isRunning(): boolean {
    return this.state === 'up' || this.state === 'opening' || this.state === 'closing'
  }

  get steady(): number {
    return this.world.timeline.now + this.steadyOffset
  }

  // What befalls it

  /** The page is opened; online once what is on disk is loaded, and `afterMs`. */
  open(afterMs: number): void {
    if (this.state !== 'absent' && this.state !== 'down') return
    this.state = 'opening'
    this.steadyOffset = this.random.between(0, 1e6)
    const life = ++this.life
    const slot = this.slot()
    const events = { changed: () => undefined, stateChanged: () => undefined, fenced: () => undefined }
    bind(slot, this.parts(), events).then(
      (binding) => {
        if (life !== this.life) return
        this.bound = binding
        this.state = 'up'
        this.observe(binding)
        this.world.timeline.after(afterMs, () => this.whileLiving(life, () => this.goOnline()))
      },
      () => {
        if (life !== this.life) return
        this.state = 'down' // the disk could not be read; somebody tries again
        this.world.timeline.after(1_000, () => this.open(0))
      },
    )
  }

  goOnline(): void {
    if (this.state === 'up') this.whenAwake(this.life, () => this.binding.driver.goOnline())
  }

  goOffline(): void {
    if (this.isAwake) void this.binding.driver.goOffline('offline')
  }

  /** Says goodbye, and closes when what is pending has been written. */
  leave(downMs: number): void {
    if (!this.isAwake) return
    const { life } = this
    this.state = 'closing'
    void this.binding.driver.close().then(() => {
      if (life !== this.life) return
      this.end(false)
      this.world.timeline.after(downMs, () => this.open(0))
    })
  }

  /** Without a word; what was not yet on disk may be there or not. */
  crash(power: boolean): void {
    if (this.isRunning) this.end(power)
  }

  private end(power: boolean): void {
    this.state = 'down'
    this.life++
    this.member = undefined
    if (this.session !== undefined) this.world.network.leave(this.session, true)
    this.session = undefined
    this.inbox = []
    this.frozenUntil = 0
    this.observer = undefined
    this.disk.crash(power)
    if (power)
      this.witness = this.witnessedBefore(
        this.world.timeline.now - this.random.between(0, WITNESS_LATE_MS_MAX),
      )
  }

  private witnessedBefore(then: number): string | undefined {
    return this.witnessed.findLast(({ at }) => at <= then)?.text
  }

  /** Calls back at once, or soon after a transfer has brought it something, if it lives until then. */
  once(when: 'now' | 'transfer', callback: () => void): void {
    if (when === 'now') callback()
    else if (this.observer !== undefined) this.observer.inTransfer = callback
  }

  freeze(forMs: number): void {
    if (this.state !== 'up') return
    const { timeline } = this.world
    this.frozenUntil = timeline.now + forMs
    const { life } = this
    timeline.after(forMs, () => {
      if (life !== this.life || !this.isAwake) return
      for (const happen of this.inbox.splice(0)) timeline.after(0, () => this.whileLiving(life, happen))
      timeline.after(0, () => this.whileLiving(life, () => this.isAwake && this.binding.driver.probe()))
    })
  }

  throttle(forMs: number, lateMsMax: number): void {
    this.lateUntil = this.world.timeline.now + forMs
    this.lateMsMax = lateMsMax
  }

  /** The browser found it damaged and threw it away: no loss of power brings it back. */
  loseWitness(): void {
    this.witness = undefined
    this.witnessed = []
  }

  /**
   * It crashes, and its disk is as it was then; if `witness`, what stands beside it as well. A backup is put back while
   * the browser is closed, so that nothing of the witness is late any more.
   */
  goBack(byMs: number, witness: boolean): void {
    if (!this.isRunning) return
    this.end(false)
    const then = this.world.timeline.now - byMs
    this.disk.goBackTo(then)
    if (witness) this.witness = this.witnessedBefore(then)
    this.witnessed = this.witness === undefined ? [] : [{ at: Number.NEGATIVE_INFINITY, text: this.witness }]
    this.world.truth.forgotten(this.number, witness)
    this.open(0)
  }

  /**
   * It is gone for ever, and a page is opened in its place on a copy of the other's disk, while that one goes on;
   * `witness`: what stands beside it was copied as well.
   */
  becomeCloneOf(other: Tab, witness: boolean): void {
    if (!this.isRunning || other === this || other.state === 'absent') return
    this.end(false)
    this.disk.becomeCopyOf(other.disk)
    this.nodeId = other.nodeId
    this.witness = witness ? other.witness : undefined
    this.witnessed = witness ? [...other.witnessed] : []
    this.world.truth.cloned(this.number, other.number)
    this.open(0)
  }

  jumpClock(toMs: number): void {
    this.skewMs = toMs
  }

  write(planned: readonly PlannedWrite[]): void {
    if (!this.isAwake) return
    const writes = planned.map(({ key, value }) => ({ key: `k${key}` as Key, value: valueOf(key, value) }))
    const merge = MERGE_POLICIES[(planned[0]?.value ?? 0) % MERGE_POLICIES.length] as MergePolicy
    const { driver, replica } = { driver: this.binding.driver, replica: this.replica }
    const { truth } = this.world
    for (const { key } of writes) for (const version of replica.versions(key)) truth.covered(version.value)
    const sequence = driver.input({ type: 'write', writes, merge, wallMs: this.wallMs(), origin: 'local' })
    const values = writes.flatMap(({ key }) => this.replica.versions(key)).map(({ value }) => value)
    const own = values.filter((value) => writes.some((write) => write.value === value))
    driver.durable(sequence).then(
      () => own.forEach((value) => truth.acknowledged(this.number, value)),
      () => undefined, // it was said that it is not saved
    )
  }

  /** As `exportSnapshot` does: nothing leaves before own writes are durable. */
  exportFile(take: (file: StateFragment) => void): void {
    if (!this.isAwake) return
    const { driver, node } = this.binding
    const file = node.exportState()
    const saved = driver.failing ? Promise.resolve() : driver.durable(driver.latestSequence)
    saved.then(
      () => {
        this.observer?.noteSaved()
        take(file)
      },
      () => undefined,
    )
  }

  importFile(fragment: StateFragment): void {
    if (this.isAwake) this.binding.driver.input({ type: 'join', fragment, origin: 'import' })
  }

  /** What would be there if the page closed now. */
  get stored(): Replica {
    const { replica, take } = new Loaded(this.world.tuning)
    this.disk.look(take)
    return replica
  }

  // The ports

  private slot(): Slot {
    const { life } = this
    const nothing = () => undefined
    return {
      nodeId: this.nodeId,
      renameNode: (nodeId) => {
        this.nodeId = nodeId
        return Promise.resolve()
      },
      storage: this.disk.open(
        (happen) => this.whenAwake(life, happen),
        () => this.world.violated(`n${this.number} asks two things of its disk at once`),
      ),
      witness: {
        read: () => this.witness,
        write: (text) => {
          this.witness = text
          this.witnessed.push({ at: this.world.timeline.now, text })
        },
      },
      persisted: true,
      others: () => Promise.resolve([]),
      onOtherFree: () => nothing,
      onLost: () => nothing,
      release: () => Promise.resolve(),
      forget: () => Promise.resolve(),
    }
  }

  private parts(): Parts {
    const { random } = this
    const source: Random = {
      bytes: (count) => Uint8Array.from({ length: count }, () => random.integer(0, 255)),
    }
    return {
      transport: this.transport(),
      clock: this.clock(),
      random: source,
      proofKey: PROOF_KEY,
      tuning: this.world.tuning,
    }
  }

  private clock(): Clock {
    const { life } = this
    const { timeline } = this.world
    const later = (delayMs: number, happen: () => void) =>
      timeline.after(delayMs, () => this.whenAwake(life, happen))
    return {
      now: () => this.wallMs(),
      steady: () => this.steady,
      pause: () => new Promise((resolve) => later(this.random.between(0, 20), resolve)),
      wake: (delayMs, callback) => {
        let cancelled = false
        later(delayMs + this.latenessMs(), () => {
          if (!cancelled) callback()
        })
        return () => void (cancelled = true)
      },
    }
  }

  private transport(): Transport {
    const { life } = this
    const { network } = this.world
    let events: TransportEvents | undefined
    const session = () => this.session as Session
    const transport: Transport = {
      self: '',
      start: (given) => {
        events = given
        const started: Session = {
          member: this.memberAgain(),
          tab: this.number,
          give: (input) =>
            this.whenAwake(life, () => {
              if (this.session === started && events !== undefined) tell(events, input)
            }),
        }
        Object.assign(transport, { self: started.member })
        this.session = started
        network.join(started)
      },
      dial: (member) => network.dial(session(), member),
      send: (link, message) => {
        this.observer?.noteSaved()
        const type = typeOfMessage(message)
        this.sentByType.set(type, (this.sentByType.get(type) ?? 0) + 1)
        this.world.trace?.(`n${this.number} > ${link}  ${messageText(decodeMessage(message))}`)
        network.send(link, message)
      },
      trust: () => undefined,
      hangUp: (link) => network.hangUp(link),
      refresh: () => network.refresh(session()),
      renew: () => network.refresh(session()),
      stop: () => {
        if (this.session !== undefined) network.leave(this.session, false)
        this.session = undefined
        events = undefined
        return Promise.resolve()
      },
    }
    return transport
  }

  /** A page that was only paused may come back under the name that it had. */
  private memberAgain(): string {
    if (this.member === undefined || this.random.chance(0.5)) this.member = this.world.network.newMember()
    return this.member
  }

  private observe(binding: Binding): void {
    const { life, random, world } = this
    this.observer = new Observer(this, binding, world, (happen) => {
      world.timeline.after(random.between(0, 50), () => this.whileLiving(life, happen))
    })
    const lost = world.truth.loaded(this.number, binding.node.replica)
    if (lost !== undefined) world.violated(`n${this.number}: ${lost}`)
    world.changed(this)
  }

  private wallMs(): number {
    return Math.min(8.64e15, WALL_MS + this.world.timeline.now + this.skewMs)
  }

  private latenessMs(): number {
    const { random } = this
    const usual = random.chance(0.02) ? random.between(0, 3_000) : random.between(0, 5)
    return this.world.timeline.now < this.lateUntil ? usual + random.between(0, this.lateMsMax) : usual
  }

  private whileLiving(life: number, happen: () => void): void {
    if (life === this.life) happen()
  }

  private whenAwake(life: number, happen: () => void): void {
    if (life !== this.life) return
    if (this.world.timeline.now < this.frozenUntil) this.inbox.push(happen)
    else happen()
  }
}

/** Keys differ in the kind of their values, so that every way of merging siblings is taken. */
function valueOf(key: number, value: number | undefined): Json | undefined {
  if (value === undefined || key % 3 === 0) return value
  return key % 3 === 1 ? [value] : { [`f${value % 2}`]: value }
}

function tell(events: TransportEvents, input: NetworkInput): void {
  switch (input.type) {
    case 'signaling':
      return events.signaling(input.up ? 'up' : 'down')
    case 'members':
      return events.members(input.members)
    case 'opened':
      return events.opened(input.link, input.member, input.dialledBy, input.channel)
    case 'closed':
      return events.closed(input.link)
    case 'dialFailed':
      return events.dialFailed(input.member)
    case 'received':
      return events.received(input.link, input.message)
    case 'sent':
      return events.sent(input.link, input.bytes)
  }
}

function messageText(message: Message): string {
  return JSON.stringify(message, (_, value: unknown) =>
    value instanceof Map
      ? [...(value as Map<unknown, unknown>)]
      : value instanceof Uint8Array
        ? value.length
        : value,
  )
}
