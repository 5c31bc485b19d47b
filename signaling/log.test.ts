import { beforeEach, describe, expect, it } from 'vitest'
import { REFUSALS_LOGGED } from './limits'
import { newLog } from './log'

const ROOM = '0123456789abcdef0123456789abcdef'
const ID = 'fedcba98765432100123456789abcdef'

let lines: string[]
let nowMs: number
const log = ({ addresses = false } = {}) =>
  newLog({ addresses, write: (line) => lines.push(line), nowMs: () => nowMs })
beforeEach(() => {
  lines = []
  nowMs = Date.UTC(2026, 0, 2, 3, 4, 5)
})

describe('a line of log', () => {
  it('says when and what, and no more of ids than to tell them apart', () => {
    const write = log()
    write({ event: 'start', port: 9000 })
    write({ event: 'join', room: ROOM, id: ID, address: '203.0.113.7' })
    write({ event: 'limit', why: 'frames of the socket', room: ROOM, address: '203.0.113.7' })
    write({ event: 'leave', room: ROOM, id: ID, address: '203.0.113.7' })
    write({ event: 'stop', sockets: 2 })
    expect(lines).toEqual([
      '2026-01-02T03:04:05.000Z start port=9000',
      '2026-01-02T03:04:05.000Z join room=012345… id=fedcba…',
      '2026-01-02T03:04:05.000Z limit why="frames of the socket" room=012345…',
      '2026-01-02T03:04:05.000Z leave room=012345… id=fedcba…',
      '2026-01-02T03:04:05.000Z stop sockets=2',
    ])
  })

  it('shows less than all of a short id too', () => {
    log()({ event: 'join', room: 'room', id: 'a', address: '' })
    expect(lines[0]).toMatch(/ join room=ro… id=…$/)
  })

  it('names addresses where the operator wants them', () => {
    log({ addresses: true })({ event: 'refuse', why: 'origin', address: '203.0.113.7' })
    expect(lines[0]).toMatch(/ refuse why="origin" address=203.0.113.7$/)
  })

  it('is not written for each of a flood of refusals, but they are counted', () => {
    const write = log()
    const refuse = () => write({ event: 'limit', why: 'joins of the address', address: '' })
    for (let count = 0; count < REFUSALS_LOGGED.burst; count++) refuse()
    expect(lines).toHaveLength(REFUSALS_LOGGED.burst)
    for (let count = 0; count < 7; count++) refuse()
    expect(lines).toHaveLength(REFUSALS_LOGGED.burst)
    write({ event: 'join', room: ROOM, id: ID, address: '' })
    expect(lines.pop()).toMatch(/ join /)
    nowMs += 1000
    refuse()
    refuse()
    expect(lines.at(-2)).toMatch(/ left-out=7$/)
    expect(lines.at(-1)).not.toMatch(/left-out/)
  })
})
