/**
 * A small cluster under faults: everybody writes, everything breaks, then the faults stop. The oracle of DESIGN 5
 * looks at every state that any tab is in, and at the end at all of them together.
 */
import { CausalContext } from '../core/causality/context'
import type { VersionVector } from '../core/causality/version-vector'
import { sameHash } from '../core/causality/hash'
import type { Message } from '../core/gossip/messages'
import { ROOT_ROUND_MS_MIN } from '../core/limits'
import type { StateFragment } from '../core/store/fragment'
import { mergedValue } from '../core/store/merge'
import { frozenText, stateText } from '../core/store/oracle.fixtures'
import type { Replica } from '../core/store/replica'
import type { Key } from '../core/store/value'
import type { Tuning } from '../runtime/tuning'
import { Network } from './network'
import { type Action, actionText, instantText, type Scenario } from './scenario'
import { Seeded } from './seeded'
import { Stranger } from './stranger'
import { Tab } from './tab'
import { Timeline } from './timeline'
import { Truth } from './truth'
import type { World } from './world'

/** By then all must have converged after the faults stopped: a redial's longest wait, silence, and some rounds … */
const HEALED_MS_MAX = 150_000
/** … and the time for so many exchanges of so many bytes, where links let little through: a sketch has some 5,000. */
const EXCHANGES = 30
const EXCHANGE_BYTES = 8_000

/** So often is it looked at what is said once all are equal, at most so many times for so long. */
const RESTS_EVERY_SEEDS = 4
const RESTS_MAX = 12
const REST_MS = 12_000

/** What may be said at rest; links come and go where there are more than wanted. */
const AT_REST: ReadonlySet<Message['type']> = new Set([
  'hello',
  'proof',
  'intro',
  'root',
  'ping',
  'pong',
  'bye',
])

export interface Outcome {
  /** Undefined: nothing was wrong. */
  readonly violation: string | undefined
  /** Writes, deletes among them. */
  readonly events: number
  /** States that the oracle looked at. */
  readonly states: number
  /** From the end of the faults to equal states. */
  readonly healedMs: number
  /** How often each kind of action was carried out. */
  readonly deeds: ReadonlyMap<Action['type'], number>
}

/** Runs it to its end, or to the first violation. `trace` is told every action and message. */
export async function run(scenario: Scenario, trace?: (line: string) => void): Promise<Outcome> {
  await new Promise((resolve) => void setImmediate(resolve)) // a run itself never lets anything else of the process happen
  return new Cluster(scenario, trace).run()
}

class Cluster implements World {
  readonly timeline = new Timeline()
  readonly truth: Truth
  readonly network: Network
  readonly tuning: Tuning
  readonly seed: number
  readonly isDisorderly: boolean
  private readonly isWhole: boolean
  private readonly strangers: Stranger[]
  readonly trace: ((line: string) => void) | undefined
  private readonly tabs: Tab[]
  private readonly files = new Map<number, StateFragment>()
  private anyDied = false
  private anyRenamed = false
  private states = 0
  private readonly deeds = new Map<Action['type'], number>()
  private violation: string | undefined

  constructor(
    private readonly scenario: Scenario,
    trace: ((line: string) => void) | undefined,
  ) {
    const { seed, strangers, amnesia, disorder, deletesRemembered, pacing, overlay, compactFromBytes } =
      scenario
    this.seed = seed
    this.trace = trace && ((line) => trace(`${instantText(this.timeline.now)}  ${line}`))
    this.isDisorderly = disorder > 0 || strangers > 0
    this.isWhole = strangers === 0 && !amnesia
    this.truth = new Truth(this.isWhole)
    const recordPauseBytes = compactFromBytes / 4 // in some a page gets a turn within most commits, in some in none
    this.tuning = { deletesRemembered, pacing, overlay, compactFromBytes, recordPauseBytes }
    this.network = new Network(this.timeline, new Seeded(seed, 'network'), scenario)
    this.strangers = Array.from({ length: strangers }, (_, at) => {
      return new Stranger(scenario.tabs + at, this.network, new Seeded(seed, `stranger ${at}`))
    })
    this.tabs = scenario.skewsMs.map((skewMs, number) => new Tab(number, this, skewMs))
  }

  async run(): Promise<Outcome> {
    const { timeline, scenario } = this
    for (const action of scenario.actions) timeline.at(action.at, () => this.act(action))
    for (const stranger of this.strangers) timeline.after(1_000, () => stranger.come())
    await this.runTo(scenario.until)
    this.heal()
    const from = timeline.now
    while (this.violation === undefined && !this.isConverged()) {
      if (timeline.now - from > healedMsMax(scenario)) this.violated(`not converged: ${this.difference()}`)
      await this.runTo(timeline.now + 250)
    }
    const healedMs = timeline.now - from
    if (this.violation === undefined) this.check()
    if (this.violation === undefined && scenario.seed % RESTS_EVERY_SEEDS === 0) await this.rest()
    const { violation, states, deeds } = this
    return { violation, events: this.truth.events, states, healedMs, deeds }
  }

  get isMindful(): boolean {
    return this.isWhole && !this.isDisorderly && !this.anyRenamed
  }

  changed(tab: Tab): void {
    this.states++
    const fault = this.truth.fault(tab.number, tab.replica)
    if (fault !== undefined) this.violated(`n${tab.number}: ${fault}`)
  }

  violated(why: string): void {
    this.violation ??= `at ${Math.round(this.timeline.now)} ms: ${why}`
  }

  private runTo(until: number): Promise<void> {
    return this.timeline.runSettled(until, () => this.violation !== undefined)
  }

  // What happens

  private act(action: Action): void {
    this.trace?.(actionText(action))
    this.deeds.set(action.type, (this.deeds.get(action.type) ?? 0) + 1)
    const { network, timeline } = this
    const tab = this.tabs[action.tab] as Tab
    switch (action.type) {
      case 'start':
        return tab.open(action.onlineAfterMs)
      case 'write':
        return tab.write(action.writes)
      case 'crash':
        return this.crash(tab, action)
      case 'die':
        return tab.once(action.when, () => this.die(tab))
      case 'leave':
        return tab.leave(action.downMs)
      case 'freeze':
        return tab.freeze(action.forMs)
      case 'throttle':
        return tab.throttle(action.forMs, action.lateMs)
      case 'offline':
        tab.goOffline()
        return timeline.after(action.forMs, () => tab.goOnline())
      case 'cut':
        for (const to of action.to) if (to !== tab.number) network.block(tab.number, to)
        for (const from of action.from) if (from !== tab.number) network.block(from, tab.number)
        return
      case 'reconnect':
        return network.heal()
      case 'break':
        return tab.once(action.when, () => network.breakOne(tab.number))
      case 'signalingDown':
        network.setSignaling(false)
        return timeline.after(action.forMs, () => network.setSignaling(true))
      case 'export':
        return tab.exportFile((file) => this.files.set(action.file, file))
      case 'import': {
        const file = this.files.get(action.file)
        return file === undefined ? undefined : tab.importFile(file)
      }
      case 'diskFails':
        this.anyRenamed = true
        return tab.disk.fail(action.forMs, action.dead)
      case 'diskForgetsToTell':
        this.anyRenamed ||= action.failsMs > 0
        return tab.disk.forgetToTell(action.failsMs)
      case 'witnessLost':
        return tab.loseWitness()
      case 'diskCloned':
        return tab.becomeCloneOf(this.tabs[action.from] as Tab, action.witness)
      case 'diskGoesBack':
        return tab.goBack(action.byMs, action.witness)
      case 'clockJumps':
        return tab.jumpClock(action.toMs)
    }
  }

  private crash(tab: Tab, { when, power, downMs }: Extract<Action, { type: 'crash' }>): void {
    if (!tab.isRunning) return
    const crash = () => {
      tab.crash(power)
      this.timeline.after(downMs, () => tab.open(0))
    }
    if (when === 'now' || when === 'transfer') tab.once(when, crash)
    else tab.disk.onceWriting(when, crash)
  }

  private die(tab: Tab): void {
    if (tab.state === 'absent' || this.tabs.filter(({ state }) => isThere(state)).length <= 2) return
    this.anyDied = true
    tab.crash(false)
    this.truth.forgotten(tab.number, false)
    tab.state = 'dead'
  }

  private heal(): void {
    for (const stranger of this.strangers) stranger.leave()
    this.network.heal()
    this.network.calm()
    this.network.setSignaling(true)
    for (const tab of this.tabs) {
      tab.disk.heal()
      if (tab.state === 'down') tab.open(0)
      tab.goOnline()
    }
  }

  // What must be true in the end

  /**
   * Equal states cost one Root a round, and nothing is said beside that but pings, and what a new link begins with;
   * nobody has more links than its room allows.
   */
  private async rest(): Promise<void> {
    for (let left = RESTS_MAX; left > 0 && this.violation === undefined; left--) {
      const before = this.survivors().map((tab) => new Map(tab.sentByType))
      await this.runTo(this.timeline.now + REST_MS)
      const faults = this.survivors().flatMap((tab, at) =>
        this.restless(tab, before[at] as typeof tab.sentByType),
      )
      if (faults.length === 0) return
      if (left === 1) this.violated(`no rest: ${faults.join('; ')}`)
    }
  }

  private restless(tab: Tab, before: ReadonlyMap<Message['type'], number>): string[] {
    const faults: string[] = []
    const sent = (type: Message['type']) => (tab.sentByType.get(type) ?? 0) - (before.get(type) ?? 0)
    const rootsMax = Math.ceil(REST_MS / ROOT_ROUND_MS_MIN) + 2 * sent('intro')
    if (sent('root') > rootsMax) faults.push(`n${tab.number} sent ${sent('root')} Roots`)
    for (const type of tab.sentByType.keys())
      if (!AT_REST.has(type) && sent(type) > 0) faults.push(`n${tab.number} sent ${sent(type)} ${type}`)
    const { fullMeshMembers, settled } = this.scenario.overlay
    const links = tab.node.peers(tab.steady).filter(({ state }) => state === 'linked').length
    if (links > Math.max(settled, fullMeshMembers - 1)) faults.push(`n${tab.number} has ${links} links`)
    return faults
  }

  private survivors(): Tab[] {
    return this.tabs.filter(({ state }) => isThere(state))
  }

  private isConverged(): boolean {
    const all = this.survivors()
    if (!all.every((tab) => tab.isAwake)) return false
    const [first] = all
    return all.every((tab) => {
      const { driver, node } = tab.binding
      if (!driver.online || driver.unsaved > 0 || driver.failing) return false
      if (first !== undefined && !isSameState(tab.replica, first.replica)) return false
      const linked = node.peers(tab.steady).filter(({ state }) => state === 'linked')
      return linked.length >= Math.min(1, all.length - 1) && linked.every(({ inSync }) => inSync)
    })
  }

  private check(): void {
    const known = new CausalContext()
    for (const tab of this.survivors()) {
      for (const [actor, row] of tab.replica.context.rows()) known.addRow(actor, row)
    }
    const texts = new Set(this.survivors().map(({ replica }) => this.textOf(replica)))
    if (texts.size > 1) this.violated('equal digests and unequal states')
    if (new Set(this.survivors().map(({ replica }) => readText(replica))).size > 1)
      this.violated('equal states that read differently')
    for (const tab of this.survivors()) {
      this.changed(tab)
      if (tab.replica.context.hash().join() !== known.hash().join())
        this.violated(`n${tab.number} lacks a dot`)
      const missing = this.scenario.strangers === 0 ? this.truth.missing(tab.replica) : undefined
      if (missing !== undefined)
        this.violated(`n${tab.number} lacks ${missing}, which was saved and not overwritten`)
      const lost = this.truth.loaded(tab.number, tab.stored)
      if (lost !== undefined) this.violated(`n${tab.number}, were it opened anew: ${lost}`)
      if (this.anyDied || this.anyRenamed || !this.isWhole) continue
      if (tab.replica.ghostsByKey().size > 0) this.violated(`n${tab.number} has ghosts`)
      for (const [actor, row] of tab.replica.context.rows()) {
        if (row.length !== 2 || row[0] !== 1) this.violated(`n${tab.number} has gaps in ${actor}`)
      }
    }
  }

  /** Without ghosts where a stranger lies: of dots that nobody ever gave out they stay where it was heard, and cover nothing. */
  private textOf(replica: Replica): string {
    if (this.scenario.strangers === 0) return stateText(replica)
    return frozenText({
      context: replica.context.rows(),
      entries: replica.entries(),
      ghosts: new Map<Key, VersionVector>(),
    })
  }

  private difference(): string {
    return this.survivors()
      .map((tab) => {
        if (tab.state !== 'up') return `n${tab.number} ${tab.state}`
        const peers = tab.node.peers(tab.steady).map((peer) => `${peer.nodeId} ${peer.state} ${peer.inSync}`)
        return `n${tab.number} [${stateText(tab.replica).replaceAll('\n', ' ')}] ${peers.join()}`
      })
      .join('; ')
  }
}

/** A link lets one window through in each round trip, and no more than its bandwidth. */
function healedMsMax({ latencyMsMax, bandwidthMax, pacing }: Scenario): number {
  const msPerByte = Math.max((2 * latencyMsMax) / pacing.windowBytes, 1 / bandwidthMax)
  return HEALED_MS_MAX + EXCHANGES * EXCHANGE_BYTES * msPerByte
}

/** As equal digests say it. */
function isSameState(a: Replica, b: Replica): boolean {
  return sameHash(a.context.hash(), b.context.hash()) && sameHash(a.liveHash(), b.liveHash())
}

/** All that can be read, in one text. */
function readText(replica: Replica): string {
  return replica
    .keys()
    .map((key) => `${key}=${JSON.stringify(mergedValue(replica.versions(key)))}`)
    .join()
}

function isThere(state: Tab['state']): boolean {
  return state !== 'absent' && state !== 'dead'
}
