/**
 * A bounded memory of what deleted keys had seen, so that a key made again dominates its own past.
 * Losing it never costs convergence: the old value may show beside the new one until the delete's dot arrives.
 */
import { EMPTY_VECTOR, type VersionVector } from '../causality/version-vector'
import type { Key } from './value'

export class DeleteMemo {
  private readonly pastByKey = new Map<Key, VersionVector>()

  constructor(private readonly keysMax: number) {}

  get size(): number {
    return this.pastByKey.size
  }

  of(key: Key): VersionVector {
    return this.pastByKey.get(key) ?? EMPTY_VECTOR
  }

  remember(key: Key, past: VersionVector): void {
    this.pastByKey.delete(key)
    if (this.keysMax === 0) return
    this.pastByKey.set(key, past)
    if (this.pastByKey.size > this.keysMax) {
      const [oldest] = this.pastByKey.keys()
      this.pastByKey.delete(oldest as Key)
    }
  }

  forget(key: Key): void {
    this.pastByKey.delete(key)
  }
}
