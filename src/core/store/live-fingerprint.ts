/**
 * The fingerprint of the live set: a function of the versions alone. Kept incrementally while little changes between
 * two questions; after much, as when a disk is loaded or a newcomer is filled, it is left and made anew when it is
 * asked for, so that nobody waits for hashes that nobody asked for; bit by bit, where there is time for that. A
 * change never costs more than three.
 */
import { type Hash128, hashText, SetFingerprint } from '../causality/hash'
import type { Key } from './value'
import { type Version, versionText } from './version'

const CHANGES_MIN = 256

export class LiveFingerprint {
  /** Undefined: to be made anew. */
  private fingerprint: SetFingerprint | undefined
  /** What is being made anew, and the entries that are not in it yet. Any change makes it void. */
  private making: { fingerprint: SetFingerprint; rest: Iterator<[Key, readonly Version[]]> } | undefined
  private changesUnasked = 0

  constructor(private readonly live: ReadonlyMap<Key, readonly Version[]>) {}

  add(key: Key, version: Version): void {
    if (this.isKept()) this.fingerprint?.add(versionText(key, version))
  }

  remove(key: Key, version: Version): void {
    if (this.isKept()) this.fingerprint?.remove(versionText(key, version))
  }

  hash(): Hash128 {
    this.make(Number.POSITIVE_INFINITY)
    this.changesUnasked = 0
    return hashText((this.fingerprint as SetFingerprint).value().join())
  }

  /** Makes it from so many entries more; true when it is at hand. */
  make(entries: number): boolean {
    if (this.fingerprint !== undefined) return true
    this.making ??= { fingerprint: new SetFingerprint(), rest: this.live.entries() }
    const { fingerprint, rest } = this.making
    for (let left = entries; left > 0; left--) {
      const next = rest.next()
      if (next.done === true) {
        this.making = undefined
        this.fingerprint = fingerprint
        this.changesUnasked = 0
        return true
      }
      const [key, versions] = next.value
      for (const version of versions) fingerprint.add(versionText(key, version))
    }
    return false
  }

  private isKept(): boolean {
    this.making = undefined
    if (this.fingerprint === undefined) return false
    this.changesUnasked += 1
    if (this.changesUnasked > CHANGES_MIN && this.changesUnasked > this.live.size / 2) {
      this.fingerprint = undefined
    }
    return this.fingerprint !== undefined
  }
}
