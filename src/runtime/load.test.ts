import { expect, it } from 'vitest'
import type { Actor } from '../core/causality/dot'
import { encodeEffects } from '../core/codec/record'
import { Replica } from '../core/store/replica'
import { parseKey } from '../core/store/value'
import { Loaded } from './load'
import { TUNING } from './tuning'

const ACTOR = 'a.1' as Actor

/** A log of 200 writes, and as many deletes of them in a second commit. */
function logOf(deletes: number): Uint8Array[] {
  const replica = new Replica(0)
  let counter = 0
  const records: Uint8Array[] = []
  const commit = () =>
    records.push(...encodeEffects(replica.takeEffects() ?? expect.fail('nothing happened')))
  for (let at = 0; at < 200; at++)
    replica.put(parseKey(`k${at}`), at, 'auto', { actor: ACTOR, counter: ++counter }, 0)
  commit()
  for (let at = 0; at < deletes; at++)
    replica.delete(parseKey(`k${at}`), { actor: ACTOR, counter: ++counter })
  commit()
  return records
}

it.each([
  { deletes: 99, isWorth: false },
  { deletes: 101, isWorth: true },
])('a log that is loaded counts what it drops: $deletes of 200', ({ deletes, isWorth }) => {
  const loaded = new Loaded({ ...TUNING, compactFromBytes: 1 })
  const log = logOf(deletes).map((record, at) => ({ number: at + 1, record }))
  loaded.take({ checkpoint: [], log })
  expect(loaded.replica.entries().size).toBe(200 - deletes)
  expect(loaded.logContents.isWorthCompacting(loaded.checkpointContents)).toBe(isWorth)
})
