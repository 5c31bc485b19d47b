import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SIGNAL_STRAY_LENGTH_MAX, SIGNAL_STRAYS_MAX } from '../../core/limits'
import { SignalFilter } from './signals'

const RAW = { type: 'data', serialization: 'raw', reliable: true }

function filter(welcome = true): SignalFilter {
  return new SignalFilter({
    isMember: (id) => id.startsWith('member'),
    isKnown: (member, connectionId) => member === 'member 1' && connectionId === 'known',
    isWelcome: () => welcome,
  })
}

const signal = (type: string, payload: unknown, src: unknown = 'member 1') => ({ type, src, payload })
const offer = (changes: object = {}) => ({ ...RAW, connectionId: 'new', sdp: {}, ...changes })

/** A candidate of a connection that is not there, of so many characters as JSON. */
function stray(length: number): object {
  const empty = { connectionId: 'new', candidate: '' }
  return { ...empty, candidate: 'c'.repeat(length - JSON.stringify(empty).length) }
}

const nested = (levels: number) => JSON.parse('['.repeat(levels) + ']'.repeat(levels)) as unknown

describe('of what signaling brings, there passes', () => {
  it.each(['OPEN', 'ERROR', 'ID-TAKEN', 'INVALID-KEY', 'EXPIRE'])('what the server says: %s', (type) => {
    expect(filter().admits({ type })).toBe(true)
  })

  it.each<[string, object]>([
    ['a member’s offer', signal('OFFER', offer())],
    ['an answer to ours', signal('ANSWER', { connectionId: 'known' })],
    ['a candidate', signal('CANDIDATE', { connectionId: 'known' })],
    ['a candidate that came too early', signal('CANDIDATE', stray(SIGNAL_STRAY_LENGTH_MAX))],
  ])('%s', (_, each) => {
    expect(filter().admits(each)).toBe(true)
  })
})

describe('of what signaling brings, there does not pass', () => {
  it.each<[string, unknown]>([
    ['the offer of somebody who does not know the code', signal('OFFER', offer(), 'stranger')],
    ['what nobody says', signal('OFFER', offer(), 7)],
    [
      'an offer under the id of a connection, which PeerJS would close',
      signal('OFFER', offer({ connectionId: 'known' })),
    ],
    ['a call', signal('OFFER', offer({ type: 'media' }))],
    ['an offer of another serialization', signal('OFFER', offer({ serialization: 'constructor' }))],
    ['an offer of a channel that loses', signal('OFFER', offer({ reliable: false }))],
    ['an offer without an id', signal('OFFER', offer({ connectionId: undefined }))],
    ['an offer without a payload', signal('OFFER', null)],
    ['an answer to nothing of ours', signal('ANSWER', { connectionId: 'new' })],
    ['a stray candidate that is too long', signal('CANDIDATE', stray(SIGNAL_STRAY_LENGTH_MAX + 1))],
    [
      'a stray candidate with levels without end',
      signal('CANDIDATE', { connectionId: 'new', candidate: nested(20_000) }),
    ],
    ['a goodbye, by which a server could end links', signal('LEAVE', { connectionId: 'known' })],
    ['an unknown type', signal('toString', { connectionId: 'known' })],
    ['null', null],
    ['text', 'OPEN'],
  ])('%s', (_, each) => {
    expect(filter().admits(each)).toBe(false)
  })

  it('a member’s offer that finds no room', () => {
    expect(filter(false).admits(signal('OFFER', offer()))).toBe(false)
  })

  it('more stray candidates than the limit', () => {
    const one = filter()
    const passed = Array.from({ length: SIGNAL_STRAYS_MAX + 1 }, () =>
      one.admits(signal('CANDIDATE', stray(100))),
    )
    expect(passed.indexOf(false)).toBe(SIGNAL_STRAYS_MAX)
    expect(one.admits(signal('CANDIDATE', { connectionId: 'known' }))).toBe(true)
  })

  it('anything that throws, whatever comes', () => {
    const words = fc.constantFrom(
      'OFFER',
      'ANSWER',
      'CANDIDATE',
      'LEAVE',
      'OPEN',
      'member 1',
      'known',
      '__proto__',
    )
    const any = fc.oneof(words, fc.jsonValue(), fc.constant(undefined))
    const one = filter()
    fc.assert(
      fc.property(any, any, any, any, (type, src, connectionId, payload) => {
        for (const each of [payload, { ...RAW, connectionId }])
          expect(typeof one.admits({ type, src, payload: each })).toBe('boolean')
        expect(typeof one.admits(payload)).toBe('boolean')
      }),
      { numRuns: 2_000 },
    )
  })
})
