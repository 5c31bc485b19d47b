import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { run } from './cluster'
import { type Action, type Deed, keepOnly, type Scenario, scenarioOf } from './scenario'
import { report } from './report'
import { shrink } from './shrink'

describe('a scenario', () => {
  it('has no fault that comes when the faults are over', () => {
    for (let seed = 0; seed < 500; seed++) {
      const { actions, until } = scenarioOf(seed)
      for (const { at } of actions) expect(at).toBeLessThanOrEqual(until)
    }
  })
})

describe('a run', () => {
  it('is the same, byte for byte, from the same seed', async () => {
    const traceOf = async (seed: number) => {
      const hash = createHash('sha256')
      await run(scenarioOf(seed), (line) => hash.update(line).update('\n'))
      return hash.digest('hex')
    }
    expect(await traceOf(7)).toBe(await traceOf(7))
    expect(await traceOf(7)).not.toBe(await traceOf(8))
  })

  it('shrinks to the actions that are enough', async () => {
    const scenario = scenarioOf(7)
    const writes = (action: Action) => action.type === 'write' && action.tab === 1
    const isWrong = (smaller: Scenario) => Promise.resolve(smaller.actions.filter(writes).length >= 3)
    const kept = await shrink(scenario, isWrong)
    expect(kept).toHaveLength(3)
    expect(keepOnly(scenario, kept).actions.every(writes)).toBe(true)
  })

  it('is told with its seed, its least trace and the command that shows it again', async () => {
    const text = await report({ ...scenarioOf(7), actions: scenarioOf(7).actions.slice(0, 3) })
    expect(text).toContain('npm run soak -- --seed 7 --keep ')
    expect(text).toMatch(/ ms {2}n\d (start|write)/)
  })
})

/** What went wrong once, in a node or in the simulator, as the least that showed it. */
const NAMED: readonly {
  what: string
  tabs: number
  deeds: readonly [at: number, tab: number, deed: Deed][]
}[] = [
  {
    what: 'a file exported while the disk fails, imported by its writer and another after the renaming',
    tabs: 2,
    deeds: [
      [100, 0, { type: 'write', writes: [{ key: 0, value: 1 }] }],
      [1_000, 0, { type: 'diskFails', forMs: 15_000, dead: false }],
      [
        1_010,
        0,
        {
          type: 'write',
          writes: [
            { key: 0, value: 2 },
            { key: 1, value: undefined },
          ],
        },
      ],
      [1_020, 0, { type: 'export', file: 0 }],
      [12_500, 0, { type: 'export', file: 1 }],
      [12_600, 0, { type: 'import', file: 0 }],
      [12_600, 1, { type: 'import', file: 1 }],
      [12_700, 0, { type: 'import', file: 1 }],
      [12_800, 0, { type: 'crash', when: 'now', power: true, downMs: 100 }],
    ],
  },
  {
    what: 'a disk that goes back to before a commit that nobody was told of, after a page had loaded it',
    tabs: 1,
    deeds: [
      [1_000, 0, { type: 'write', writes: [{ key: 0, value: 1 }] }],
      [2_000, 0, { type: 'diskForgetsToTell', failsMs: 0 }],
      [2_001, 0, { type: 'write', writes: [{ key: 0, value: 2 }] }],
      [2_001.1, 0, { type: 'freeze', forMs: 5_000 }],
      [3_000, 0, { type: 'crash', when: 'now', power: false, downMs: 10 }],
      [5_000, 0, { type: 'diskGoesBack', byMs: 3_500, witness: false }],
      [8_000, 0, { type: 'write', writes: [{ key: 1, value: 3 }] }],
    ],
  },
  {
    what: 'a commit that nobody was told of before the disk failed for long, and a write once it worked again',
    tabs: 1,
    deeds: [
      [499, 0, { type: 'diskForgetsToTell', failsMs: 12_000 }],
      [500, 0, { type: 'write', writes: [{ key: 0, value: 1 }] }],
      [16_000, 0, { type: 'write', writes: [{ key: 1, value: 2 }] }],
      [18_000, 0, { type: 'crash', when: 'now', power: false, downMs: 10 }],
    ],
  },
  {
    what: 'a goodbye while what the link begins with waits for a write',
    tabs: 2,
    deeds: [
      [13.1, 1, { type: 'write', writes: [{ key: 0, value: 1 }] }],
      [17.1, 1, { type: 'offline', forMs: 1_000 }],
    ],
  },
]

/** Opens so many tabs and runs these deeds, and nothing else, in a calm world with two keys. */
function runDeeds(tabs: number, deeds: readonly [at: number, tab: number, deed: Deed][]) {
  const starts = Array.from({ length: tabs }, (_, tab): Action => ({
    at: 0,
    tab,
    type: 'start',
    onlineAfterMs: 0,
  }))
  const actions = [...starts, ...deeds.map(([at, tab, deed]): Action => ({ at, tab, ...deed }))]
  const scenario = { ...scenarioOf(1), tabs, keys: 2, skewsMs: Array<number>(tabs).fill(0), actions }
  return run({ ...scenario, amnesia: true, until: 20_000 })
}

describe('what went wrong once', () => {
  it.each(NAMED)('$what', async ({ tabs, deeds }) => {
    const { violation, events } = await runDeeds(tabs, deeds)
    expect(violation).toBeUndefined()
    expect(events).toBeGreaterThan(0)
  })
})

describe('two pages on one copied disk', () => {
  it.each([
    ['with', true],
    ['without', false],
  ])('that write while they are apart, %s the witness, lose nothing', async (_, witness) => {
    const { violation, events, deeds } = await runDeeds(3, [
      [2_000, 0, { type: 'write', writes: [{ key: 0, value: 1 }] }],
      [3_000, 0, { type: 'cut', to: [1, 2], from: [1, 2] }],
      [3_100, 1, { type: 'diskCloned', from: 0, witness }],
      [6_000, 0, { type: 'write', writes: [{ key: 0, value: 2 }] }],
      [6_000, 1, { type: 'write', writes: [{ key: 1, value: 3 }] }],
      [12_000, 0, { type: 'reconnect' }],
    ])
    expect(violation).toBeUndefined()
    expect(events).toBe(3)
    expect(deeds.get('diskCloned')).toBe(1)
  })
})
