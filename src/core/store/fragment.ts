/** A whole state as others give it to us: a snapshot file, or another replica's disk. No row, list of versions or ghost in it is empty. */
import type { Rows } from '../causality/context'
import type { VersionVector } from '../causality/version-vector'
import { LiveDots } from './live-dots'
import type { Replica } from './replica'
import type { Key } from './value'
import type { KeyedVersion } from './versions-by-dot'
import type { Version } from './version'

export interface StateFragment {
  readonly context: Rows
  readonly entries: ReadonlyMap<Key, readonly Version[]>
  readonly ghosts: ReadonlyMap<Key, VersionVector>
}

/** The causal join: every version as an event, then the claim of the whole. Idempotent, commutative, associative. */
export function joinFragment(replica: Replica, { context, entries, ghosts }: StateFragment): void {
  const alive = new LiveDots()
  const known: KeyedVersion[] = []
  for (const [key, versions] of entries) {
    for (const version of versions) {
      if (!replica.apply(key, version)) known.push({ key, event: version })
      alive.add(version)
    }
  }
  replica.settleClones(known)
  replica.claim({ known: context, streamed: alive.within(context), dead: new Map(), ghosts })
}
