import { expect, it } from 'vitest'
import { fuzz } from './fuzz'

it('20,000 inputs, good ones changed, are taken or refused whole, and nothing is kept of them', async () => {
  const { inputs, byTarget, heapGrowthBytes } = await fuzz(1, 20_000, { requests: 40 })
  expect(inputs).toBe(20_000)
  expect(Object.keys(byTarget)).toHaveLength(9)
  // Each is reached from both sides: neither is all refused at the door, nor all taken.
  for (const [name, { taken, refused }] of Object.entries(byTarget)) {
    expect(taken, name).toBeGreaterThan(0)
    expect(refused, name).toBeGreaterThan(20)
  }
  expect(heapGrowthBytes).toBeLessThan(16 * 2 ** 20)
}, 60_000)
