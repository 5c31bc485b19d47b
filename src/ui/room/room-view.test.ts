import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { FakeKv } from '../fake-kv'
import { RoomView } from './room-view.svelte'

let frames: (() => void)[]
let kv: FakeKv
let view: RoomView

beforeEach(() => {
  frames = []
  vi.useFakeTimers()
  vi.stubGlobal('document', { hidden: false })
  vi.stubGlobal('requestAnimationFrame', (run: () => void) => frames.push(run))
  vi.stubGlobal('cancelAnimationFrame', () => undefined)
  kv = new FakeKv()
  view = new RoomView(kv, () => kv.status())
})

afterEach(() => {
  view.close()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

/** Draws the next frame, after the rest between two; false if none was asked for. */
function frame(): boolean {
  if (frames.length === 0) vi.advanceTimersByTime(250)
  const due = frames.splice(0)
  for (const run of due) run()
  return due.length > 0
}

it('shows what changed in the next frame, once, however often it changed', () => {
  for (const value of [1, 2, 3]) kv.write('other', 'b', value)
  kv.write('other', 'a', 1)
  expect(view.keys).toEqual([])
  expect(frames).toHaveLength(1)
  frame()
  expect(view.keys).toEqual(['a', 'b'])
  expect(view.recent).toEqual(['a', 'b'])
  expect(frame()).toBe(false)
  for (const key of ['b', 'a', 'b']) kv.write('other', key, 4)
  frame()
  expect(view.recent).toEqual(['b', 'a'])
})

it('is drawn four times a second at most, what peers keep changing', () => {
  kv.write('other', 'a', 1)
  frames.splice(0)[0]?.()
  kv.write('other', 'a', 2)
  expect(frames).toEqual([])
  vi.advanceTimersByTime(249)
  expect(frames).toEqual([])
  vi.advanceTimersByTime(1)
  expect(frames).toHaveLength(1)
})

it('lets what glows glow on, and glow anew only after a while', () => {
  kv.write('other', 'a', 1)
  frame()
  const first = view.glow('a')
  expect(first).toBeDefined()
  kv.write('other', 'a', 2)
  frame()
  expect(view.glow('a')).toBe(first)
  vi.advanceTimersByTime(1_200)
  kv.write('other', 'a', 3)
  frame()
  expect(view.glow('a')).not.toBe(first)
  vi.advanceTimersByTime(2_400)
  expect(view.glow('a')).toBeUndefined()
})

it('lets no list glow as a whole, however few of it come at a time', () => {
  const keys = Array.from({ length: 1_000 }, (_, at) => `k${at}`)
  for (const key of keys) kv.write('other', key, 1)
  frame()
  expect(keys.filter((key) => view.glow(key) !== undefined)).toEqual(keys.slice(0, 200))
})

it('does so much in a frame at most and goes on in the next, until all is there', () => {
  const keys = Array.from({ length: 10_000 }, (_, at) => `k${String(at).padStart(5, '0')}`)
  for (const key of keys.toReversed()) kv.write('other', key, 1)
  const shown: number[] = []
  while (frame()) shown.push(view.keys.length)
  expect(shown).toEqual([2_000, 4_000, 6_000, 8_000, 10_000])
  expect(view.keys).toEqual(keys)
})

it('knows at once of a key that waits for its frame', async () => {
  for (let at = 0; at < 10_000; at++) kv.write('other', `k${at}`, 1)
  expect(view.has('k9999')).toBe(true)
  await kv.delete('k9999')
  expect(view.has('k9999')).toBe(false)
  while (frame());
  expect(view.has('k9999')).toBe(false)
  expect(view.has('k9998')).toBe(true)
})

it('does nothing in parts where nobody sees it', () => {
  vi.stubGlobal('document', { hidden: true })
  for (let at = 0; at < 10_000; at++) kv.write('other', `k${at}`, 1)
  frame()
  expect(view.keys).toHaveLength(10_000)
})

it('keeps the keys of several versions', () => {
  kv.write('me', 'cor', 1)
  kv.write('other', 'cor', 2, { beside: true })
  frame()
  expect(view.conflicts).toEqual(['cor'])
  for (let at = 0; at < 100; at++) {
    kv.write('me', `k${at}`, 1)
    if (at % 50 === 0) kv.write('other', `k${at}`, 2, { beside: true })
  }
  frame()
  expect(view.conflicts).toEqual(['cor', 'k0', 'k50'])
  kv.write('me', 'cor', 3)
  frame()
  expect(view.conflicts).toEqual(['k0', 'k50'])
  const before = view.conflicts
  kv.write('me', 'outra', 3)
  frame()
  expect(view.conflicts).toBe(before)
})
