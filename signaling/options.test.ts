import { describe, expect, it } from 'vitest'
import { LIMITS } from './limits'
import { OptionError, parseOptions } from './options'

describe('options', () => {
  it('need none', () => {
    expect(parseOptions({})).toEqual({
      port: 9000,
      base: '/',
      lobby: true,
      log: true,
      logAddresses: false,
      proxies: 0,
      ice: { servers: [] },
      limits: LIMITS,
    })
    expect(parseOptions({ PORT: '', LOBBY: '', ORIGINS: '', ADDRESS_JOINS: '' })).toEqual(parseOptions({}))
  })

  it('are what they say', () => {
    expect(
      parseOptions({
        PORT: '0',
        HOST: '::1',
        BASE: 'a//b/',
        LOBBY: 'off',
        LOG: 'OFF',
        LOG_ADDRESSES: 'on',
        TRUST_PROXY: '2',
        ORIGINS: 'https://a.example, http://b.example:8080/',
        TLS_CERT: 'cert.pem',
        TLS_KEY: 'key.pem',
        STUN: 'stun:s.example:3478',
        TURN: 'turn:t.example:3478?transport=udp, turns:t.example:5349',
        TURN_SECRET: 'secret',
        TURN_TTL_SECONDS: '60',
        ICE_SERVERS: '[{"urls":["turn:u.example"],"username":"u","credential":"p"}]',
        ICE_TRANSPORT_POLICY: 'relay',
        SOCKETS_MAX: '7',
        CONNECTIONS_MAX: '9',
        SOCKET_FRAMES: '1,2',
        SOCKET_BYTES: '3,4.5',
        ADDRESS_SOCKETS_MAX: '5',
        ADDRESS_CONNECTIONS_MAX: '6',
        ADDRESS_JOINS: '6,0.5',
        ROOM_REQUESTS: '8,9',
      }),
    ).toEqual({
      port: 0,
      host: '::1',
      base: '/a/b/',
      lobby: false,
      log: false,
      logAddresses: true,
      proxies: 2,
      origins: ['https://a.example', 'http://b.example:8080'],
      tlsFiles: { cert: 'cert.pem', key: 'key.pem' },
      ice: {
        servers: [
          { urls: ['stun:s.example:3478'] },
          { urls: ['turn:u.example'], username: 'u', credential: 'p' },
        ],
        turn: {
          urls: ['turn:t.example:3478?transport=udp', 'turns:t.example:5349'],
          secret: 'secret',
          ttlSeconds: 60,
        },
        policy: 'relay',
      },
      limits: {
        socketsMax: 7,
        connectionsMax: 9,
        socket: { frames: { burst: 1, perSecond: 2 }, bytes: { burst: 3, perSecond: 4.5 } },
        address: { ...LIMITS.address, socketsMax: 5, connectionsMax: 6, joins: { burst: 6, perSecond: 0.5 } },
        room: { ...LIMITS.room, requests: { burst: 8, perSecond: 9 } },
      },
    })
  })

  it.each([
    ['on', 1],
    ['off', 0],
    ['0', 0],
    ['10', 10],
  ])('TRUST_PROXY=%s trusts %i', (TRUST_PROXY, proxies) => {
    expect(parseOptions({ TRUST_PROXY }).proxies).toBe(proxies)
  })

  it.each([
    { PORT: '65536' },
    { PORT: '-1' },
    { PORT: '1e3' },
    { PORT: '80 ' },
    { LOBBY: 'no' },
    { LOG_ADDRESSES: '1' },
    { TRUST_PROXY: '11' },
    { TRUST_PROXY: 'yes' },
    { ORIGINS: '*' },
    { ORIGINS: 'a.example' },
    { ORIGINS: 'https://a.example/path' },
    { ORIGINS: 'https://a.example,' },
    { TLS_CERT: 'cert.pem' },
    { TLS_KEY: 'key.pem' },
    { STUN: 's.example' },
    { STUN: 'stun:' },
    { TURN: 'turn:t.example' },
    { TURN_SECRET: 'x' },
    { TURN: 'https://t.example', TURN_SECRET: 'x' },
    { TURN_TTL_SECONDS: '1' },
    { TURN_TTL_SECONDS: '604801' },
    { ICE_TRANSPORT_POLICY: 'none' },
    { ICE_SERVERS: 'stun:s.example' },
    { ICE_SERVERS: '{}' },
    { ICE_SERVERS: '[{}]' },
    { ICE_SERVERS: '[{"urls":[]}]' },
    { ICE_SERVERS: '[{"urls":"https://x"}]' },
    { ICE_SERVERS: '[{"urls":"stun:x","username":1}]' },
    { SOCKETS_MAX: '1.5' },
    { ADDRESS_JOINS: '5' },
    { ADDRESS_JOINS: '5,' },
    { ROOM_BYTES: '5,-1' },
  ])('%j is refused by name', (environment) => {
    const [name = ''] = Object.keys(environment)
    expect(() => parseOptions(environment)).toThrow(OptionError)
    expect(() => parseOptions(environment)).toThrow(name)
  })
})
