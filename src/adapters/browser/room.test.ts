import { describe, expect, it } from 'vitest'
import { ROOM_CODE_BYTES_MAX } from '../../core/limits'
import {
  memberKey,
  LOBBY,
  newRoomCode,
  parseRoomCode,
  proofKey,
  roomId,
  roomLink,
  roomOfFragment,
  serverFromLocation,
} from './room'

const BAD_OPTION = expect.objectContaining({ name: 'KvError', code: 'bad-option' })

describe('a room code', () => {
  it('is the lobby where the fragment is empty', () => {
    expect(roomOfFragment('')).toBe(LOBBY)
    expect(roomOfFragment('#')).toBe(LOBBY)
  })

  it('is percent-decoded and in NFC, so that equal names are one room', () => {
    expect(roomOfFragment('#caf%C3%A9')).toBe('caf\u00e9')
    expect(roomOfFragment('#cafe\u0301')).toBe('caf\u00e9')
    expect(roomOfFragment('#a b')).toBe('a b')
  })

  it('survives its own link', () => {
    for (const code of ['sala 1', '100%', 'a#b?c/d', 'é—🦦', "it's (here)!"]) {
      const link = roomLink({ href: 'https://x.org/sub/?q=1#old' }, code)
      expect(link.startsWith('https://x.org/sub/?q=1#')).toBe(true)
      expect(roomOfFragment(new URL(link).hash)).toBe(code)
    }
  })

  it('has 1 to 256 bytes', () => {
    expect(parseRoomCode('a'.repeat(ROOM_CODE_BYTES_MAX))).toHaveLength(ROOM_CODE_BYTES_MAX)
    expect(() => parseRoomCode('a'.repeat(ROOM_CODE_BYTES_MAX + 1))).toThrow(BAD_OPTION)
    expect(() => parseRoomCode(`${'é'.repeat(ROOM_CODE_BYTES_MAX / 2)}a`)).toThrow(BAD_OPTION)
    expect(() => parseRoomCode('')).toThrow(BAD_OPTION)
  })

  it('is refused with half a surrogate pair or a broken escape', () => {
    expect(() => parseRoomCode('a\ud800')).toThrow(BAD_OPTION)
    expect(() => parseRoomCode('100%')).toThrow(BAD_OPTION)
    expect(() => parseRoomCode('%ff')).toThrow(BAD_OPTION)
  })

  it('when new, has 140 random bits in seven groups', () => {
    let next = 0
    const code = newRoomCode({
      bytes: (count) => Uint8Array.from({ length: count }, () => (next += 37) & 0xff),
    })
    expect(code).toMatch(/^([0-9a-hjkmnp-tv-z]{4}-){6}[0-9a-hjkmnp-tv-z]{4}$/)
    expect(parseRoomCode(code)).toBe(code)
  })
})

describe('a room id', () => {
  it('is 32 hexadecimal digits, the same for ever', () => {
    expect(roomId('lobby')).toMatch(/^[0-9a-f]{32}$/)
    expect(roomId('lobby')).toMatchInlineSnapshot(`"1513b27e16ca2d6da962b2d712a3a524"`)
    expect(roomId('lobby')).not.toBe(roomId('Lobby'))
  })
})

describe.each([
  ['proof', proofKey],
  ['names', memberKey],
])('the key of the %s', (_, keyOf) => {
  it('is of 32 bytes, another for each code, and does not show in the id that signaling sees', () => {
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
    expect(keyOf('lobby')).toHaveLength(32)
    expect(hex(keyOf('lobby'))).not.toBe(hex(keyOf('Lobby')))
    expect(hex(keyOf('lobby'))).not.toContain(roomId('lobby'))
    expect(hex(proofKey('lobby'))).not.toBe(hex(memberKey('lobby')))
  })
})

describe('the server of a page', () => {
  it.each([
    ['http://localhost:9000/', { host: 'localhost', port: 9000, path: '/', secure: false }],
    ['http://192.168.1.7:9000/#room', { host: '192.168.1.7', port: 9000, path: '/', secure: false }],
    [
      'http://example.org/sub/index.html?x#y',
      { host: 'example.org', port: 80, path: '/sub/', secure: false },
    ],
    ['https://example.org/a/b/', { host: 'example.org', port: 443, path: '/a/b/', secure: true }],
    ['https://[::1]:8443/', { host: '[::1]', port: 8443, path: '/', secure: true }],
  ])('is beside it: %s', (page, address) => {
    expect(serverFromLocation(page)).toEqual(address)
    expect(serverFromLocation(new URL(page))).toEqual(address)
  })

  it.each(['file:///home/x/index.html', 'about:blank', 'nowhere'])('is refused: %s', (page) => {
    expect(() => serverFromLocation(page)).toThrow(BAD_OPTION)
  })
})
