/** Status and peers in the one sentence that is always in sight, such as "saved · with 3 of 3 peers". */
import type { Peer, Condition } from '../../runtime/contract'
import type { Messages } from '../i18n/en'

/** `bad` is the only one that is red. */
export type Tone = 'good' | 'busy' | 'off' | 'bad'

export interface StatusWords {
  saved: string
  shared: string
  tone: Tone
}

export function statusWords(status: Condition, peers: readonly Peer[], t: Messages): StatusWords {
  const saved = savedWords(status, t)
  const shared = sharedWords(status, peers, t)
  if (status.storage === 'failing') return { saved, shared, tone: 'bad' }
  if (!status.online) return { saved, shared, tone: 'off' }
  const busy =
    status.unsaved > 0 ||
    status.receiving !== undefined ||
    status.connecting !== undefined ||
    (status.linked > 0 ? !status.inSync : status.signaling === 'down' || status.unreachable !== undefined)
  return { saved, shared, tone: busy ? 'busy' : 'good' }
}

function savedWords({ storage, unsaved }: Condition, t: Messages): string {
  if (storage === 'failing') return t.notSaved(unsaved)
  if (storage === 'memory') return t.memoryOnly
  return unsaved > 0 ? t.saving : t.saved
}

function sharedWords(status: Condition, peers: readonly Peer[], t: Messages): string {
  if (!status.online) return t.youAreOffline
  if (status.receiving) return t.receiving(status.receiving.done, status.receiving.total)
  const present = peers.filter((peer) => peer.state !== 'lost')
  const linked = present.filter((peer) => peer.state === 'linked')
  const inSync = linked.filter((peer) => peer.inSync).length
  if (linked.length > 0 && inSync < linked.length) return t.catchingUp(inSync, present.length)
  if (linked.length > 0) return t.withPeers(inSync, present.length)
  if (status.signaling === 'down') return t.serverUnreachable
  if (status.unreachable) return t.nobodyReached
  return status.connecting || present.some((peer) => peer.state === 'connecting') ? t.connecting : t.alone
}
