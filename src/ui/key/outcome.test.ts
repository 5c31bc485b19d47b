import { describe, expect, it } from 'vitest'
import type { Inspection, Json, MergePolicy } from '../../runtime/contract'
import { FakeKv } from '../fake-kv'
import { decides, outcomeOf, unseenBy, winOf } from './outcome'

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

  const winsOf = (inspection: Inspection) => inspection.versions.map((version) => winOf(inspection, version))

  it('names by how much the winner is later, or that only its name is', () => {
    expect(winsOf(conflictOf('auto', 'a', 'b'))).toEqual([{ by: 'time', milliseconds: 500 }, undefined])
    const tie = conflictOf('auto', 'a', 'b')
    for (const version of tie.versions) version.writtenAt = '2026-01-01T00:00:00.000Z'
    expect(winsOf(tie)).toEqual([{ by: 'name' }, undefined])
  })

  it('the greatest or the least wins, wherever it stands, by the rule of the latest', () => {
    const greatest = { ...conflictOf('max', 50, 9), value: 50 }
    expect(winsOf(greatest)).toEqual([undefined, { by: 'greatest' }])
    expect(greatest.versions.map((version) => decides(greatest, version))).toEqual([true, false])
    expect(
      winsOf({ ...conflictOf('min', { a: 1, b: 2 }, 9, { b: 2, a: 1 }), value: { a: 1, b: 2 } }),
    ).toEqual([{ by: 'least' }, undefined, { by: 'least' }])
  })

  it('nobody wins alone, over the same, or where all is joined', () => {
    const joined = [
      conflictOf('auto', 'a'),
      conflictOf('auto', 'a', 'a'),
      conflictOf('auto', { a: 1 }, { b: 2 }),
      conflictOf('auto', [1], [2]),
      conflictOf('union', 1, 2),
    ]
    for (const inspection of joined) expect(winsOf(inspection).some(Boolean)).toBe(false)
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
