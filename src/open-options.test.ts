import { describe, expect, it } from 'vitest'
import { checkedOpenOptions } from './open-options'
import type { OpenOptions } from './runtime/contract'

const PAGE = 'https://example.org/sub/page.html?q#old'

describe('options of open', () => {
  it('are the page’s own server and links without servers, unless something else is asked for', () => {
    expect(checkedOpenOptions({ room: 'caf%C3%A9' }, PAGE)).toEqual({
      code: 'café',
      base: new URL('https://example.org/sub/'),
      iceServers: [],
      iceTransportPolicy: 'all',
      nearby: true,
      signal: undefined,
    })
  })

  it('name a server by address, also from the page on, and keep the caller’s list, which may be renewed', () => {
    const iceServers: RTCIceServer[] = []
    const { signal } = new AbortController()
    const checked = checkedOpenOptions({ room: 'a', server: '../other/', iceServers, signal }, PAGE)
    expect(checked.base.href).toBe('https://example.org/other/')
    expect(checked.iceServers).toBe(iceServers)
    expect(checked.signal).toBe(signal)
    const server = new URL('http://localhost:9000/')
    expect(checkedOpenOptions({ room: 'a', server }, PAGE).base).toEqual(server)
  })

  it.each([
    ['none', undefined],
    ['null', null],
    ['text', 'room'],
    ['no room', {}],
    ['a room that is no text', { room: 7 }],
    ['an empty room', { room: '' }],
    ['a broken address', { room: 'a', server: 'http://[' }],
    ['an address that is not http', { room: 'a', server: 'ftp://example.org' }],
    ['a server that is no address', { room: 'a', server: 7 }],
    ['ICE servers that are no list', { room: 'a', iceServers: 'stun:example.org' }],
    ['an unknown policy', { room: 'a', iceTransportPolicy: 'none' }],
    ['nearby that is not true or false', { room: 'a', nearby: 'no' }],
    ['a signal that is none', { room: 'a', signal: {} }],
  ])('are refused: %s', (_, options) => {
    const open = () => checkedOpenOptions(options as OpenOptions, PAGE)
    expect(open).toThrow(expect.objectContaining({ name: 'KvError', code: 'bad-option' }))
  })
})
