import { describe, expect, it } from 'vitest'
import type { Actor } from '../causality/dot'
import { FINGERPRINT_ENTRIES } from '../limits'
import { Replica } from '../store/replica'
import { parseKey } from '../store/value'
import { Roots } from './roots'

function replicaWith(keys: number, value: string): Replica {
  const replica = new Replica(0)
  for (let at = 1; at <= keys; at++)
    replica.put(parseKey(`key ${at}`), value, 'auto', { actor: 'a.1' as Actor, counter: at }, 0)
  return replica
}

function rootsOf(replica: Replica): Roots {
  return new Roots(
    () => replica,
    () => undefined,
  )
}

describe('the roots of two states', () => {
  it.each([
    ['same', 'equal'],
    ['other', 'other live'],
  ])('with the %s values are compared without making a large fingerprint at once', (value, found) => {
    const theirs = replicaWith(2.5 * FINGERPRINT_ENTRIES, value)
    const said = { context: theirs.context.hash(), live: theirs.liveHash() }
    const ours = replicaWith(2.5 * FINGERPRINT_ENTRIES, 'same')
    const roots = rootsOf(ours)
    const made = [1, 2, 3].map(() => {
      expect(roots.compare(said)).toBe('unknown')
      return ours.prepareLiveHash(FINGERPRINT_ENTRIES)
    })
    expect(made).toEqual([false, false, true])
    expect(roots.compare(said)).toBe(found)
  })

  it('are told apart at once by what they know', () => {
    const theirs = replicaWith(2.5 * FINGERPRINT_ENTRIES + 1, 'same')
    const said = { context: theirs.context.hash(), live: theirs.liveHash() }
    expect(rootsOf(replicaWith(2.5 * FINGERPRINT_ENTRIES, 'same')).compare(said)).toBe('other context')
  })
})
