import { describe, expect, it, vi } from 'vitest'
import { RoomList } from './rooms'
import { FakeClock, memoryTexts } from './slots.testing'

function device() {
  const [store, clock, page] = [memoryTexts(), new FakeClock(), new EventTarget()]
  return { store, clock, page, rooms: new RoomList(store, clock, page) }
}

describe('the list of rooms', () => {
  it('has each room once, the one used last first, also after a restart', () => {
    const { store, clock, rooms } = device()
    rooms.touch('one', 1)
    clock.advance(5_000)
    rooms.touch('two', 2)
    clock.advance(5_000)
    rooms.touch('one', 3)
    const list = [
      { code: 'one', lastUsed: clock.now(), size: 3 },
      { code: 'two', lastUsed: clock.now() - 5_000, size: 2 },
    ]
    expect(rooms.list()).toEqual(list)
    expect(new RoomList(store, clock, new EventTarget()).list()).toEqual(list)
  })

  it('is written at once, then once a second while a room changes, with its last size', () => {
    const { clock, rooms } = device()
    const listener = vi.fn()
    rooms.subscribe(listener)
    for (let size = 1; size <= 100; size += 1) rooms.touch('busy', size)
    expect(listener).toHaveBeenCalledTimes(1)
    clock.advance(1_000)
    expect(listener).toHaveBeenCalledTimes(2)
    expect(rooms.list()).toEqual([{ code: 'busy', lastUsed: clock.now(), size: 100 }])
    clock.advance(1_000)
    expect(listener).toHaveBeenCalledTimes(2)
    expect(clock.timers).toBe(0)
  })

  it('forgets a room, also one that was touched a moment ago', () => {
    const { clock, rooms } = device()
    rooms.touch('one', 1)
    rooms.touch('one', 2)
    rooms.forget('one')
    clock.advance(1_000)
    expect(rooms.list()).toEqual([])
  })

  it('leaves out a room that another tab forgot while a change of it was still to be written', () => {
    const { store, clock, rooms } = device()
    rooms.touch('one', 1)
    rooms.touch('one', 2)
    new RoomList(store, clock, new EventTarget()).forget('one')
    clock.advance(1_000)
    expect(rooms.list()).toEqual([])
  })

  it('tells of changes in other tabs, and of nothing after it is stopped', () => {
    const { page, rooms } = device()
    const listener = vi.fn()
    const stop = rooms.subscribe(listener)
    const changed = (key: string | null) => page.dispatchEvent(Object.assign(new Event('storage'), { key }))
    changed('fofoca/room/one')
    changed(null)
    changed('something else')
    expect(listener).toHaveBeenCalledTimes(2)
    stop()
    changed('fofoca/room/one')
    rooms.touch('one', 1)
    expect(listener).toHaveBeenCalledTimes(2)
  })

  it('keeps the 1,000 rooms that were used last', () => {
    const { clock, rooms } = device()
    for (let index = 0; index <= 1_000; index += 1) {
      rooms.touch(`room ${index}`, index)
      clock.advance(1_000)
    }
    expect(rooms.list().length).toBe(1_000)
    expect(rooms.list().at(-1)?.code).toBe('room 1')
  })

  it('keeps what two tabs write at once', () => {
    const { store, clock } = device()
    // What the other tab has just written is not seen in this one yet, as between processes.
    const behind = { ...store, get: () => undefined, keys: () => [] }
    new RoomList(store, clock, new EventTarget()).touch('one', 1)
    const rooms = new RoomList(behind, clock, new EventTarget())
    rooms.touch('two', 2)
    expect(new RoomList(store, clock).list().map(({ code }) => code)).toEqual(['one', 'two'])
  })

  it('keeps a room as it was when the store is full', () => {
    const { store, clock } = device()
    new RoomList(store, clock, new EventTarget()).touch('one', 1)
    const full = { ...store, update: () => undefined }
    const rooms = new RoomList(full, clock, new EventTarget())
    rooms.touch('one', 2)
    expect(rooms.list()).toEqual([{ code: 'one', lastUsed: clock.now(), size: 1 }])
  })

  it('takes over those that the first release kept, once', () => {
    const { store, clock } = device()
    const before = [
      { code: 'one', lastUsed: 2, size: 3 },
      { code: 'two', lastUsed: 1, size: 0 },
    ]
    store.set('fofoca/rooms', JSON.stringify(before))
    const rooms = new RoomList(store, clock, new EventTarget())
    expect(rooms.list()).toEqual(before)
    rooms.forget('two')
    expect(new RoomList(store, clock, new EventTarget()).list()).toEqual([before[0]])
  })

  it.each(['{', '7', 'null', '[null, 1, {"code": 5}]'])('takes %s for no room', (text) => {
    const { store, clock } = device()
    for (const key of ['fofoca/rooms', 'fofoca/room/one']) store.set(key, text)
    expect(new RoomList(store, clock, new EventTarget()).list()).toEqual([])
  })
})
