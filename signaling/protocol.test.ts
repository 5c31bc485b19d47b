import { describe, expect, it } from 'vitest'
import { ID_LENGTH_MAX, PAYLOAD_LEVELS_MAX, ROOM_LENGTH_MAX, TOKEN_LENGTH_MAX } from './limits'
import { parseFrame, parseHello } from './protocol'

const hello = (changes: Record<string, string>) =>
  parseHello(new URLSearchParams({ key: 'room', id: 'tab-1', token: 't0ken', ...changes }))

describe('hello', () => {
  it('names room, id and token', () => {
    expect(hello({ version: '1.5.5' })).toEqual({ room: 'room', id: 'tab-1', token: 't0ken' })
  })

  it.each([
    ['key', ROOM_LENGTH_MAX],
    ['id', ID_LENGTH_MAX],
    ['token', TOKEN_LENGTH_MAX],
  ])('takes a %s of up to %i characters', (name, max) => {
    expect(hello({ [name]: 'x'.repeat(max) })).not.toHaveProperty('wrong')
    expect(hello({ [name]: 'x'.repeat(max + 1) })).toHaveProperty('wrong')
    expect(hello({ [name]: '' })).toHaveProperty('wrong')
  })

  it.each(['a/b', 'a b', '../x', 'é', 'a%2fb', 'a\n'])('refuses the key %j', (key) => {
    expect(hello({ key })).toHaveProperty('wrong')
  })

  it.each(['-a', 'a-', 'a--b', 'a/b', '__proto__', 'a\n'])('refuses the id %j, as PeerJS does', (id) => {
    expect(hello({ id })).toHaveProperty('wrong')
  })
})

describe('frame', () => {
  it('keeps type, dst and payload, and nothing else', () => {
    expect(parseFrame('{"type":"OFFER","dst":"b","src":"x","payload":{"sdp":1}}')).toEqual({
      type: 'OFFER',
      dst: 'b',
      payload: { sdp: 1 },
    })
  })

  it('has a payload of so many levels, not one more', () => {
    const nested = (levels: number) =>
      `{"type":"OFFER","dst":"b","payload":${'{"a":'.repeat(levels - 1)}[]${'}'.repeat(levels - 1)}}`
    expect(parseFrame(nested(PAYLOAD_LEVELS_MAX))).toBeDefined()
    expect(parseFrame(nested(PAYLOAD_LEVELS_MAX + 1))).toBeUndefined()
    expect(parseFrame(nested(9_000))).toBeUndefined()
  })

  it('knows a goodbye to the server from one to a member', () => {
    expect(parseFrame('{"type":"LEAVE"}')).toEqual({ type: 'LEAVE' })
    expect(parseFrame('{"type":"LEAVE","dst":"b"}')).toMatchObject({ type: 'LEAVE', dst: 'b' })
  })

  it.each([
    '',
    'x',
    '{',
    'null',
    '1',
    '"OFFER"',
    '[]',
    '{}',
    '{"type":1}',
    '{"type":"OPEN"}',
    '{"type":"toString","dst":"b"}',
    '{"type":"OFFER"}',
    '{"type":"OFFER","dst":5}',
    '{"type":"OFFER","dst":{}}',
    '{"type":"OFFER","dst":""}',
    '{"type":"LEAVE","dst":5}',
    `{"type":"OFFER","dst":"${'b'.repeat(ID_LENGTH_MAX + 1)}"}`,
    '['.repeat(60_000),
  ])('%.40s is none', (text) => {
    expect(parseFrame(text)).toBeUndefined()
  })
})
