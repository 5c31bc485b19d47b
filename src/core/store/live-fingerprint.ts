/**
 * The fingerprint of the live set: a function of the versions alone. Kept incrementally while little changes between
 * two questions; after much, as when a disk is loaded or a newcomer is filled, it is left and made anew when it is
 * asked for, so that nobody waits for hashes that nobody asked for. A change never costs more than three.
 */
import { type Hash128, hashText, SetFingerprint } from '../causality/hash'
import type { Key } from './value'
import { type Version, versionText } from './version'

const CHANGES_MIN = 256

export class LiveFingerprint {
  /** Undefined: to be made anew. */
  private fingerprint: SetFingerprint | undefined
  private changesUnasked = 0

  constructor(private readonly live: ReadonlyMap<Key, readonly Version[]>) {}

  add(key: Key, version: Version): void {
    if (this.isKept()) this.fingerprint?.add(versionText(key, version))
  }

  remove(key: Key, version: Version): void {
    if (this.isKept()) this.fingerprint?.remove(versionText(key, version))
  }

  hash(): Hash128 {
    this.changesUnasked = 0
    this.fingerprint ??= this.anew()
    return hashText(this.fingerprint.value().join())
  }

  private isKept(): boolean {
    if (this.fingerprint === undefined) return false
    this.changesUnasked += 1
    if (this.changesUnasked > CHANGES_MIN && this.changesUnasked > this.live.size / 2) {
      this.fingerprint = undefined
    }
    return this.fingerprint !== undefined
  }

  private anew(): SetFingerprint {
    const fingerprint = new SetFingerprint()
    for (const [key, versions] of this.live) {
      for (const version of versions) fingerprint.add(versionText(key, version))
    }
    return fingerprint
  }
}
