import { describe, expect, it } from 'vitest'
import { Cluster } from './cluster'

/** `SIM_SEEDS=100000 SIM_FROM=1000 npx vitest run src/sim` for more of them. */
const SEEDS = Number(process.env['SIM_SEEDS'] ?? 250)
const FROM = Number(process.env['SIM_FROM'] ?? 1)

/** Seeds that found something once, in the node or in the simulator. */
const NAMED: readonly [seed: number, what: string][] = [
  [103785, 'a file taken from the disk between a rename and its commit'],
  [111961, 'the same, imported by its writer'],
]

describe('a small cluster', { timeout: 3_600_000 }, () => {
  it(`is exact at every step and converges after the faults, with ${SEEDS} seeds`, () => {
    let states = 0
    for (let seed = FROM; seed < FROM + SEEDS; seed++) states += new Cluster(seed).run().states
    expect(states).toBeGreaterThan(SEEDS * 20)
  })

  it.each(NAMED)('seed %i: %s', (seed) => {
    expect(new Cluster(seed).run().events).toBeGreaterThan(0)
  })

  it('runs the same from the same seed', () => {
    expect(new Cluster(7).run()).toEqual(new Cluster(7).run())
  })
})
