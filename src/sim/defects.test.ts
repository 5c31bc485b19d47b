/** The simulator is tested too: each deliberate defect is built in, and must be found within its number of seeds. */
import { normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { buildSimulator } from '../../scripts/simulator.mjs'
import { type Defect, DEFECTS } from './defects'
import type * as Simulator from './soak'

/** Where all begin instead: SIM_FROM=1 tells how many seeds each takes when none was chosen. */
const FROM = process.env['SIM_FROM']

/** Puts the defect into the sources as they are loaded. `missing`: what was not found exactly once. */
function plant({ edits }: Defect) {
  const missing = new Set(edits)
  const plugin = {
    name: 'plant-defect',
    enforce: 'pre' as const,
    transform(code: string, id: string): string {
      let planted = code
      for (const edit of edits) {
        if (!normalize(id).endsWith(normalize(`/src/${edit.file}`))) continue
        const [before, after, ...more] = planted.split(edit.find)
        if (before === undefined || after === undefined || more.length > 0) continue
        planted = before + edit.replace + after
        missing.delete(edit)
      }
      return planted
    },
  }
  return { plugin, missing }
}

describe('the simulator finds', { timeout: 600_000 }, () => {
  it.each(DEFECTS.map((defect, number) => ({ ...defect, number })))('$name', async (defect) => {
    const { plugin, missing } = plant(defect)
    const address = await buildSimulator(`defect-${defect.number}`, [plugin])
    expect([...missing], 'what is to be replaced is there exactly once').toEqual([])
    const { soak } = (await import(/* @vite-ignore */ address)) as typeof Simulator
    const { seeds, violation } = await soak(Number(FROM ?? defect.from ?? 1), defect.seedsMax)
    expect(violation, `found within ${defect.seedsMax} seeds`).toBeDefined()
    process.stdout.write(`${String(seeds).padStart(5)} seeds: ${defect.name}\n`)
  })
})
