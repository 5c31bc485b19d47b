/** What `npm run soak` runs in each of its processes: seed after seed, counted. */
import { run } from './cluster'
import { type Action, scenarioOf } from './scenario'

export { replay, reportOf } from './report'

/** Deeds that are no faults. */
const HARMLESS: ReadonlySet<Action['type']> = new Set(['start', 'write', 'export', 'import', 'reconnect'])

export interface Tally {
  seeds: number
  events: number
  /** What befell tabs, the network and disks, broken links of fragile worlds left out. */
  faults: number
  states: number
  /** By kind. */
  readonly deeds: Record<string, number>
  /** Seeds by the size of the memory of deletes. */
  readonly memos: Record<string, number>
  /** Seeds in which messages came twice or out of order. */
  disorderly: number
  /** Seeds with strangers. */
  strange: number
  /** The longest from the end of the faults to equal states. */
  healedMsMax: number
}

export function emptyTally(): Tally {
  return {
    seeds: 0,
    events: 0,
    faults: 0,
    states: 0,
    deeds: {},
    memos: {},
    disorderly: 0,
    strange: 0,
    healedMsMax: 0,
  }
}

export function addTally(total: Tally, tally: Tally): void {
  total.seeds += tally.seeds
  total.events += tally.events
  total.faults += tally.faults
  total.states += tally.states
  total.disorderly += tally.disorderly
  total.strange += tally.strange
  total.healedMsMax = Math.max(total.healedMsMax, tally.healedMsMax)
  for (const kind of ['deeds', 'memos'] as const)
    for (const [name, times] of Object.entries(tally[kind]))
      total[kind][name] = (total[kind][name] ?? 0) + times
}

/** Runs `count` seeds. Ends early at a violation, and returns its seed then. */
export async function soak(
  from: number,
  count: number,
): Promise<Tally & { wrong?: number; violation?: string }> {
  const tally = emptyTally()
  for (let seed = from; tally.seeds < count; seed++) {
    const scenario = scenarioOf(seed)
    const { violation, events, states, healedMs, deeds } = await run(scenario)
    tally.seeds += 1
    tally.events += events
    tally.states += states
    tally.healedMsMax = Math.max(tally.healedMsMax, healedMs)
    for (const [kind, times] of deeds) {
      tally.deeds[kind] = (tally.deeds[kind] ?? 0) + times
      if (!HARMLESS.has(kind)) tally.faults += times
    }
    const memo = String(scenario.deletesRemembered)
    tally.memos[memo] = (tally.memos[memo] ?? 0) + 1
    if (scenario.disorder > 0) tally.disorderly += 1
    if (scenario.strangers > 0) tally.strange += 1
    if (violation !== undefined) return { ...tally, wrong: seed, violation }
  }
  return tally
}
