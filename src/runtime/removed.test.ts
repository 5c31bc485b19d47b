/** What others removed stays restorable: across reloads, for a day, in this browser. */
import { afterEach, describe, expect, it } from 'vitest'
import { UNDO_MS_MAX } from '../core/limits'
import type { KvHandle } from './kv'
import { TestBrowser, World } from './world.fixtures'

let world = new World()
afterEach(async () => {
  await Promise.all(world.opened.map((kv) => kv.leave()))
  world = new World()
})

const keysOf = (kv: KvHandle) => kv.removed().map(({ key }) => key)

/** Two tabs with the same keys in them. */
async function pair(entries: readonly (readonly [string, number | string])[], hasDisk = true) {
  const browsers = [new TestBrowser('aaa', hasDisk), new TestBrowser('bbb')] as const
  const [a, b] = await Promise.all([world.open(browsers[0]), world.open(browsers[1])])
  await a.setMany(entries)
  await world.settle()
  return { browsers, a, b }
}

describe('what others delete', () => {
  it('is listed, latest first, with what it was, when, how and by whom; the writer lists nothing', async () => {
    const { a, b } = await pair([
      ['k', 1],
      ['l', 'two'],
      ['stays', 3],
    ])
    const before = world.clock.now()
    await b.delete('k')
    await world.settle()
    await b.delete('l')
    await b.set('stays', 4)
    await world.settle()
    expect(a.removed()).toMatchObject([
      { key: 'l', value: 'two', how: 'delete', by: 'bbb' },
      { key: 'k', value: 1, how: 'delete', by: 'bbb' },
    ])
    const times = a.removed().map(({ removedAt }) => Date.parse(removedAt))
    expect(times[0]).toBeGreaterThan(times[1]!)
    expect(times[1]).toBeGreaterThanOrEqual(before)
    expect(a.status().removed).toBe(2)
    expect(b.removed()).toEqual([])
  })

  it('is there after a reload, and put back it is everywhere, as new writes of one commit with their policy', async () => {
    const { browsers, a, b } = await pair([['k', 1]])
    await a.set('all', ['x'] as never, { merge: 'union' })
    await world.settle()
    await b.delete('k')
    await b.delete('all')
    await world.settle()
    await a.leave()
    const again = await world.open(browsers[0])
    await world.settle()
    expect(keysOf(again)).toEqual(['all', 'k'])
    const told: string[][] = []
    again.subscribe((keys, origin) => told.push([origin, ...keys]))
    expect((await again.restore()).sort()).toEqual(['all', 'k'])
    await world.settle()
    expect(told).toHaveLength(1)
    for (const kv of [again, b]) {
      expect(kv.entries()).toEqual([
        ['all', ['x']],
        ['k', 1],
      ])
      expect(kv.inspect('all')?.versions).toMatchObject([{ writer: 'aaa', merge: 'union' }])
      expect([kv.removed(), kv.status().removed]).toEqual([[], 0])
    }
    await again.leave()
    expect((await world.open(browsers[0])).removed()).toEqual([])
  })

  it('is put back key by key, and what has a value again is left as it is', async () => {
    const { a, b } = await pair([
      ['k', 1],
      ['l', 2],
      ['m', 3],
    ])
    for (const key of ['k', 'l', 'm']) await b.delete(key)
    await world.settle()
    await b.set('l', 'theirs')
    await world.settle()
    expect(await a.restore(['l', 'k', 'never there'])).toEqual(['k'])
    expect(a.entries()).toEqual([
      ['k', 1],
      ['l', 'theirs'],
    ])
    expect(keysOf(a)).toEqual(['m'])
    await a.delete('k')
    await a.set('m', 'mine')
    await a.delete('m')
    expect(a.removed()).toEqual([]) // own deletes are one's own
    expect(await a.restore()).toEqual([])
  })

  it('is gone after 24 hours, not before, also from the disk', async () => {
    const { browsers, a, b } = await pair([['k', 1]])
    await b.delete('k')
    await world.settle()
    const at = Date.parse(a.removed()[0]!.removedAt)
    world.clock.advance(at + UNDO_MS_MAX - world.clock.now())
    expect([keysOf(a), a.status().removed]).toEqual([['k'], 1])
    await a.leave()
    const again = await world.open(browsers[0])
    expect(keysOf(again)).toEqual(['k'])
    world.clock.advance(1)
    expect([again.status().removed, again.removed(), await again.restore()]).toEqual([0, [], []])
    await again.leave()
    expect((await world.open(browsers[0])).removed()).toEqual([])
  })

  it('works in memory where there is no disk', async () => {
    const { a, b } = await pair([['k', 1]], false)
    await b.delete('k')
    await world.settle()
    expect(keysOf(a)).toEqual(['k'])
    await a.restore()
    await world.settle()
    expect(b.get('k')).toBe(1)
  })

  it('is not lost to a disk that fails and comes back', async () => {
    const { browsers, a, b } = await pair([['k', 1]])
    browsers[0].disk.failAll('full')
    await b.delete('k')
    const outcome = expect(a.set('own', 1)).rejects.toMatchObject({ code: 'not-saved' })
    await world.settle(40)
    await outcome
    browsers[0].disk.heal()
    await world.settle()
    expect(a.status().storage).toBe('best-effort')
    await a.leave()
    const again = await world.open(browsers[0])
    expect(again.removed()).toMatchObject([{ key: 'k', value: 1, how: 'delete', by: 'bbb' }])
  })
})

describe('what else takes values away', () => {
  it('a wipe that was missed is told by a claim, and all of it can be put back', async () => {
    const entries = Array.from({ length: 300 }, (_, at) => [`key ${at}`, at] as const)
    const { a, b } = await pair(entries)
    a.goOffline()
    await world.settle(2)
    for (const [key] of entries) void b.delete(key)
    await world.settle(2)
    a.goOnline()
    await world.settle()
    expect(a.size).toBe(0)
    expect(a.status().removed).toBe(300)
    expect(new Set(a.removed().map(({ how, by }) => `${how} ${by}`))).toEqual(new Set(['claim bbb']))
    await a.restore()
    await world.settle()
    expect([a.size, b.size]).toEqual([300, 300])
    expect(b.status().digest).toBe(a.status().digest)
  })

  it('an imported file', async () => {
    const { a, b } = await pair([['k', 1]])
    a.goOffline()
    await b.delete('k')
    await a.importSnapshot(await b.exportSnapshot())
    const [removed] = a.removed()
    expect(removed).toMatchObject({ key: 'k', value: 1, how: 'import' })
    expect(removed).not.toHaveProperty('by')
  })
})

describe('restore refuses', () => {
  it.each([
    ['bad-option', 'a text' as never],
    ['bad-option', 7 as never],
    ['bad-key', ['']],
  ])('with %s what is no list of keys: %j', async (code, keys) => {
    const { a, b } = await pair([['k', 1]])
    await b.delete('k')
    await world.settle()
    await expect(a.restore(keys)).rejects.toMatchObject({ code })
    expect(keysOf(a)).toEqual(['k'])
  })

  it('to do anything in a room that was left', async () => {
    const { a } = await pair([])
    await a.leave()
    await expect(a.restore()).rejects.toMatchObject({ code: 'closed' })
    expect(() => a.removed()).toThrow(expect.objectContaining({ code: 'closed' }))
  })
})
