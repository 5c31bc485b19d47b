import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { addressOf, shareOf } from './address'

describe('share', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::ffff:cb00:7107', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002:ffff::1', '2001:db8:1:2::/64'],
    ['2001:db8:1:3::1', '2001:db8:1:3::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['64:ff9b::203.0.113.7', '64:ff9b:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['', ''],
  ])('of %s is %s', (address, share) => {
    expect(shareOf(address)).toBe(share)
  })
})

describe('address', () => {
  const request = (forwarded?: string | string[]) =>
    ({
      socket: { remoteAddress: '10.0.0.1' },
      headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
    }) as unknown as IncomingMessage

  it('is the socket’s, whatever a header says, unless a proxy is trusted', () => {
    expect(addressOf(request('203.0.113.7'), 0)).toBe('10.0.0.1')
  })

  it.each([
    [1, '203.0.113.7', '203.0.113.7'],
    [1, 'forged, 198.51.100.1, 203.0.113.7', '203.0.113.7'],
    [2, 'forged, 198.51.100.1, 203.0.113.7', '198.51.100.1'],
    [1, ['forged', '203.0.113.7'], '203.0.113.7'],
    [1, ' 2001:db8::1 ', '2001:db8::1'],
    [2, '203.0.113.7', '10.0.0.1'],
    [1, 'x\ny=z', '10.0.0.1'],
    [1, '', '10.0.0.1'],
    [1, undefined, '10.0.0.1'],
  ])('behind %i of our proxies, with X-Forwarded-For %j, is %s', (proxies, header, address) => {
    expect(addressOf(request(header), proxies)).toBe(address)
  })
})
