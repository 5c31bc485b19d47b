/** What each address, or each room, has used of its share lately. Bounded: what is idle is forgotten. */
import { Bucket } from './bucket'
import type { ShareLimits } from './limits'

export type Rated = 'joins' | 'frames' | 'bytes' | 'requests'

export class Account {
  sockets = 0
  connections = 0
  readonly #limits: ShareLimits
  readonly #buckets: Readonly<Record<Rated, Bucket>>

  constructor(limits: ShareLimits, nowMs: number) {
    this.#limits = limits
    this.#buckets = {
      joins: new Bucket(limits.joins, nowMs),
      frames: new Bucket(limits.frames, nowMs),
      bytes: new Bucket(limits.bytes, nowMs),
      requests: new Bucket(limits.requests, nowMs),
    }
  }

  get hasRoomForSocket(): boolean {
    return this.sockets < this.#limits.socketsMax
  }

  get isHeld(): boolean {
    return this.sockets > 0 || this.connections > 0
  }

  take(what: Rated, amount: number, nowMs: number): boolean {
    return this.#buckets[what].take(amount, nowMs)
  }

  /** A new account would be the same. */
  isIdle(nowMs: number): boolean {
    return !this.isHeld && Object.values(this.#buckets).every((bucket) => bucket.isFull(nowMs))
  }
}

export class Accounts {
  readonly #limits: ShareLimits
  readonly #max: number
  readonly #accountByName = new Map<string, Account>()

  constructor(limits: ShareLimits, max: number) {
    this.#limits = limits
    this.#max = max
  }

  get size(): number {
    return this.#accountByName.size
  }

  of(name: string, nowMs: number): Account {
    const known = this.#accountByName.get(name)
    if (known) return known
    if (this.#accountByName.size >= this.#max) this.#forgetOne()
    const account = new Account(this.#limits, nowMs)
    this.#accountByName.set(name, account)
    return account
  }

  sweep(nowMs: number): void {
    for (const [name, account] of this.#accountByName) {
      if (account.isIdle(nowMs)) this.#accountByName.delete(name)
    }
  }

  /** Who holds sockets or connections is never forgotten: there are fewer of them than accounts. */
  #forgetOne(): void {
    for (const [name, account] of this.#accountByName) {
      if (account.isHeld) continue
      this.#accountByName.delete(name)
      return
    }
  }
}
