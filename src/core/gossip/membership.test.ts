import { describe, expect, it } from 'vitest'
import { LOST_AFTER_MS, MEMBERS_MAX, REDIAL_MS_MAX, REDIAL_MS_MIN } from '../limits'
import { Membership, redialDelayMs, stateWithoutLink } from './membership'

const anybody = () => true

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
    const membership = new Membership()
    membership.listed(['a'], () => 10, 0)
    expect(membership.nextDialAt(anybody)).toBe(10)
    expect(membership.takeDue(anybody, 9)).toEqual([])
    expect(membership.takeDue(anybody, 10)).toEqual(['a'])
    expect(membership.takeDue(anybody, 10)).toEqual([])
    membership.failed('a', 1, 10)
    expect(membership.takeDue(anybody, 10 + REDIAL_MS_MIN)).toEqual(['a'])
  })

  it('ends when they said goodbye, also while signaling still lists them', () => {
    const membership = new Membership()
    membership.listed(['a'], () => 0, 0)
    membership.depart('a')
    membership.listed(['a'], () => 0, 1)
    membership.redialAt('a', 0, 1)
    expect(membership.takeDue(anybody, 2)).toEqual([])
  })

  it('ends when signaling has not listed them for long', () => {
    const membership = new Membership()
    membership.listed(['a', 'b'], () => 0, 0)
    membership.listed(['b'], () => 0, LOST_AFTER_MS + 1)
    expect(membership.takeDue(anybody, LOST_AFTER_MS + 1)).toEqual(['b'])
  })

  it('begins at once with those who come nearby, however often they failed before', () => {
    const membership = new Membership()
    membership.listed(['a'], () => 0, 0)
    membership.takeDue(anybody, 0)
    for (let failures = 0; failures < 9; failures++) membership.failed('a', 1, 0)
    membership.nearby(['a', 'b'], () => 5, 0)
    expect(membership.takeDue((id) => membership.isNearby(id), 5)).toEqual(['a', 'b'])
    membership.nearby(['b'], () => 5, 5)
    expect(membership.isNearby('a')).toBe(false)
  })

  it('remembers so many members and no more', () => {
    const ids = Array.from({ length: MEMBERS_MAX + 1 }, (_, at) => `m${at}`)
    const membership = new Membership()
    membership.listed(ids, () => 0, 0)
    expect(membership.takeDue(anybody, 0)).toEqual(ids.slice(0, MEMBERS_MAX))
  })
})

describe('nodes without a link', () => {
  it('are away, then lost, then not listed', () => {
    const membership = new Membership()
    const node = membership.node('n', 0)
    expect(stateWithoutLink(node, LOST_AFTER_MS)).toBe('away')
    expect(stateWithoutLink(node, LOST_AFTER_MS + 1)).toBe('lost')
    membership.pruneNodes(2 * LOST_AFTER_MS)
    expect([...membership.nodeById.keys()]).toEqual(['n'])
    membership.pruneNodes(2 * LOST_AFTER_MS + 1)
    expect([...membership.nodeById.keys()]).toEqual([])
  })

  it('are lost at once when they left, and only away when they went offline', () => {
    const membership = new Membership()
    const node = membership.node('n', 0)
    node.farewell = 'left'
    expect(stateWithoutLink(node, 0)).toBe('lost')
    node.farewell = 'offline'
    expect(stateWithoutLink(node, 0)).toBe('away')
  })
})
