import { describe, expect, it } from 'vitest'
import {
  LINKS_WANTED,
  LOST_AFTER_MS,
  MEMBERS_MAX,
  REDIAL_MS_MAX,
  REDIAL_MS_MIN,
  UNREACHABLE_DIALS_MIN,
} from '../limits'
import { Membership, redialDelayMs, stateWithoutLink } from './membership'
import { OVERLAY } from './overlay'

const nobody = () => false
const open = (size = OVERLAY) => {
  const membership = new Membership(size)
  membership.signaling(true, 0)
  return membership
}
const take = (membership: Membership, now: number, linked: readonly string[] = []) =>
  membership.takeDue('self', new Set(linked), () => 0.5, now)

describe('who can’t be reached', () => {
  const inVain = (membership: Membership, id: string, times: number) => {
    for (let time = 0; time < times; time++) membership.inVain(id)
  }

  it('was dialled in vain so often, not once less', () => {
    const membership = open()
    membership.listed(['a', 'b'], () => 0, 0)
    inVain(membership, 'a', UNREACHABLE_DIALS_MIN - 1)
    expect(membership.unreachable(nobody)).toBe(0)
    inVain(membership, 'a', 1)
    expect(membership.unreachable(nobody)).toBe(1)
    inVain(membership, 'b', UNREACHABLE_DIALS_MIN)
    expect(membership.unreachable(nobody)).toBe(2)
  })

  it('is in the room, by the list, and has no link with us', () => {
    const membership = open()
    membership.listed(['a', 'b', 'c'], () => 0, 0)
    for (const id of ['a', 'b', 'c', 'a stranger']) inVain(membership, id, UNREACHABLE_DIALS_MIN)
    expect(membership.unreachable((id) => id === 'c')).toBe(2)
    membership.listed(['a', 'c'], () => 0, 1)
    expect(membership.unreachable((id) => id === 'c')).toBe(1)
    membership.linked('a', 2)
    expect(membership.unreachable((id) => id === 'c')).toBe(0)
    membership.redialAt('a', 3) // that link ended
    expect(membership.unreachable((id) => id === 'c')).toBe(0)
  })
})

describe('redialling', () => {
  it.each([
    [0, 0, REDIAL_MS_MIN / 2],
    [0, 1, REDIAL_MS_MIN],
    [1, 1, REDIAL_MS_MIN * 2],
    [3, 0.5, REDIAL_MS_MIN * 6],
    [30, 1, REDIAL_MS_MAX],
    [1_000, 0, REDIAL_MS_MAX / 2],
  ])('attempt %d with %d at random waits %d ms', (attempts, random, delayMs) => {
    expect(redialDelayMs(attempts, random)).toBe(delayMs)
  })

  it('is due once, until the dial ended', () => {
    const membership = open()
    membership.listed(['a'], () => 10, 0)
    expect(take(membership, 9)).toEqual({ due: [], next: 10 })
    expect(take(membership, 10)).toEqual({ due: ['a'], next: Number.POSITIVE_INFINITY })
    expect(take(membership, 10).due).toEqual([])
    membership.failed('a', 1, 10)
    expect(take(membership, 10)).toEqual({ due: [], next: 10 + REDIAL_MS_MIN })
    expect(take(membership, 10 + REDIAL_MS_MIN).due).toEqual(['a'])
  })

  it('ends when they said goodbye, also while signaling still lists them', () => {
    const membership = open()
    membership.listed(['a'], () => 0, 0)
    membership.depart('a')
    membership.listed(['a'], () => 0, 1)
    membership.redialAt('a', 0)
    expect(take(membership, 2).due).toEqual([])
  })

  it('ends when signaling has not listed them for long', () => {
    const membership = open()
    membership.listed(['a', 'b'], () => 0, 0)
    membership.listed(['b'], () => 0, LOST_AFTER_MS)
    expect(take(membership, LOST_AFTER_MS).due).toEqual(['b', 'a'])
    membership.failed('a', 0, LOST_AFTER_MS)
    membership.listed(['b'], () => 0, LOST_AFTER_MS + 1)
    expect(take(membership, 2 * LOST_AFTER_MS).due).toEqual([])
  })

  it('does not end because signaling was down for long', () => {
    const membership = open()
    membership.listed(['a'], () => 0, 0)
    membership.signaling(false, 1)
    membership.signaling(true, 2 * LOST_AFTER_MS)
    membership.listed([], () => 0, 2 * LOST_AFTER_MS + 1)
    expect(take(membership, 2 * LOST_AFTER_MS + 1).due).toEqual(['a'])
  })

  it('begins at once with those who come nearby, however often they failed before, and with nobody else', () => {
    const membership = open()
    membership.listed(['a', 'c'], () => 0, 0)
    take(membership, 0)
    for (let failures = 0; failures < 9; failures++) membership.failed('a', 1, 0)
    membership.signaling(false, 0)
    membership.nearby(['a', 'b'], () => 5)
    expect(take(membership, 5).due).toEqual(['a', 'b'])
    membership.failed('a', 0, 5)
    membership.nearby(['b'], () => 5)
    expect(take(membership, 1e6).due).toEqual([])
  })

  it('remembers so many members and no more', () => {
    const ids = Array.from({ length: MEMBERS_MAX + 1 }, (_, at) => `m${at}`)
    const membership = open({ ...OVERLAY, fullMeshMembers: Number.POSITIVE_INFINITY })
    membership.listed(ids, () => 0, 0)
    expect(take(membership, 0).due).toEqual(ids.slice(0, MEMBERS_MAX))
  })
})

describe('in a large room', () => {
  const members = Array.from({ length: 30 }, (_, at) => `m${at}`)

  /** A membership that has dialled, and those whom it did. */
  function dialled() {
    const membership = open()
    membership.listed(members, () => 0, 0)
    const { due, next } = take(membership, 0)
    for (const id of due) {
      membership.linked(id, 0)
      membership.settled(id)
    }
    return { membership, due, next }
  }

  it('the neighbours on the ring are dialled, and chords, until there are links enough', () => {
    const { membership, due, next } = dialled()
    expect(new Set(due).size).toBe(LINKS_WANTED)
    expect(due).toEqual(expect.arrayContaining(membership.wanted('self', nobody).fixed.map(({ id }) => id)))
    expect(next).toBe(Number.POSITIVE_INFINITY)
    expect(take(membership, 1, due).due).toEqual([])
  })

  it('a chord that is lost is made up for by another, and so are those that can not be dialled', () => {
    const { membership, due } = dialled()
    const [lost = '', ...others] = due.slice(2)
    const linked = [...due.slice(0, 2), ...others]
    membership.redialAt(lost, 100)
    const { due: next } = take(membership, 1, linked)
    expect(next).toHaveLength(1)
    expect(next).not.toContain(lost)
    membership.failed(next[0] ?? '', 0, 1)
    expect(take(membership, 1, linked).due).toHaveLength(1)
    expect(take(membership, 1, linked).due).toEqual([])
  })

  it('a neighbour on the ring that is lost is redialled, and the next one dialled meanwhile', () => {
    const { membership, due } = dialled()
    const [first = '', ...others] = due
    membership.redialAt(first, 100)
    const { due: next } = take(membership, 1, [...others, 'guest'])
    expect(next).toHaveLength(1) // although there are links enough
    membership.linked(next[0] ?? '', 2)
    membership.settled(next[0] ?? '')
    expect(take(membership, 100, [...others, ...next]).due).toEqual([first])
  })

  it('who has links enough is left alone: for long as a chord, for less as a neighbour on the ring', () => {
    const membership = open()
    membership.listed(members, () => 0, 0)
    const { due } = take(membership, 0)
    for (const id of due) membership.surplus(id, 5_000, 60_000)
    const again = take(membership, 1).due
    expect(again).toHaveLength(LINKS_WANTED)
    expect(again.filter((id) => due.includes(id))).toEqual([])
    for (const id of again) membership.surplus(id, 100_000, 100_000)
    expect(take(membership, 5_000).due.slice(0, 2)).toEqual(due.slice(0, 2))
  })

  it('those who are away are dialled when there is nobody else', () => {
    const membership = open({ ...OVERLAY, fullMeshMembers: 2 })
    membership.listed(['a', 'b', 'c'], () => 0, 0)
    for (const id of take(membership, 0).due) membership.failed(id, 1, 0)
    expect(take(membership, 1)).toEqual({ due: [], next: REDIAL_MS_MIN })
    expect(take(membership, REDIAL_MS_MIN).due).toHaveLength(3)
  })
})

describe('nodes without a link', () => {
  it('are away, then lost, then not listed', () => {
    const membership = open()
    const node = membership.node('n', 'm', 0)
    expect(stateWithoutLink(node, LOST_AFTER_MS)).toBe('away')
    expect(stateWithoutLink(node, LOST_AFTER_MS + 1)).toBe('lost')
    membership.pruneNodes(2 * LOST_AFTER_MS)
    expect([...membership.nodeById.keys()]).toEqual(['n'])
    membership.pruneNodes(2 * LOST_AFTER_MS + 1)
    expect([...membership.nodeById.keys()]).toEqual([])
  })

  it('are lost at once when they left, and only away when they went offline', () => {
    const membership = open()
    const node = membership.node('n', 'm', 0)
    node.farewell = 'left'
    expect(stateWithoutLink(node, 0)).toBe('lost')
    node.farewell = 'offline'
    expect(stateWithoutLink(node, 0)).toBe('away')
  })
})
