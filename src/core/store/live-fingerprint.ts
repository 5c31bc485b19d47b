/**
 * The fingerprint of the live set: a function of the versions alone. Kept incrementally while little changes between
 * two questions; after much, as when a disk is loaded or a newcomer is filled, it is left and made anew, so that nobody
 * waits for hashes that nobody asked for; bit by bit, where there is time for that. A change never costs more than three.
 */
import { type Hash128, hashText, SetFingerprint } from '../causality/hash'
import type { Key } from './value'
import { type Version, versionText } from './version'

const CHANGES_MIN = 256

export class LiveFingerprint {
  /** Undefined: to be made anew. */
  private fingerprint: SetFingerprint | undefined
  private making: Making | undefined
  private changesUnasked = 0

  constructor(private readonly live: ReadonlyMap<Key, readonly Version[]>) {}

  add(key: Key, version: Version): void {
    this.kept()?.add(versionText(key, version))
  }

  remove(key: Key, version: Version): void {
    this.kept()?.remove(versionText(key, version))
  }

  hash(): Hash128 {
    this.make(Number.POSITIVE_INFINITY)
    this.changesUnasked = 0
    return hashText((this.fingerprint as SetFingerprint).value().join())
  }

  /** Undefined if it would have to be made of more than so many entries first. */
  known(entriesMax: number): Hash128 | undefined {
    return this.fingerprint === undefined && this.live.size > entriesMax ? undefined : this.hash()
  }

  /** Makes it from so many entries more; true when it is at hand. */
  make(entries: number): boolean {
    if (this.fingerprint !== undefined) return true
    if (this.making === undefined) {
      const { live } = this
      this.making = {
        fingerprint: new SetFingerprint(),
        keys: [...live.keys()],
        versions: [...live.values()],
        next: 0,
      }
      this.changesUnasked = 0
    }
    const { fingerprint, keys, versions, next } = this.making
    const end = Math.min(next + entries, keys.length)
    for (let at = next; at < end; at++) {
      for (const version of versions[at] as readonly Version[])
        fingerprint.add(versionText(keys[at] as Key, version))
    }
    this.making.next = end
    if (end < keys.length) return false
    this.making = undefined
    this.fingerprint = fingerprint
    return true
  }

  /** What the change goes into; what is being made takes it too, before or after what it changes. */
  private kept(): SetFingerprint | undefined {
    this.changesUnasked += 1
    if (this.changesUnasked > CHANGES_MIN && this.changesUnasked > this.live.size / 2) {
      this.fingerprint = this.making = undefined
    }
    return this.fingerprint ?? this.making?.fingerprint
  }
}

/** What was alive when it was begun, and from where on it is not in the fingerprint yet. */
interface Making {
  readonly fingerprint: SetFingerprint
  readonly keys: readonly Key[]
  readonly versions: readonly (readonly Version[])[]
  next: number
}
