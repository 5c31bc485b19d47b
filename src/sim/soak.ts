/** What `npm run soak` runs in each of its processes: seed after seed, counted. */
import { run } from './cluster'
import { scenarioOf } from './scenario'

export { replay, reportOf } from './report'

export interface Tally {
  seeds: number
  events: number
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

/** Runs `count` seeds. Ends early at a violation, and returns its seed then. */
export async function soak(
  from: number,
  count: number,
): Promise<Tally & { wrong?: number; violation?: string }> {
  const tally: Tally = {
    seeds: 0,
    events: 0,
    states: 0,
    deeds: {},
    memos: {},
    disorderly: 0,
    strange: 0,
    healedMsMax: 0,
  }
  for (let seed = from; tally.seeds < count; seed++) {
    const scenario = scenarioOf(seed)
    const { violation, events, states, healedMs, deeds } = await run(scenario)
    tally.seeds += 1
    tally.events += events
    tally.states += states
    tally.healedMsMax = Math.max(tally.healedMsMax, healedMs)
    for (const [kind, times] of deeds) tally.deeds[kind] = (tally.deeds[kind] ?? 0) + times
    const memo = String(scenario.deletesRemembered)
    tally.memos[memo] = (tally.memos[memo] ?? 0) + 1
    if (scenario.disorder > 0) tally.disorderly += 1
    if (scenario.strangers > 0) tally.strange += 1
    if (violation !== undefined) return { ...tally, wrong: seed, violation }
  }
  return tally
}
