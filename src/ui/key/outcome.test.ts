import { describe, expect, it } from 'vitest'
import type { Json, MergePolicy } from '../../runtime/contract'
import { FakeKv } from '../fake-kv'
import { leadOf, outcomeOf, unseenBy } from './outcome'

function conflictOf(merge: MergePolicy, ...values: Json[]) {
  const kv = new FakeKv()
  values.forEach((value, at) => kv.write(`node${at}`, 'key', value, { beside: true, at: at * 500, merge }))
  const inspection = kv.inspect('key')
  if (!inspection) throw new Error('nothing was written')
  return inspection
}

describe('why a key shows what it shows', () => {
  it.each<[MergePolicy, Json[], string]>([
    ['auto', ['a'], 'single'],
    ['union', ['a'], 'single'],
    ['auto', ['a', 'b'], 'latest'],
    [
      'auto',
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
      'same',
    ],
    ['auto', [{ a: 1 }, { b: 2 }], 'fields'],
    ['auto', [[1], [2], []], 'elements'],
    ['auto', [[1], { a: 1 }], 'latest'],
    ['latest', [[1], [2]], 'latest'],
    ['union', [1, 2], 'union'],
    ['max', [1, 2], 'max'],
  ])('%s of %j: %s', (merge, values, outcome) => {
    expect(outcomeOf(conflictOf(merge, ...values))).toBe(outcome)
  })

  it('names by how much the winner is later, or that only its name is', () => {
    expect(leadOf(conflictOf('auto', 'a', 'b'))).toEqual({ by: 'time', milliseconds: 500 })
    expect(leadOf(conflictOf('auto', 'a'))).toBeUndefined()
    const tie = conflictOf('auto', 'a', 'b')
    for (const version of tie.versions) version.writtenAt = '2026-01-01T00:00:00.000Z'
    expect(leadOf(tie)).toEqual({ by: 'name' })
  })

  it('names whose writes a writer had not seen', () => {
    const { versions, clock } = conflictOf('auto', 'a', 'b', 'c')
    expect(versions.map((version) => unseenBy(version, clock))).toEqual([
      ['node1', 'node0'],
      ['node2', 'node0'],
      ['node2', 'node1'],
    ])
  })
})
