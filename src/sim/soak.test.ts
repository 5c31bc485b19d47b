import { expect, it } from 'vitest'
import { buildSimulator } from '../../scripts/simulator.mjs'
import type * as Simulator from './soak'

/** Other seeds in each run, so that every run explores new ground; what goes wrong is told with its seed. */
const FROM = Number(process.env['SIM_FROM'] ?? Date.now())
const SEEDS = Number(process.env['SIM_SEEDS'] ?? 2_000)

it(`a small cluster under faults is exact at every step and converges: ${SEEDS} seeds from ${FROM}`, async () => {
  process.stdout.write(`simulating ${SEEDS} seeds from ${FROM}\n`)
  // As one module: what Vitest loads file by file takes twice as long.
  const simulator = (await import(/* @vite-ignore */ await buildSimulator('test'))) as typeof Simulator
  const { seeds, states, wrong } = await simulator.soak(FROM, SEEDS)
  if (wrong !== undefined) expect.unreachable(await simulator.reportOf(wrong))
  expect(seeds).toBe(SEEDS)
  expect(states).toBeGreaterThan(SEEDS * 20)
}, 3_600_000)
