/** Attacks every target, and counts. What breaks is thrown, with the seed that does it again. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Seeded } from '../sim/seeded'
import { type HttpTarget, openHttp } from './http'
import { type Outcome, type Target, targetsOf } from './targets'

/** Inputs before the targets are made anew, of other bases. */
const ROUND = 10_000

export interface Tally {
  inputs: number
  /** By target. */
  readonly byTarget: Record<string, Record<Outcome, number>>
  /** How much more the heap holds at the end than after the first round, in bytes; 0 if less. */
  heapGrowthBytes: number
}

/** `requests`: of how many inputs one is a request to a running server. `progress` is told after each round. */
export async function fuzz(
  seed: number,
  inputs: number,
  {
    requests = 50,
    progress = () => undefined,
  }: { requests?: number; progress?: (tally: Tally) => void } = {},
): Promise<Tally> {
  const tally: Tally = { inputs: 0, byTarget: {}, heapGrowthBytes: 0 }
  const http = await openHttp()
  let heapBytes: number | undefined
  try {
    for (let round = 0; tally.inputs < inputs; round++) {
      await attackAll(seed + round, Math.min(ROUND, inputs - tally.inputs), requests, http, tally)
      heapBytes ??= heapUsed()
      tally.heapGrowthBytes = Math.max(0, heapUsed() - heapBytes)
      progress(tally)
    }
  } finally {
    await http.close()
  }
  return tally
}

/** Without garbage. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed
}

async function attackAll(
  seed: number,
  inputs: number,
  requests: number,
  http: HttpTarget,
  tally: Tally,
): Promise<void> {
  const targets = targetsOf(seed)
  const random = new Seeded(seed, 'fuzz')
  for (let left = inputs; left > 0; left--) {
    const isRequest = left % requests === 0
    const target = isRequest ? undefined : drawn(targets, random)
    const name = target?.name ?? 'HTTP requests'
    try {
      const outcome = target === undefined ? await http.attack(random) : target.attack(random)
      const counts = (tally.byTarget[name] ??= { taken: 0, refused: 0 })
      counts[outcome] += 1
      tally.inputs += 1
    } catch (cause) {
      throw new Error(`${name}, seed ${seed}: ${String(cause)}`, { cause })
    }
  }
  await http.lives()
}

function drawn(targets: readonly Target[], random: Seeded): Target {
  let place = random.fraction() * targets.reduce((sum, { share }) => sum + share, 0)
  return targets.find(({ share }) => (place -= share) < 0) as Target
}
