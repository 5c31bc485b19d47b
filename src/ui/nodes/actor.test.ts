import { expect, it } from 'vitest'
import { barShare, clockRows, nodeOfActor } from './actor'

it('takes the node from an actor', () => {
  expect(nodeOfActor('n0de.with.dots.2')).toBe('n0de.with.dots')
  expect(nodeOfActor('bare')).toBe('bare')
})

it('orders a clock by actor, and counts the lives of a node', () => {
  expect(clockRows({ 'b.1': 3, 'a.2': 1, 'a.1': 7 })).toEqual([
    { actor: 'a.1', nodeId: 'a', counter: 7, life: 1 },
    { actor: 'a.2', nodeId: 'a', counter: 1, life: 2 },
    { actor: 'b.1', nodeId: 'b', counter: 3, life: 1 },
  ])
})

it('draws small counters in proportion, and large ones so that none vanishes', () => {
  expect(barShare(5, 10)).toBe(0.5)
  expect(barShare(0, 10)).toBe(0)
  expect(barShare(10, 10)).toBe(1)
  expect(barShare(1, 1_000_000)).toBeGreaterThan(0.04)
  expect(barShare(1_000_000, 1_000_000)).toBe(1)
})
