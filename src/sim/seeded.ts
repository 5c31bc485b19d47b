import { hashText } from '../core/causality/hash'

/**
 * Randomness of a simulation: the same seed, the same run (sfc32, Chris Doty-Humphrey's, public domain). Whatever draws
 * on its own has a stream of its own, so that a fault left out changes as little of the rest as can be.
 */
export class Seeded {
  private a: number
  private b: number
  private c: number
  private counter = 1

  constructor(seed: number, stream = '') {
    this.a = seed | 0
    this.b = (seed / 2 ** 32) | 0
    this.c = stream === '' ? 0x9e3779b9 : hashText(stream)[0] | 0
    for (let round = 0; round < 12; round++) this.fraction()
  }

  /** 0 ≤ x < 1. */
  fraction(): number {
    const sum = (this.a + this.b + this.counter) | 0
    this.counter = (this.counter + 1) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0
    return (sum >>> 0) / 2 ** 32
  }

  /** An integer, both ends included. */
  integer(from: number, to: number): number {
    return from + Math.floor(this.fraction() * (to - from + 1))
  }

  between(from: number, to: number): number {
    return from + this.fraction() * (to - from)
  }

  chance(probability: number): boolean {
    return this.fraction() < probability
  }

  /** One of them; they are not empty. */
  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.fraction() * items.length)] as T
  }
}
