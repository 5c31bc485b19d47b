import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Actor } from '../causality/dot'
import { BROADCAST_TREES_MAX } from '../limits'
import { BroadcastTrees } from './broadcast-trees'

const actor = 'a.1' as Actor

type Came = readonly [what: 'fresh' | 'duplicate', link: number, hops?: number]

/** The links that were pruned. */
function after(...came: readonly Came[]): number[] {
  const trees = new BroadcastTrees()
  const pruned: number[] = []
  for (const [what, link, hops = 3] of came) {
    if (what === 'fresh') trees.fresh(actor, link, hops)
    else pruned.push(trees.duplicate(actor, link, hops) ?? 0)
  }
  return pruned.filter((link) => link !== 0)
}

describe('the tree of a writer', () => {
  it.each<[string, Came[], number[]]>([
    ['a link that brings duplicates', [['fresh', 1], ['duplicate', 2]], [2]], // prettier-ignore
    ['it once', [['fresh', 1], ['duplicate', 2], ['duplicate', 2]], [2]], // prettier-ignore
    ['not the link that brings the news', [['fresh', 1], ['duplicate', 1]], []], // prettier-ignore
    ['the slower of two', [['fresh', 1], ['fresh', 2], ['duplicate', 1]], [1]], // prettier-ignore
    ['not both of two that overtake each other', [['fresh', 1], ['duplicate', 2], ['fresh', 2], ['duplicate', 1]], [2]], // prettier-ignore
    ['not the only one known, whatever it brings', [['duplicate', 1], ['duplicate', 2]], [2]], // prettier-ignore
    ['the slower of two if it is longer by one', [['fresh', 1, 3], ['duplicate', 2, 2]], [2]], // prettier-ignore
    ['the faster of two if it is longer by two', [['fresh', 1, 3], ['duplicate', 2, 1]], [1]], // prettier-ignore
    ['then the one that is longer still', [['fresh', 1, 5], ['duplicate', 2, 3], ['duplicate', 3, 3]], [1, 3]], // prettier-ignore
    ['by what the latest news came over', [['fresh', 1, 5], ['fresh', 1, 3], ['duplicate', 2, 2]], [2]], // prettier-ignore
  ])('prunes %s', (_, came, pruned) => {
    expect(after(...came)).toEqual(pruned)
  })

  it('keeps a link that is not pruned, in whatever order things come', () => {
    const came = fc.tuple(
      fc.constantFrom('fresh' as const, 'duplicate' as const),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 6 }),
    )
    fc.assert(
      fc.property(fc.array(came, { minLength: 1, maxLength: 30 }), (all) => {
        const links = new Set(all.map(([, link]) => link))
        expect(new Set(after(...all)).size).toBeLessThan(links.size)
      }),
    )
  })

  it('begins anew on the pruned links when the one that brought the news ended', () => {
    const trees = new BroadcastTrees()
    const other = 'b.1' as Actor
    trees.fresh(actor, 1, 3)
    for (const link of [2, 3]) trees.duplicate(actor, link, 3)
    trees.fresh(other, 2, 3)
    expect(trees.ended(3)).toEqual(new Map())
    expect(trees.ended(1)).toEqual(new Map([[2, [actor]]]))
    expect(trees.duplicate(actor, 2, 3)).toBeUndefined() // the only one, for now
  })

  it('is lazy where the peer pruned it, until it is grafted or the link ends', () => {
    const trees = new BroadcastTrees()
    for (const link of [1, 2]) trees.onPrune(actor, link)
    expect([1, 2, 3].map((link) => trees.isLazy(actor, link))).toEqual([true, true, false])
    expect(trees.isLazy('b.1' as Actor, 1)).toBe(false)
    trees.onGraft(actor, 1)
    trees.ended(2)
    expect([1, 2].map((link) => trees.isLazy(actor, link))).toEqual([false, false])
  })

  it('is forgotten when there are too many, the least recently used first', () => {
    const trees = new BroadcastTrees()
    const names = Array.from({ length: BROADCAST_TREES_MAX + 1 }, (_, at) => `a${at}.1` as Actor)
    for (const name of names.slice(0, -1)) trees.onPrune(name, 1)
    expect(trees.size).toBe(BROADCAST_TREES_MAX)
    trees.fresh(names[0] as Actor, 2, 3)
    trees.onPrune(names.at(-1) as Actor, 1)
    expect(trees.size).toBe(BROADCAST_TREES_MAX)
    expect([names[0], names[1], names[2]].map((name) => trees.isLazy(name as Actor, 1))).toEqual([
      true,
      false,
      true,
    ])
  })
})
