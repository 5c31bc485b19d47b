import { beforeAll, describe, expect, it } from 'vitest'
import { LINKS_SETTLED_MAX, ROOT_ROUND_MS_MIN } from '../core/limits'
import type { Peer, Room } from './scale'
import { gathered, newcomer, partedMs, restOf, spreadOf, vanishedHalfMs, warmedUp } from './scale-measures'

/** The goals of DESIGN 6 and issue 4, at the size that they are stated for; `npm run bench -- scale` has the table. */
describe('a room of 500 nodes', { timeout: 120_000 }, () => {
  let room: Room
  let writers: Peer[]
  beforeAll(() => {
    room = gathered(500, { seed: 500 })
    writers = warmedUp(room, { keys: 3, writers: 3, rounds: 1 })
  }, 60_000)

  it('is in one piece, and nobody has more links than the limit', () => {
    expect(room.isConnected()).toBe(true)
    const links = room.peers.map((peer) => peer.neighbours(room.now))
    expect(Math.max(...links)).toBeLessThanOrEqual(LINKS_SETTLED_MAX)
    expect(Math.min(...links)).toBeGreaterThanOrEqual(4)
  })

  it('brings a write to everybody, hardly ever twice, over six links at the most', () => {
    const { copies, reached, hops } = spreadOf(room, writers, 6)
    expect(reached).toBe(1)
    expect(copies).toBeLessThanOrEqual(1.2)
    expect(hops.p99).toBeLessThanOrEqual(6)
  })

  it('is nearly silent when nothing happens: a Root a round, and pings', () => {
    const { bytesANodeAMinute, rootsANodeAMinute, othersANodeAMinute } = restOf(room, 20)
    expect(bytesANodeAMinute / 60).toBeLessThanOrEqual(200)
    expect(rootsANodeAMinute).toBeLessThanOrEqual(60_000 / ROOT_ROUND_MS_MIN)
    expect(othersANodeAMinute).toBe(0)
  })
})

describe('a room of 100 nodes', () => {
  it('is whole again soon after half of it has vanished, and after two halves were apart', () => {
    const room = gathered(100, { seed: 100 })
    expect(vanishedHalfMs(room)).toBeLessThan(40_000)
    expect(partedMs(room)).toBeLessThan(40_000)
    const links = room.up().map((peer) => peer.neighbours(room.now))
    expect(Math.max(...links)).toBeLessThanOrEqual(LINKS_SETTLED_MAX)
  })
})

describe('a newcomer', () => {
  it('has everything soon, for about its size, while writes go on and reach everybody', () => {
    const { seconds, bytesAKey, dataBytesAKey, writesMs } = newcomer(8, 2_000, 1)
    expect(seconds).toBeLessThan(5)
    expect(bytesAKey).toBeLessThan(1.5 * dataBytesAKey)
    expect(writesMs.p99).toBeLessThan(500)
  })
})
