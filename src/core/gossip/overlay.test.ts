import { describe, expect, it } from 'vitest'
import { FULL_MESH_MEMBERS_MAX, LINKS_SETTLED_MAX, RING_REDIALS_MAX } from '../limits'
import { OVERLAY, ringPlace, type Spot, wantedOf } from './overlay'
import { connect, type End, settle, TestNode } from './pair.fixtures'

const nobody = () => false

/** A ring of 100 places; by default all are listed and well. */
function spots(places: readonly number[], flags: Partial<Spot> = {}): Spot[] {
  return places.map((at) => ({
    id: `at ${at}`,
    place: (at / 100) * 2 ** 53,
    listed: true,
    suspect: false,
    ...flags,
  }))
}
const idsOf = (wanted: readonly Spot[]) => wanted.map(({ id }) => Number(id.slice(3)))
const at = (place: number) => (place / 100) * 2 ** 53
const size = { ...OVERLAY, fullMeshMembers: 3 }

describe('whom to be linked with', () => {
  it.each([
    [FULL_MESH_MEMBERS_MAX, FULL_MESH_MEMBERS_MAX - 1],
    [FULL_MESH_MEMBERS_MAX + 1, 2],
  ])('is, of %d members, %d whatever else', (members, fixed) => {
    const others = spots(Array.from({ length: members - 1 }, (_, place) => 10 * place))
    expect(wantedOf(at(95), others, nobody, OVERLAY).fixed).toHaveLength(fixed)
  })

  it.each<[string, Spot[], number[], number[]]>([
    ['the nearest on both sides', spots([10, 30, 60, 80]), [60, 30], []],
    ['over the end of the ring', spots([1, 10, 20, 30]), [1, 30], []],
    [
      'the one on both sides',
      [...spots([10]), ...spots([20, 30, 40], { suspect: true })],
      [10],
      [20, 30, 40],
    ],
    [
      'not one who is suspect, but it is redialled',
      [...spots([10, 30, 80]), ...spots([55, 85], { suspect: true })],
      [80, 30],
      [55],
    ],
    [
      'not one whom signaling does not list, but it is redialled',
      [...spots([10, 20, 30, 80]), ...spots([45], { listed: false })],
      [80, 30],
      [45],
    ],
    ['nobody when all are suspect', spots([10, 20, 30, 40], { suspect: true }), [], [10, 20, 30, 40]],
  ])('is %s', (_, members, fixed, redials) => {
    const wanted = wantedOf(at(50), members, nobody, size)
    expect(idsOf(wanted.fixed)).toEqual(fixed)
    expect(idsOf(wanted.redials).sort((a, b) => a - b)).toEqual(redials)
  })

  it('is who is linked, whatever signaling says', () => {
    const members = [...spots([10, 20, 30, 80]), ...spots([45], { listed: false, suspect: true })]
    const wanted = wantedOf(at(50), members, (id) => id === 'at 45', size)
    expect([idsOf(wanted.fixed), wanted.redials]).toEqual([[80, 45], []])
  })

  it('redials no more than so many on either side', () => {
    const away = Array.from({ length: 40 }, (_, place) => place + 1)
    const wanted = wantedOf(at(0), [...spots(away, { suspect: true }), ...spots([90])], nobody, size)
    expect(idsOf(wanted.redials)).toEqual(away.slice(0, RING_REDIALS_MAX))
  })

  it('makes one ring when all know the same', () => {
    const members = Array.from({ length: 200 }, (_, at) => `m${at}`)
    const all = members.map((id) => ({ id, place: ringPlace(id), listed: true, suspect: false }))
    const linked = (id: string) =>
      wantedOf(
        ringPlace(id),
        all.filter((other) => other.id !== id),
        nobody,
        OVERLAY,
      ).fixed.map(({ id }) => id)
    const [first = ''] = members
    let [previous, current] = [first, linked(first)[0] ?? '']
    let seen = 1
    for (; current !== first; seen++) {
      expect(linked(current)).toContain(previous)
      const next = linked(current).find((id) => id !== previous) ?? ''
      ;[previous, current] = [current, next]
    }
    expect(seen).toBe(200)
  })
})

describe('a node in a large room', () => {
  /** Linked with so many others, who were listed before. */
  function linked(count: number): { node: TestNode; others: TestNode[]; ends: End[] } {
    const node = new TestNode('self')
    const others = Array.from({ length: count }, (_, at) => new TestNode(`m${at}`))
    node.give({ type: 'members', members: others.map(({ member }) => member) })
    const ends = others.map((other) => connect(other, node))
    settle(...ends)
    return { node, others, ends }
  }
  const isLinked = (node: TestNode, other: TestNode) =>
    node.node.peers(node.now).some(({ nodeId, state }) => nodeId === other.node.nodeId && state === 'linked')

  it('keeps as many links as the limit allows', () => {
    const { node, ends } = linked(LINKS_SETTLED_MAX)
    expect(ends.filter(({ open }) => open)).toHaveLength(LINKS_SETTLED_MAX)
    expect(node.openLinks).toBe(LINKS_SETTLED_MAX)
  })

  it('ends one that is more, so that both know why, and neither dials again at once', () => {
    const { node, others } = linked(12)
    expect(node.openLinks).toBe(LINKS_SETTLED_MAX)
    const refused = others.filter((other) => !isLinked(node, other))
    expect(refused).toHaveLength(12 - LINKS_SETTLED_MAX)
    for (const other of refused) {
      other.give({ type: 'members', members: ['self'] })
      expect(other.wait(4_000).filter(({ type }) => type === 'dial')).toEqual([])
      expect(other.wait(7_000).filter(({ type }) => type === 'dial')).toHaveLength(1)
    }
    expect(node.wait(1_000).filter(({ type }) => type === 'dial')).toEqual([])
  })

  it('never gives up its neighbours on the ring for others', () => {
    const { node, others } = linked(30)
    const all = others.map(({ member }) => ({
      id: member,
      place: ringPlace(member),
      listed: true,
      suspect: false,
    }))
    const { fixed } = wantedOf(ringPlace('self'), all, nobody, OVERLAY)
    expect(fixed).toHaveLength(2)
    for (const { id } of fixed) expect(isLinked(node, others[Number(id.slice(1))] as TestNode)).toBe(true)
    expect(node.openLinks).toBe(LINKS_SETTLED_MAX)
  })

  it('does not miss those that others are linked with, and misses those that signaling does not list', () => {
    const { node, others } = linked(12)
    const stateOf = (other: TestNode) =>
      node.node.peers(node.now).find(({ nodeId }) => nodeId === other.node.nodeId)?.state
    const refused = others.find((other) => !isLinked(node, other)) as TestNode
    expect(stateOf(refused)).toBeUndefined()
    const listed = others.filter((other) => other !== refused).map(({ member }) => member)
    node.give({ type: 'members', members: listed })
    expect(stateOf(refused)).toBe('away')
  })
})
