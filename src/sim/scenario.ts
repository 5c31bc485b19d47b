/**
 * A scenario: all that is decided before a run, as plain data. The world that the tabs live in, and the actions that
 * befall them, each at its instant. A run is a function of it, so that leaving actions out makes a smaller run, and
 * the numbers of those that are kept name it.
 */
import type { Sketching } from '../core/gossip/summary'
import { OVERLAY, type OverlaySize } from '../core/gossip/overlay'
import { Seeded } from './seeded'

/** One put or, without a value, one delete, of the key of this number. */
export interface PlannedWrite {
  readonly key: number
  readonly value: number | undefined
}

/** What befalls one tab. Times are in milliseconds. */
export type Deed =
  /** Its page is opened, and goes online some time later. */
  | { readonly type: 'start'; readonly onlineAfterMs: number }
  | { readonly type: 'write'; readonly writes: readonly PlannedWrite[] }
  /** The page ends without a word; with the power, what the disk has not synced may be lost as well. */
  | {
      readonly type: 'crash'
      /** At once, in the middle of what its disk writes next, or once a transfer brings it something. */
      readonly when: 'now' | 'commit' | 'checkpoint' | 'transfer'
      readonly power: boolean
      readonly downMs: number
    }
  /** It never comes back. The last two are spared. */
  | { readonly type: 'die'; readonly when: 'now' | 'transfer' }
  | { readonly type: 'leave'; readonly downMs: number }
  | { readonly type: 'freeze'; readonly forMs: number }
  /** Its timers are late, by up to so much. */
  | { readonly type: 'throttle'; readonly forMs: number; readonly lateMs: number }
  | { readonly type: 'offline'; readonly forMs: number }
  /** Directions are blocked: to and from others. */
  | { readonly type: 'cut'; readonly to: readonly number[]; readonly from: readonly number[] }
  | { readonly type: 'reconnect' }
  /** One of its links ends. */
  | { readonly type: 'break'; readonly when: 'now' | 'transfer' }
  /** Signaling is down for everybody. */
  | { readonly type: 'signalingDown'; readonly forMs: number }
  | { readonly type: 'export'; readonly file: number }
  | { readonly type: 'import'; readonly file: number }
  /** Its disk refuses to be written; `dead`: to be read, too. */
  | { readonly type: 'diskFails'; readonly forMs: number; readonly dead: boolean }
  /** The next commit happens, and the disk does not tell; for so long after it, it can't be asked either. */
  | { readonly type: 'diskForgetsToTell'; readonly failsMs: number }
  | { readonly type: 'witnessLost' }
  | { readonly type: 'clockJumps'; readonly toMs: number }
  /** It is gone for ever, and a page on a copy of that one's disk comes; `witness`: and of what stands beside it. */
  | { readonly type: 'diskCloned'; readonly from: number; readonly witness: boolean }
  /** Its disk is as it was so long ago, by a backup; `witness`: what stands beside it as well. What is exact can't be told then. */
  | { readonly type: 'diskGoesBack'; readonly byMs: number; readonly witness: boolean }

export type Action = Deed & { readonly at: number; readonly tab: number }

export interface Scenario {
  readonly seed: number
  readonly tabs: number
  readonly keys: number
  readonly deletesRemembered: number
  readonly pacing: {
    readonly batchBytes: number
    readonly windowBytes: number
    readonly backlogBytesMax: number
    readonly partBytes: number
    readonly sketching: Sketching
  }
  readonly overlay: OverlaySize
  readonly compactFromBytes: number
  readonly latencyMsMax: number
  /** The fastest that a link is, in bytes a millisecond; some are a hundred times slower. */
  readonly bandwidthMax: number
  /** How far off each wall clock is. */
  readonly skewsMs: readonly number[]
  /** Against the protocol's assumption: so much of what is sent comes twice, or out of order. */
  readonly disorder: number
  /** So much of what is sent is the last that its link carries. */
  readonly fragility: number
  /** Whoever has the code and speaks the protocol badly, until the faults stop. What is exact can't be told then. */
  readonly strangers: number
  /** Disks may go back, and be cloned. */
  readonly amnesia: boolean
  /** When the faults stop. */
  readonly until: number
  readonly actions: readonly Action[]
}

export function scenarioOf(seed: number): Scenario {
  const random = new Seeded(seed)
  const tabs = random.integer(2, 5)
  const keys = random.pick([1, 2, 3, 5, 20])
  const every = 10 ** random.between(1, 3) // from much within one round trip to little in many
  const until = 3_000 + random.integer(10, 120) * every
  const skews = [0, 0, -1e9, 3e11, 8.64e15]
  const amnesia = random.chance(0.08)
  return {
    seed,
    tabs,
    keys,
    deletesRemembered: random.pick([0, 2, 1_000]),
    pacing: {
      batchBytes: random.integer(20, 200),
      windowBytes: random.integer(50, 600),
      backlogBytesMax: random.pick([100, 1_000, 1e6]),
      partBytes: random.integer(20, 300),
      // Mostly far too small, so that they seldom tell.
      sketching: {
        cells: random.pick([3, 6]),
        listWeight: random.pick([0, 0, 1]),
        wholeActors: random.pick([1, 2, 128]),
        outlineCells: random.pick([6, 30, 30]),
      },
    },
    // In some, four or five tabs are a large room already.
    overlay: random.chance(0.25) ? { fullMeshMembers: 3, wanted: 3, settled: 3 } : OVERLAY,
    compactFromBytes: random.pick([50, 300, 1_000, 1e6]),
    latencyMsMax: random.pick([2, 40, 300]),
    bandwidthMax: random.pick([500, 500, 20, 2]),
    skewsMs: Array.from({ length: tabs }, () => random.pick(skews)),
    disorder: random.chance(0.2) ? random.pick([0.005, 0.1]) : 0,
    fragility: random.chance(0.5) ? random.pick([0.005, 0.05, 0.15]) : 0,
    strangers: random.chance(0.05) ? 1 : 0,
    amnesia,
    until: Math.ceil(until * 10) / 10, // as actions are rounded: none comes after it
    actions: new Planner(random, tabs, keys, amnesia).plan(every, until),
  }
}

/** The same with these actions only, by their numbers. */
export function keepOnly(scenario: Scenario, kept: readonly number[]): Scenario {
  const wanted = new Set(kept)
  return { ...scenario, actions: scenario.actions.filter((_, number) => wanted.has(number)) }
}

class Planner {
  private readonly actions: Action[] = []
  private values = 0
  private files = 0
  private readonly kinds: [weight: number, make: () => Deed][]
  private readonly weightSum: number
  private readonly deletes: number

  constructor(
    private readonly random: Seeded,
    private readonly tabs: number,
    private readonly keys: number,
    private readonly amnesia: boolean,
  ) {
    this.deletes = random.pick([0.1, 0.3, 0.6])
    this.kinds = this.kindsHere()
    this.weightSum = this.kinds.reduce((sum, [weight]) => sum + weight, 0)
  }

  plan(every: number, until: number): Action[] {
    const { random } = this
    for (let tab = 0; tab < this.tabs; tab++) {
      const from = random.chance(0.2) ? random.between(0, until - 20) : 0 // some come when others have been at it for long
      this.add(from, tab, { type: 'start', onlineAfterMs: random.between(0, 3_000) })
      const writes = random.chance(0.1) ? random.integer(20, 80) : random.integer(0, 8)
      for (let left = writes; left > 0; left--) this.add(from + random.between(10, 20), tab, this.write())
    }
    for (let at = 0; at < until; at += random.between(0, 2 * every)) {
      this.add(at, random.integer(0, this.tabs - 1), this.deed())
    }
    return this.actions
  }

  private add(at: number, tab: number, deed: Deed): void {
    this.actions.push({ at: Math.round(at * 10) / 10, tab, ...deed })
  }

  private deed(): Deed {
    let dice = this.random.between(0, this.weightSum)
    for (const [weight, make] of this.kinds) {
      dice -= weight
      if (dice < 0) return make()
    }
    return this.write()
  }

  /**
   * What may happen, and how often. In each world some kinds never do and others much more than usual, since all of
   * everything shows less than much of a few (Groce et al., *Swarm Testing*, ISSTA 2012).
   */
  private kindsHere(): [weight: number, make: () => Deed][] {
    const { random } = this
    const usual: [weight: number, make: () => Deed][] = [
      [10, () => ({ type: 'break', when: this.when() })],
      [6, () => this.crash()],
      [4, () => ({ type: 'freeze', forMs: random.between(100, 20_000) })],
      [4, () => ({ type: 'cut', to: this.others(), from: this.others() })],
      [4, () => ({ type: 'reconnect' })],
      [3, () => ({ type: 'offline', forMs: random.between(0, 10_000) })],
      [2, () => ({ type: 'export', file: this.files++ })],
      [2, () => this.import()],
      [1, () => ({ type: 'die', when: this.when() })],
      [2, () => ({ type: 'signalingDown', forMs: random.between(0, 10_000) })],
      [1, () => ({ type: 'leave', downMs: this.downMs() })],
      [1, () => ({ type: 'diskFails', forMs: random.between(10, 20_000), dead: random.chance(0.3) })],
      [1, () => ({ type: 'diskForgetsToTell', failsMs: random.chance(0.5) ? random.between(0, 20_000) : 0 })],
      [1, () => ({ type: 'witnessLost' })],
      [1, () => ({ type: 'clockJumps', toMs: random.pick([0, -3e11, 1e10, 8.64e15]) })],
      [
        1,
        () => ({ type: 'throttle', forMs: random.between(0, 20_000), lateMs: random.pick([1_000, 60_000]) }),
      ],
    ]
    const here = usual.map(([weight, make]): [number, () => Deed] => [
      weight * random.pick([0, 0, 1, 1, 5]),
      make,
    ])
    const back = (): Deed => ({
      type: 'diskGoesBack',
      byMs: random.between(0, 20_000),
      witness: random.chance(0.5),
    })
    const cloned = (): Deed => ({
      type: 'diskCloned',
      from: random.integer(0, this.tabs - 1),
      witness: random.chance(0.5),
    })
    return [
      [random.pick([10, 60, 60, 200]), () => this.write()],
      [this.amnesia ? 5 : 0, back],
      [this.amnesia ? 3 : 0, cloned],
      ...here,
    ]
  }

  private import(): Deed {
    const { random, files } = this
    return files > 0 ? { type: 'import', file: random.integer(0, files - 1) } : this.write()
  }

  private downMs(): number {
    return this.random.chance(0.5) ? this.random.between(0, 200) : this.random.between(0, 8_000)
  }

  private write(): Deed {
    const { random } = this
    const count = random.chance(0.8) ? 1 : random.integer(2, 6)
    const writes = Array.from({ length: count }, () => ({
      key: random.integer(0, this.keys - 1),
      value: random.chance(this.deletes) ? undefined : ++this.values,
    }))
    return { type: 'write', writes }
  }

  private when(): 'now' | 'transfer' {
    return this.random.pick(['now', 'now', 'transfer'])
  }

  private crash(): Deed {
    const { random } = this
    const when = random.pick(['now', 'commit', 'checkpoint', 'transfer'] as const)
    return { type: 'crash', when, power: random.chance(0.5), downMs: this.downMs() }
  }

  private others(): number[] {
    return Array.from({ length: this.tabs }, (_, tab) => tab).filter(() => this.random.chance(0.6))
  }
}

/** For people: one line, but for its instant. */
export function actionText(action: Action): string {
  const details = Object.entries(action)
    .filter(([name]) => name !== 'at' && name !== 'tab' && name !== 'type')
    .map(([name, value]) => `${name} ${detailText(value)}`)
  return `n${action.tab} ${[action.type, ...details].join(', ')}`
}

export function instantText(ms: number): string {
  return `${ms.toFixed(1).padStart(9)} ms`
}

function detailText(value: unknown): string {
  if (!Array.isArray(value)) return typeof value === 'number' ? String(Math.round(value)) : String(value)
  const parts = (value as (number | PlannedWrite)[]).map((part) => {
    if (typeof part === 'number') return `n${part}`
    return part.value === undefined ? `k${part.key} deleted` : `k${part.key}=${part.value}`
  })
  return `[${parts.join(' ')}]`
}
