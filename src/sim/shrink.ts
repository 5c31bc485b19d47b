/**
 * Shrinks a run that went wrong: which of its actions are enough for something to go wrong still. First whole tabs
 * are left out, then ever smaller pieces (delta debugging: Zeller & Hildebrandt, *Simplifying and Isolating
 * Failure-Inducing Input*, IEEE TSE 2002), until nothing can be left out or so many runs have been made.
 */
import { run } from './cluster'
import { keepOnly, type Scenario } from './scenario'

/** Runs for one violation: some 10 s. */
const RUNS_MAX = 400

/** The numbers of the actions that are enough. `isWrong`: whether the run of a scenario ends with a violation. */
export async function shrink(
  scenario: Scenario,
  isWrong = async (smaller: Scenario) => (await run(smaller)).violation !== undefined,
): Promise<number[]> {
  let kept = scenario.actions.map((_, number) => number)
  let runs = 0
  const tryWithout = async (left: ReadonlySet<number>): Promise<boolean> => {
    const rest = kept.filter((number) => !left.has(number))
    if (rest.length === kept.length || rest.length === 0 || runs++ >= RUNS_MAX) return false
    if (!(await isWrong(keepOnly(scenario, rest)))) return false
    kept = rest
    return true
  }
  for (let tab = 0; tab < scenario.tabs; tab++) {
    await tryWithout(new Set(kept.filter((number) => scenario.actions[number]?.tab === tab)))
  }
  for (let size = Math.ceil(kept.length / 2), isLeast = false; !isLeast;) {
    let isLess = false
    for (let from = 0; from < kept.length;) {
      if (await tryWithout(new Set(kept.slice(from, from + size)))) isLess = true
      else from += size
    }
    isLeast = size === 1 && !isLess
    size = Math.ceil(size / 2)
  }
  return kept
}
