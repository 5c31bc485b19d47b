import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { FakeKv } from '../fake-kv'
import type { Page } from '../page'
import { Session } from './session.svelte'

let finishErasing: () => void
let page: Page
const open = vi.fn<Page['open']>()

beforeEach(() => {
  vi.stubGlobal('location', { hash: '#a', pathname: '/', search: '' })
  vi.stubGlobal('history', { state: null, replaceState: () => (location.hash = '') })
  vi.stubGlobal('window', {})
  vi.stubGlobal('cancelAnimationFrame', () => undefined)
  const erasing = new Promise<void>((resolve) => (finishErasing = resolve))
  open.mockReset().mockImplementation(() => {
    const kv = new FakeKv()
    kv.forget = () => erasing
    return Promise.resolve({ kv, condition: () => kv.status(), ended: new Promise(() => undefined) })
  })
  page = {
    open,
    rooms: { list: () => [], forget: () => erasing, subscribe: () => () => undefined },
    newRoomCode: () => 'new',
    roomFromFragment: (hash) => hash.slice(1),
    nodeName: (id) => id,
    server: { lobby: true },
  }
})
afterEach(() => vi.unstubAllGlobals())

/** Until all that can happen by itself has. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

it.each(['#a', '#b'])('from %s, opens a room that is being forgotten once it is erased', async (hash) => {
  location.hash = hash
  const session = new Session(page)
  await session.reopen()
  open.mockClear()
  const forgotten = session.forget('a')
  location.hash = '#a'
  const reopened = session.reopen()
  await settle()
  expect(open).not.toHaveBeenCalled()
  finishErasing()
  await Promise.all([forgotten, reopened])
  expect(session.phase).toMatchObject({ name: 'open', room: 'a' })
})

it('opens it also when it could not be erased', async () => {
  const session = new Session(page)
  page.rooms.forget = () => Promise.reject(new Error('the disk is gone'))
  await expect(session.forget('a')).rejects.toThrow('gone')
  await session.reopen()
  expect(session.phase.name).toBe('open')
})

it('goes to the room of a code, and to the server of a link that leads elsewhere', () => {
  const assign = vi.fn()
  vi.stubGlobal('location', { hash: '', origin: 'http://localhost:9000', pathname: '/', search: '', assign })
  const session = new Session(page)
  session.goTyped('http://localhost:9000/#festa')
  expect(location.hash).toBe('festa')
  expect(assign).not.toHaveBeenCalled()
  session.goTyped('https://fofoca.example/#festa')
  expect(assign).toHaveBeenCalledWith('https://fofoca.example/#festa')
})
