import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { iceConfig, NO_ICE } from './ice'

const NOW_MS = 1_700_000_000_999

describe('ICE', () => {
  it('is none by default: nobody else is asked', () => {
    expect(iceConfig(NO_ICE, NOW_MS)).toEqual({ iceServers: [] })
  })

  it('passes on what the operator says', () => {
    const servers = [{ urls: ['stun:s.example:3478'] }]
    expect(iceConfig({ servers, policy: 'relay' }, NOW_MS)).toEqual({
      iceServers: servers,
      iceTransportPolicy: 'relay',
    })
  })

  it('makes passwords for a limited time, and says when to ask for the next', () => {
    const turn = { urls: ['turn:t.example:3478'], secret: 'north', ttlSeconds: 600 }
    const { iceServers, refreshSeconds } = iceConfig({ servers: [{ urls: 'stun:s.example' }], turn }, NOW_MS)
    expect(iceServers).toHaveLength(2)
    expect(iceServers[1]).toEqual({
      urls: ['turn:t.example:3478'],
      username: '1700000600:fofoca',
      credential: createHmac('sha1', 'north').update('1700000600:fofoca').digest('base64'),
    })
    expect(refreshSeconds).toBe(300)
    const later = iceConfig({ servers: [], turn }, NOW_MS + 1000).iceServers[0]
    expect(later?.username).toBe('1700000601:fofoca')
    expect(later?.credential).not.toBe(iceServers[1]?.credential)
  })
})
