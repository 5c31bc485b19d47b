import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Actor } from '../causality/dot'
import { EMPTY_VECTOR } from '../causality/version-vector'
import { compareValues, compareVersions, mergedValue, sortLatestFirst, winnerOf } from './merge'
import { canonicalText, type Json, MERGE_POLICIES, type MergePolicy, parseValue } from './value'
import type { Version } from './version'

interface Sibling {
  readonly actor?: string
  readonly counter?: number
  readonly time?: number
  readonly merge?: MergePolicy
  readonly value: unknown
}

function version({ actor = 'a.1', counter = 1, time = 0, merge = 'auto', value }: Sibling): Version {
  return { actor: actor as Actor, counter, context: EMPTY_VECTOR, time, merge, value: parseValue(value) }
}

/** Siblings with these values, in this order of time, the last of which has the policy. */
function siblings(merge: MergePolicy, ...values: readonly unknown[]): Version[] {
  return values.map((value, at) =>
    version({ actor: `a.${at}`, time: at, value, merge: at === values.length - 1 ? merge : 'latest' }),
  )
}

const anyVersion = fc
  .record({
    time: fc.nat(3),
    merge: fc.constantFrom(...MERGE_POLICIES),
    value: fc.jsonValue({ maxDepth: 3 }),
    actor: fc.constantFrom('a.1', 'b.1', 'b.10', 'b.2'),
    counter: fc.nat(3).map((nat) => nat + 1),
  })
  .map(version)
const dotOf = ({ actor, counter }: Version): string => `${actor}:${counter}`
const anySiblings = fc.uniqueArray(anyVersion, { minLength: 1, maxLength: 6, selector: dotOf })

describe('the winner', () => {
  it('is the latest: by time, then actor by code unit, then counter', () => {
    const inOrder = [
      version({ time: 1, actor: 'z.1', value: 1 }),
      version({ time: 2, actor: 'b.10', counter: 9, value: 2 }),
      version({ time: 2, actor: 'b.2', counter: 1, value: 3 }),
      version({ time: 2, actor: 'b.2', counter: 10, value: 4 }),
    ]
    expect(sortLatestFirst(inOrder)).toEqual(inOrder.toReversed())
    expect(winnerOf(inOrder.toReversed())).toBe(inOrder[3])
  })

  it('is the first of the sorted, one and the same in every order of the siblings', () => {
    fc.assert(
      fc.property(anySiblings, (versions) => {
        expect(winnerOf(versions)).toBe(sortLatestFirst(versions)[0])
        expect(winnerOf(versions.toReversed())).toBe(winnerOf(versions))
        expect(
          versions.every(
            (other) => other === winnerOf(versions) || compareVersions(other, winnerOf(versions)) < 0,
          ),
        ).toBe(true)
      }),
    )
  })
})

describe('the merged value', () => {
  it.each<[MergePolicy, readonly unknown[], Json]>([
    ['auto', ['x', 'x'], 'x'],
    ['auto', ['verde', 'azul'], 'azul'],
    ['auto', [[1], { a: 1 }], { a: 1 }],
    [
      'auto',
      [
        { a: 1, b: 2 },
        { b: 3, c: 4 },
      ],
      { a: 1, b: 3, c: 4 },
    ],
    ['auto', [{ a: { x: 1, l: [1] } }, { a: { y: 2, l: [2, 1] } }], { a: { x: 1, y: 2, l: [1, 2] } }],
    ['auto', [{ a: { x: 1 } }, { a: 7 }, { b: 1 }], { a: 7, b: 1 }],
    ['auto', [[1, 2, 2], [3, 1], [{ a: 1, b: 1 }]], [1, 2, 3, { a: 1, b: 1 }]],
    ['auto', [[{ a: 1, b: 1 }], [{ b: 1, a: 1 }, 4]], [{ a: 1, b: 1 }, 4]],
    [
      'auto',
      [
        [2, 2],
        [2, 2],
      ],
      [2, 2],
    ],
    ['auto', [{}, []], []],
    ['latest', [{ a: 1 }, { b: 1 }], { b: 1 }],
    ['union', ['x', 'y', 'x'], ['x', 'y']],
    ['union', ['x', 'x'], ['x']],
    ['union', [[1], 1, [1, 2]], [[1], 1, [1, 2]]],
    ['max', [9, 10, true], 10],
    ['max', ['é', 'z'], 'é'],
    ['max', ['10', 9], '10'],
    ['max', [[2], [10]], [2]],
    ['max', [[], {}], {}],
    ['max', [null, false], false],
    ['min', [3, -1, 2], -1],
    ['min', [null, false], null],
    ['min', [true, false, 0], false],
  ])('%s of %j', (policy, values, merged) => {
    expect(mergedValue(siblings(policy, ...values))).toEqual(merged)
  })

  it('takes the elements in the order of the versions', () => {
    const early = version({ time: 1, actor: 'b.1', value: ['early'] })
    const late = version({ time: 2, actor: 'a.1', value: ['late'] })
    expect(mergedValue([late, early])).toEqual(['early', 'late'])
  })

  it('has fields of every name', () => {
    const [a, b] = [JSON.parse('{"__proto__":{"a":1}}') as Json, JSON.parse('{"__proto__":{"b":1}}') as Json]
    expect(canonicalText(mergedValue(siblings('auto', a, b)))).toBe('{"__proto__":{"a":1,"b":1}}')
  })

  it('of a single version is its value, under every policy', () => {
    fc.assert(fc.property(anyVersion, (only) => mergedValue([only]) === only.value))
  })

  it('does not depend on the order of the siblings, and is frozen', () => {
    const shuffled = anySiblings.chain((versions) =>
      fc.tuple(fc.constant(versions), fc.shuffledSubarray(versions, { minLength: versions.length })),
    )
    fc.assert(
      fc.property(shuffled, ([versions, others]) => {
        const merged = mergedValue(versions)
        expect(canonicalText(mergedValue(others))).toBe(canonicalText(merged))
        if (typeof merged === 'object') expect(Object.isFrozen(merged)).toBe(true)
      }),
    )
  })

  it('may be deeper and larger than a value that is set', () => {
    const deep = (leaf: unknown): unknown => Array.from({ length: 64 }).reduce((inside) => [inside], leaf)
    expect(canonicalText(mergedValue(siblings('union', deep(1), deep(2))))).toHaveLength(2 * 129 + 3)
    const large = (letter: string): string[] => [letter.repeat(1_000_000)]
    expect(mergedValue(siblings('auto', large('a'), large('b'), large('c')))).toHaveLength(3)
    const wide = (from: number): number[] => Array.from({ length: 100_000 }, (_, at) => from + at)
    expect(mergedValue(siblings('auto', wide(0), wide(50_000), wide(100_000)))).toHaveLength(200_000)
  })
})

describe('the order of values', () => {
  it('is null, booleans, numbers, strings by code unit, all else by canonical text', () => {
    const inOrder: Json[] = [
      null,
      false,
      true,
      -1e300,
      0,
      2,
      10,
      '',
      '10',
      '2',
      '[',
      'z',
      'é',
      [10],
      [1],
      { a: 1 },
      {},
    ]
    expect(inOrder.toReversed().toSorted(compareValues)).toEqual(inOrder)
  })

  it('is total, and equal only where the values are', () => {
    const any = fc.jsonValue({ maxDepth: 1 }) as fc.Arbitrary<Json>
    fc.assert(
      fc.property(any, any, any, (a, b, c) => {
        expect(Math.sign(compareValues(a, b))).toBe(0 - Math.sign(compareValues(b, a)))
        expect(compareValues(a, b) === 0).toBe(canonicalText(a) === canonicalText(b))
        if (compareValues(a, b) <= 0 && compareValues(b, c) <= 0)
          expect(compareValues(a, c)).toBeLessThanOrEqual(0)
      }),
    )
  })
})
