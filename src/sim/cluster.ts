/**
 * A small cluster under faults, from one seed: everybody writes, everything breaks, then the faults stop. The
 * oracle of DESIGN 5 looks at every state that any tab is in, and at the end at all of them together.
 */
import { CausalContext } from '../core/causality/context'
import { OVERLAY, type OverlaySize } from '../core/gossip/overlay'
import type { Pacing } from '../core/gossip/pacing'
import type { StateFragment } from '../core/store/fragment'
import { History, stateText } from '../core/store/oracle.fixtures'
import type { Key } from '../core/store/value'
import { Network } from './network'
import { Seeded } from './seeded'
import { Tab, type World } from './tab'
import { Timeline } from './timeline'

/** By then all must have converged after the faults stopped: a redial's longest wait, silence, and some rounds. */
const HEALED_MS_MAX = 150_000

export interface Summary {
  readonly events: number
  readonly states: number
  readonly healedMs: number
}

class Violation extends Error {
  override readonly name = 'Violation'
}

export class Cluster implements World {
  readonly timeline = new Timeline()
  readonly history = new History()
  readonly random: Seeded
  readonly network: Network
  readonly deletesRemembered: number
  readonly pacing: Pacing
  readonly overlay: OverlaySize
  private readonly tabs: Tab[]
  private readonly keys: Key[]
  private readonly files: StateFragment[] = []
  private anyDied = false
  private anyRenamed = false
  private states = 0
  private values = 0

  constructor(readonly seed: number) {
    const random = new Seeded(seed)
    this.random = random
    this.network = new Network(this.timeline, random)
    this.deletesRemembered = random.pick([0, 2, 1_000])
    this.pacing = {
      batchBytes: random.integer(20, 200),
      windowBytes: random.integer(50, 600),
      backlogBytesMax: random.pick([100, 1_000, 1e6]),
      partBytes: random.integer(20, 300),
    }
    this.keys = Array.from({ length: random.pick([1, 2, 3, 5, 20]) }, (_, at) => `k${at}` as Key)
    // In some, four or five tabs are a large room already.
    this.overlay = seed % 4 === 2 ? { fullMeshMembers: 3, wanted: 3, settled: 3 } : OVERLAY
    const skews = [0, 0, -1e9, 3e11, 8.64e15]
    this.tabs = Array.from({ length: random.integer(2, 5) }, (_, at) => new Tab(at, this, random.pick(skews)))
  }

  run(): Summary {
    const { random, timeline } = this
    for (const tab of this.tabs) {
      tab.boot()
      for (let left = random.integer(0, 8); left > 0; left--) this.write(tab)
      timeline.after(random.between(0, 3_000), () => tab.goOnline())
    }
    const every = 10 ** random.between(1, 3) // from much within one round trip to little in many
    const until = 3_000 + random.integer(10, 120) * every
    for (let at = 0; at < until; at += random.between(0, 2 * every))
      timeline.at(at, () => this.somethingHappens())
    timeline.run(until)
    this.heal()
    const from = timeline.now
    while (!this.isConverged()) {
      if (timeline.now - from > HEALED_MS_MAX) this.fail(`not converged: ${this.difference()}`)
      timeline.run(timeline.now + 250)
    }
    const healedMs = timeline.now - from
    this.check()
    return { events: this.history.events().length, states: this.states, healedMs }
  }

  changed(tab: Tab): void {
    this.states++
    const fault = this.history.fault(tab.replica)
    if (fault !== undefined) this.fail(`n${tab.number}: ${fault}`)
  }

  fail(why: string): never {
    throw new Violation(`seed ${this.seed}, at ${Math.round(this.timeline.now)} ms: ${why}`)
  }

  // What happens

  private somethingHappens(): void {
    const { random, network, timeline } = this
    const tab = random.pick(this.tabs)
    const dice = random.fraction()
    if (dice < 0.6) this.write(tab)
    else if (dice < 0.7) network.breakOne()
    else if (dice < 0.76) this.restart(tab)
    else if (dice < 0.8) tab.freeze(random.between(100, 20_000))
    else if (dice < 0.84) this.cut(tab)
    else if (dice < 0.88) network.heal()
    else if (dice < 0.92) this.pause(tab)
    else if (dice < 0.94) this.exportFile(tab)
    else if (dice < 0.96) this.importFile(tab)
    else if (dice < 0.97) this.rename(tab)
    else if (dice < 0.98) this.die(tab)
    else {
      network.setSignaling(false)
      timeline.after(random.between(0, 10_000), () => network.setSignaling(true))
    }
  }

  private write(tab: Tab): void {
    const { random } = this
    const writes = Array.from({ length: random.chance(0.8) ? 1 : random.integer(2, 6) }, () => ({
      key: random.pick(this.keys),
      value: random.chance(0.3) ? undefined : ++this.values,
    }))
    tab.write(writes)
  }

  private restart(tab: Tab): void {
    if (tab.state !== 'up') return
    tab.crash()
    this.timeline.after(this.random.between(0, 8_000), () => {
      if (tab.state !== 'down') return
      tab.boot()
      tab.goOnline()
    })
  }

  private cut(tab: Tab): void {
    for (const other of this.tabs) {
      if (other === tab || this.random.chance(0.3)) continue
      if (this.random.chance(0.8)) this.network.block(tab.number, other.number)
      if (this.random.chance(0.8)) this.network.block(other.number, tab.number)
    }
  }

  private pause(tab: Tab): void {
    tab.goOffline('offline')
    this.timeline.after(this.random.between(0, 10_000), () => tab.goOnline())
  }

  private exportFile(tab: Tab): void {
    const file = tab.durableState()
    if (file !== undefined) this.files.push(file)
  }

  private importFile(tab: Tab): void {
    if (this.files.length > 0) tab.join(this.random.pick(this.files))
  }

  private rename(tab: Tab): void {
    this.anyRenamed = true
    tab.rename()
  }

  private die(tab: Tab): void {
    if (this.tabs.filter(({ state }) => state !== 'dead').length <= 2) return
    this.anyDied = true
    tab.crash()
    tab.state = 'dead'
  }

  private heal(): void {
    this.network.heal()
    this.network.setSignaling(true)
    for (const tab of this.tabs) {
      if (tab.state === 'down') tab.boot()
      tab.goOnline()
    }
  }

  // What must be true in the end

  private survivors(): Tab[] {
    return this.tabs.filter(({ state }) => state === 'up')
  }

  private isConverged(): boolean {
    const all = this.survivors()
    const [first] = all
    return all.every((tab) => {
      if (!tab.isAwake || tab.session === undefined) return false
      if (tab.replica.digest() !== first?.replica.digest()) return false
      const linked = tab.node.peers(this.timeline.now).filter(({ state }) => state === 'linked')
      return linked.length >= Math.min(1, all.length - 1) && linked.every(({ inSync }) => inSync)
    })
  }

  private check(): void {
    const known = new CausalContext()
    for (const tab of this.survivors()) {
      for (const [actor, row] of tab.replica.context.rows()) known.addRow(actor, row)
    }
    const texts = new Set(this.survivors().map(({ replica }) => stateText(replica)))
    if (texts.size !== 1) this.fail('equal digests and unequal states')
    for (const tab of this.survivors()) {
      this.changed(tab)
      if (tab.replica.context.hash().join() !== known.hash().join()) this.fail(`n${tab.number} lacks a dot`)
      if (this.anyDied || this.anyRenamed) continue
      if (tab.replica.ghostsByKey().size > 0) this.fail(`n${tab.number} has ghosts`)
      for (const [actor, row] of tab.replica.context.rows()) {
        if (row.length !== 2 || row[0] !== 1) this.fail(`n${tab.number} has gaps in ${actor}`)
      }
    }
  }

  private difference(): string {
    return this.tabs
      .map((tab) => {
        const peers = tab.node
          .peers(this.timeline.now)
          .map((peer) => `${peer.nodeId} ${peer.state} ${peer.inSync}`)
        return `n${tab.number} ${tab.state} ${tab.session?.member} [${stateText(tab.replica).replaceAll('\n', ' ')}] ${peers.join()}`
      })
      .join('; ')
  }
}
