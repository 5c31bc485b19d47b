/** What a node says of the values that others removed: which, and by whom; of its own deletes nothing. */
import { describe, expect, it } from 'vitest'
import type { RemovedValue } from '../store/removal'
import type { Key } from '../store/value'
import { connect, settle, TestNode } from './pair.fixtures'
import type { Output } from './step'

const removed = (outputs: readonly Output[]): RemovedValue[] =>
  outputs.flatMap((output) => (output.type === 'commit' ? output.removed : []))
const namesOf = (node: TestNode) =>
  removed(node.outputs).map(({ key, by }) => [key, by.how, 'node' in by ? by.node : undefined])

/** Three in a row, so that what the first deletes comes to the last by the one between. */
function row() {
  const nodes = ['a', 'b', 'c'].map((name) => new TestNode(name)) as [TestNode, TestNode, TestNode]
  const [a, b, c] = nodes
  const ends = [connect(a, b), connect(b, c)]
  a.set('k', 1)
  a.set('l', [2])
  settle(...ends)
  return { nodes, ends }
}

describe('removed', () => {
  it('is what another deletes, by whom it was deleted, whoever brought it', () => {
    const { nodes, ends } = row()
    const [a, b, c] = nodes
    a.set('k', undefined)
    settle(...ends)
    expect(removed(a.outputs)).toEqual([])
    expect(namesOf(b)).toEqual([['k', 'delete', 'a']])
    expect(namesOf(c)).toEqual([['k', 'delete', 'a']])
    expect(removed(c.outputs)[0]).toMatchObject({ value: 1, merge: 'auto' })
  })

  it('is not what another writes over, nor what comes to nobody who had it', () => {
    const { nodes, ends } = row()
    const [a, b] = nodes
    a.set('k', 2)
    const writes = [1, undefined].map((value) => ({ key: 'new' as Key, value }))
    a.give({ type: 'write', writes, merge: 'auto', wallMs: 0, origin: 'local' })
    settle(...ends)
    expect(removed(b.outputs)).toEqual([])
  })

  it('is what a claim ends, by the peer that told it', () => {
    const { nodes, ends } = row()
    const [a, b, c] = nodes
    const [, between] = ends
    between!.open = between!.other.open = false
    b.give({ type: 'closed', link: between!.link })
    c.give({ type: 'closed', link: between!.other.link })
    a.set('k', undefined)
    a.set('l', undefined)
    settle(ends[0]!)
    settle(connect(c, b))
    expect(c.node.replica.entries().size).toBe(0)
    const names = namesOf(c).map((name) => name.join())
    expect(names.toSorted()).toEqual(['k,claim,b', 'l,claim,b'])
  })

  it.each([
    { origin: 'peer', by: { how: 'tab' } },
    { origin: 'import', by: { how: 'import' } },
    { origin: 'local', by: undefined },
  ] as const)('joining a state as $origin, is what it ends: $by', ({ origin, by }) => {
    const { nodes } = row()
    const [a, b] = nodes
    b.set('l', undefined)
    const fragment = b.node.exportState()
    const removedBy = removed(a.give({ type: 'join', fragment, origin })).map((value) => value.by)
    expect(a.node.replica.entries().size).toBe(1)
    expect(removedBy).toEqual(by === undefined ? [] : [by])
  })
})
