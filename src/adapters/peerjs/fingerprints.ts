/** The certificates of a connection's two ends, as its descriptions name them and as the browser has checked them. */
import type { ChannelBinding } from '../../runtime/ports'

/** Undefined before the connection is negotiated, or if an end names no certificate. */
export function channelOf({
  localDescription,
  remoteDescription,
}: RTCPeerConnection): ChannelBinding | undefined {
  const ours = fingerprintsIn(localDescription?.sdp ?? '')
  const theirs = fingerprintsIn(remoteDescription?.sdp ?? '')
  return ours === '' || theirs === '' ? undefined : { ours, theirs }
}

/** All of them in one form (RFC 8122, section 5): a browser is content with any, so that one more is another text. */
export function fingerprintsIn(sdp: string): string {
  const found = [...sdp.matchAll(/^a=fingerprint:(\S+) (\S+)\s*$/gim)]
  const named = found.map(([, hash = '', bytes = '']) => `${hash.toLowerCase()} ${bytes.toUpperCase()}`)
  return [...new Set(named)].sort().join(',')
}
