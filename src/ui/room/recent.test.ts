import { beforeEach, expect, it } from 'vitest'
import { FakeKv } from '../fake-kv'
import { latestKeys, RECENT_KEYS_MAX, recentAfter } from './recent'

let kv: FakeKv

beforeEach(() => {
  kv = new FakeKv()
  for (let at = 0; at < 12; at++) kv.write('me', `k${at}`, at, { at: ((at * 5) % 12) * 1_000 })
})

it('finds the keys that were written last, latest first', () => {
  const latest = latestKeys(kv)
  expect(latest).toHaveLength(RECENT_KEYS_MAX)
  expect(latest.slice(0, 3)).toEqual(['k7', 'k2', 'k9'])
})

it('puts what changes first, once, in the order of writing, and drops what is gone', async () => {
  await kv.delete('k2')
  expect(recentAfter(['k7', 'k2', 'k9'], new Set(['k2', 'k9', 'k0']), kv).slice(0, 3)).toEqual([
    'k9',
    'k0',
    'k7',
  ])
  expect(recentAfter([], new Set(['k7', 'k0', 'k9']), kv).slice(0, 3)).toEqual(['k7', 'k9', 'k0'])
  const many = new Set(Array.from({ length: 12 }, (_, at) => `k${at}`))
  expect(recentAfter([], many, kv)).toHaveLength(RECENT_KEYS_MAX)
})

it('fills up with earlier ones what others are gone from', async () => {
  for (const key of ['k7', 'k9', 'k4', 'k11', 'k6', 'k1', 'k8']) await kv.delete(key)
  expect(recentAfter(['k7', 'k2'], new Set(['k7']), kv)).toEqual(['k2', 'k3', 'k10', 'k5', 'k0'])
})

it('of one moment, has those first that were written last', () => {
  for (let at = 0; at < 12; at++) kv.write('me', `n${at}`, at, { at: 1e6 })
  expect(latestKeys(kv).slice(0, 2)).toEqual(['n11', 'n10'])
})

it('does not look through a large room', () => {
  for (let at = 0; at < 2_001; at++) kv.write('me', `n${at}`, at)
  expect(latestKeys(kv)).toEqual([])
})
