/** What a write costs where very many have written before, against where a few have (DESIGN 6). */
import type { Actor } from '../core/causality/dot'
import { EMPTY_VECTOR } from '../core/causality/version-vector'
import { Replica } from '../core/store/replica'
import type { Key } from '../core/store/value'
import type { Version } from '../core/store/version'

/** Before they are measured, both ways are run so often. */
const WARM_UP_ROUNDS = 50
const ROUNDS = 25
const WRITES_A_ROUND = 400
const KEYS = 5_000

export interface WriteCost {
  /** Microseconds of a write by itself and of applying it elsewhere, digest and effects included; medians. */
  readonly writeUs: number
  readonly applyUs: number
}

/** The same writes among each of these numbers of actors, in turns, so that what else the machine does meets all. */
export function writeCosts(actorCounts: readonly number[]): WriteCost[] {
  const pairs = actorCounts.map((actors) => new Pair(actors))
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
    for (const pair of pairs) pair.run(round >= 0)
  }
  return pairs.map((pair) => pair.result())
}

/** One who writes and one who applies. All keys are there, each by one of the actors in turn. */
class Pair {
  private readonly writer: Replica
  private readonly reader: Replica
  private readonly writeUs: number[] = []
  private readonly applyUs: number[] = []
  private counter = 0

  constructor(actors: number) {
    this.writer = replicaOf(actors)
    this.reader = replicaOf(actors)
  }

  run(isMeasured: boolean): void {
    const { writer, reader } = this
    const written: Version[] = []
    const keyOf = (at: number) => `key ${(at * 97) % KEYS}` as Key
    const start = performance.now()
    for (let at = 0; at < WRITES_A_ROUND; at++) {
      const dot = { actor: 'us.1' as Actor, counter: ++this.counter }
      written.push(writer.put(keyOf(at), this.counter, 'auto', dot, this.counter))
      settle(writer)
    }
    const between = performance.now()
    written.forEach((version, at) => {
      reader.apply(keyOf(at), version)
      settle(reader)
    })
    const end = performance.now()
    if (reader.digest() !== writer.digest()) throw new Error('what was applied is not what was written')
    if (!isMeasured) return
    this.writeUs.push(((between - start) * 1_000) / WRITES_A_ROUND)
    this.applyUs.push(((end - between) * 1_000) / WRITES_A_ROUND)
  }

  result(): WriteCost {
    return { writeUs: median(this.writeUs), applyUs: median(this.applyUs) }
  }
}

function replicaOf(actors: number): Replica {
  const replica = new Replica(0)
  for (let at = 0; at < KEYS; at++) {
    const actor = `${(1e9 + (at % actors) * 7_919).toString(36)}.1` as Actor
    const counter = Math.floor(at / actors) + 1
    const version = { actor, counter, context: EMPTY_VECTOR, time: 1, merge: 'auto', value: at } as const
    replica.apply(`key ${at}` as Key, version)
  }
  settle(replica)
  return replica
}

/** As after each input of a node. */
function settle(replica: Replica): void {
  replica.context.hash()
  replica.liveHash()
  replica.takeEffects()
  replica.takeChangedKeys()
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
