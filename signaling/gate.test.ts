/** Each limit at its maximum and one beyond, without a socket and without waiting. */
import { beforeEach, describe, expect, it } from 'vitest'
import { Accounts } from './accounts'
import { Bucket } from './bucket'
import { Gate, type Place } from './gate'
import { ACCOUNTS_MAX, type Limits, LIMITS, type Rate } from './limits'
import { UNLIMITED } from './testing'

let nowMs = 0
beforeEach(() => {
  nowMs = 1_000_000
})
const gateWith = (limits: Partial<Limits>) => new Gate({ ...UNLIMITED, ...limits }, () => nowMs)

function entered(gate: Gate, address: string, room: string): Place {
  const place = gate.enter(address, room)
  if (typeof place === 'string') throw new Error(place)
  return place
}

describe('a bucket', () => {
  const rate: Rate = { burst: 3, perSecond: 2 }

  it('gives its burst, not one more, and then what flows in', () => {
    const bucket = new Bucket(rate, 0)
    expect([1, 2, 3, 4].map(() => bucket.take(1, 0))).toEqual([true, true, true, false])
    expect(bucket.take(1, 499)).toBe(false)
    expect(bucket.take(1, 500)).toBe(true)
    expect(bucket.take(1, 500)).toBe(false)
  })

  it('takes nothing of what is too much', () => {
    const bucket = new Bucket(rate, 0)
    expect(bucket.take(4, 0)).toBe(false)
    expect(bucket.take(3, 0)).toBe(true)
  })

  it('holds no more than its burst, and nothing more for a clock that goes back', () => {
    const bucket = new Bucket(rate, 0)
    bucket.take(3, 0)
    expect(bucket.isFull(1499)).toBe(false)
    expect(bucket.isFull(1500)).toBe(true)
    expect(bucket.take(4, 1e9)).toBe(false)
    expect(bucket.take(3, 1e9)).toBe(true)
    expect(bucket.take(1, 0)).toBe(false)
    expect(bucket.take(1, 499)).toBe(false)
  })
})

describe.each(['address', 'room'] as const)('the sockets of one %s', (share) => {
  /** In a room of its own, or from an address of its own, where the other is meant. */
  const enter = (gate: Gate, name: string, other: number) =>
    share === 'address' ? gate.enter(name, `room-${other}`) : gate.enter(`address-${other}`, name)

  it('are so many, not one more; one that goes makes room; others are free', () => {
    const gate = gateWith({ [share]: { ...UNLIMITED[share], socketsMax: 2 } })
    const first = enter(gate, 'a', 1)
    expect(enter(gate, 'a', 2)).not.toBeTypeOf('string')
    expect(enter(gate, 'a', 3)).toBe(`sockets of the ${share}`)
    expect(enter(gate, 'b', 3)).not.toBeTypeOf('string')
    ;(first as Place).release()
    ;(first as Place).release()
    expect(enter(gate, 'a', 4)).not.toBeTypeOf('string')
    expect(enter(gate, 'a', 5)).toBe(`sockets of the ${share}`)
  })

  it('come so often, not once more, whether or not they stay', () => {
    const gate = gateWith({ [share]: { ...UNLIMITED[share], joins: { burst: 2, perSecond: 1 } } })
    for (const other of [1, 2]) (enter(gate, 'a', other) as Place).release()
    expect(enter(gate, 'a', 3)).toBe(`joins of the ${share}`)
    expect(enter(gate, 'b', 3)).not.toBeTypeOf('string')
    nowMs += 1000
    expect(enter(gate, 'a', 4)).not.toBeTypeOf('string')
  })

  it.each(['frames', 'bytes'] as const)('send so many %s together, not one more', (what) => {
    const gate = gateWith({ [share]: { ...UNLIMITED[share], [what]: { burst: 20, perSecond: 10 } } })
    const [one, other] = [enter(gate, 'a', 1) as Place, enter(gate, 'a', 2) as Place]
    const send = (place: Place) =>
      what === 'bytes'
        ? place.frame(10)
        : Array.from({ length: 10 }, () => place.frame(1)).find((overuse) => overuse)
    expect([send(one), send(other)]).toEqual([undefined, undefined])
    const overuse = { why: `${what} of the ${share}`, isOwn: false }
    expect(one.frame(1)).toEqual(overuse)
    expect(other.frame(1)).toEqual(overuse)
    expect((enter(gate, 'b', 3) as Place).frame(10)).toBeUndefined()
    nowMs += 1000
    expect(send(one)).toBeUndefined()
  })
})

describe('one socket', () => {
  it.each(['frames', 'bytes'] as const)('sends so many %s, not one more; the next is free', (what) => {
    const gate = gateWith({ socket: { ...UNLIMITED.socket, [what]: { burst: 2, perSecond: 1 } } })
    const [place, other] = [entered(gate, 'a', 'r'), entered(gate, 'a', 'r')]
    const overuse = { why: `${what} of the socket`, isOwn: true }
    expect([1, 2, 3].map(() => place.frame(1))).toEqual([undefined, undefined, overuse])
    expect(other.frame(1)).toBeUndefined()
  })

  it.each(['frames', 'bytes'] as const)(
    'that used up more than half of its %s is to blame where a share is used up',
    (what) => {
      const gate = gateWith({
        socket: { ...UNLIMITED.socket, [what]: { burst: 10, perSecond: 1 } },
        room: { ...UNLIMITED.room, [what]: { burst: 6, perSecond: 0 } },
      })
      const [greedy, modest] = [entered(gate, 'a', 'r'), entered(gate, 'b', 'r')]
      for (let frame = 0; frame < 5; frame++) expect(greedy.frame(1)).toBeUndefined()
      expect(modest.frame(1)).toBeUndefined()
      expect(modest.frame(1)).toEqual({ why: `${what} of the room`, isOwn: false })
      expect(greedy.frame(1)).toEqual({ why: `${what} of the room`, isOwn: true })
    },
  )
})

describe('the connections of one address', () => {
  it('are so many, not one more; one that goes makes room; others are free', () => {
    const gate = gateWith({ address: { ...UNLIMITED.address, connectionsMax: 2 } })
    const release = gate.connect('a')
    expect(gate.connect('a')).toBeTypeOf('function')
    expect(gate.connect('a')).toBe('connections of the address')
    expect(gate.connect('b')).toBeTypeOf('function')
    if (typeof release === 'function') release()
    expect(gate.connect('a')).toBeTypeOf('function')
    expect(gate.connect('a')).toBe('connections of the address')
  })

  it('are remembered for as long as they are there', () => {
    const gate = gateWith({ address: { ...UNLIMITED.address, connectionsMax: 1 } })
    gate.connect('a')
    nowMs += 1e9
    gate.sweep()
    for (let other = 0; other < ACCOUNTS_MAX + UNLIMITED.connectionsMax + UNLIMITED.socketsMax; other++)
      gate.request(`other-${other}`)
    expect(gate.connect('a')).toBe('connections of the address')
  })
})

describe('the server', () => {
  it('has so many sockets, not one more, wherever they come from', () => {
    const gate = gateWith({ socketsMax: 2 })
    const place = entered(gate, 'a', 'r')
    entered(gate, 'b', 's')
    expect(gate.enter('c', 't')).toBe('sockets of the server')
    expect(gate.sockets).toBe(2)
    place.release()
    expect(gate.sockets).toBe(1)
    entered(gate, 'c', 't')
  })

  it('counts a hello that makes no sense for its address', () => {
    const gate = gateWith({ address: { ...UNLIMITED.address, joins: { burst: 1, perSecond: 0 } } })
    expect(gate.enter('a', undefined)).not.toBeTypeOf('string')
    expect(gate.enter('a', undefined)).toBe('joins of the address')
  })

  it('answers so many requests of an address, and so many for a room', () => {
    const requests = { burst: 2, perSecond: 1 }
    const gate = gateWith({
      address: { ...UNLIMITED.address, requests },
      room: { ...UNLIMITED.room, requests },
    })
    expect([1, 2, 3].map(() => gate.request('a'))).toEqual([undefined, undefined, 'requests of the address'])
    expect(gate.request('b')).toBeUndefined()
    expect([1, 2, 3].map(() => gate.list('r'))).toEqual([undefined, undefined, 'requests of the room'])
    expect(gate.list('s')).toBeUndefined()
  })
})

describe('what is remembered', () => {
  it('is of so many, not one more; who holds a socket stays', () => {
    const accounts = new Accounts(UNLIMITED.address, 3)
    accounts.of('first', 0).sockets = 1
    const second = accounts.of('second', 0)
    accounts.of('third', 0)
    expect(accounts.of('second', 0)).toBe(second)
    accounts.of('fourth', 0)
    expect(accounts.size).toBe(3)
    expect(accounts.of('first', 0).sockets).toBe(1)
    expect(accounts.of('second', 0)).not.toBe(second)
    expect(accounts.size).toBe(3)
  })

  it('is forgotten once a new account would be the same', () => {
    const accounts = new Accounts({ ...UNLIMITED.address, joins: { burst: 2, perSecond: 1 } }, 10)
    accounts.of('a', 0).take('joins', 1, 0)
    accounts.of('b', 0).sockets = 1
    accounts.sweep(999)
    expect(accounts.size).toBe(2)
    accounts.sweep(1000)
    expect(accounts.size).toBe(1)
  })
})

describe('the defaults', () => {
  it('let a school in: 500 tabs behind one address at once, each dialling 8 others and asking for lists', () => {
    const gate = new Gate(LIMITS, () => nowMs)
    const tabs = Array.from({ length: 500 }, (_, tab) => entered(gate, 'school', `room-${tab % 20}`))
    for (const tab of tabs) {
      for (let frame = 0; frame < 2 * 8 * 12; frame++) expect(tab.frame(500)).toBeUndefined()
    }
    for (let second = 0; second < 60; second++) {
      nowMs += 1000
      for (const [index, tab] of tabs.entries()) {
        if (index % 5 !== second % 5) continue
        expect(gate.request('school')).toBeUndefined()
        expect(gate.list(`room-${index % 20}`)).toBeUndefined()
        expect(tab.frame(30)).toBeUndefined()
      }
    }
  })

  it('let a room of 200 in at once, and a server of 5,000 tabs', () => {
    const gate = new Gate(LIMITS, () => nowMs)
    for (let tab = 0; tab < 200; tab++) entered(gate, `home-${tab}`, 'room')
    for (let tab = 0; tab < 4800; tab++) entered(gate, `flat-${tab}`, `room-${tab}`)
    expect(gate.sockets).toBe(5000)
  })
})
