import { describe, expect, it } from 'vitest'
import { channelOf, fingerprintsIn } from './fingerprints'

const ONE = 'a=fingerprint:sha-256 AB:01'
const OTHER = 'a=fingerprint:SHA-256 cd:02'

describe('fingerprints', () => {
  it.each([
    ['v=0\r\na=setup:active\r\n', ''],
    [`v=0\r\n${ONE}\r\n`, 'sha-256 AB:01'],
    [`${OTHER}\r\nm=application\r\n${ONE}\r\n`, 'sha-256 AB:01,sha-256 CD:02'],
    [`${ONE}\r\nm=application\r\n${ONE}\r\n`, 'sha-256 AB:01'],
    [`s=${ONE}\r\n`, ''],
  ])('in %j are %j', (sdp, found) => {
    expect(fingerprintsIn(sdp)).toBe(found)
  })

  it('bind a channel only if both ends have some', () => {
    const connection = (local: string, remote: string) =>
      ({ localDescription: { sdp: local }, remoteDescription: { sdp: remote } }) as RTCPeerConnection
    expect(channelOf(connection(ONE, OTHER))).toEqual({ ours: 'sha-256 AB:01', theirs: 'sha-256 CD:02' })
    expect(channelOf(connection(ONE, ''))).toBeUndefined()
    expect(
      channelOf({ localDescription: null, remoteDescription: null } as RTCPeerConnection),
    ).toBeUndefined()
  })
})
