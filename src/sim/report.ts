/** What people are shown of a run that went wrong: the seed, the least that goes wrong, and how to see it again. */
import { run } from './cluster'
import { actionText, instantText, keepOnly, type Scenario, scenarioOf } from './scenario'
import { shrink } from './shrink'

/** Of the messages before the violation, so many are shown. */
const TRACE_LINES = 40

export async function report(scenario: Scenario): Promise<string> {
  const kept = await shrink(scenario)
  const smallest = keepOnly(scenario, kept)
  const trace: string[] = []
  const { violation } = await run(smallest, (line) => trace.push(line))
  const { actions: _, ...world } = smallest
  return [
    `seed ${scenario.seed}: ${violation ?? 'nothing is wrong'}`,
    `world: ${JSON.stringify(world)}`,
    `the ${kept.length} of ${scenario.actions.length} actions that are enough:`,
    ...smallest.actions.map((action) => `${instantText(action.at)}  ${actionText(action)}`),
    'the last that was said:',
    ...trace.slice(-TRACE_LINES),
    `again: npm run soak -- --seed ${scenario.seed} --keep ${kept.join(',')}`,
  ].join('\n')
}

export function reportOf(seed: number): Promise<string> {
  return report(scenarioOf(seed))
}

/** One seed, or some of its actions: what happened, all of it. */
export async function replay(seed: number, kept: readonly number[] | undefined): Promise<string> {
  const scenario = scenarioOf(seed)
  const lines: string[] = []
  const outcome = await run(kept === undefined ? scenario : keepOnly(scenario, kept), (line) =>
    lines.push(line),
  )
  const { violation, events, states, healedMs } = outcome
  const end = `nothing is wrong: ${events} events, ${states} states, equal after ${healedMs} ms`
  return [...lines, violation ?? end].join('\n')
}
