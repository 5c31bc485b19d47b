import { describe, expect, it } from 'vitest'
import { MemoryDisk, MemoryStorage } from '../adapters/memory/storage'
import type { Actor } from '../core/causality/dot'
import {
  DELETES_REMEMBERED_KEYS,
  LAZY_ENTRIES_MAX,
  STORAGE_RETRY_EVERY_MS_MAX,
  STORAGE_RETRY_EVERY_MS_MIN,
} from '../core/limits'
import { Replica } from '../core/store/replica'
import { UndoBuffer } from '../core/store/undo-buffer'
import { type Json, parseKey } from '../core/store/value'
import { LogContents } from './log-contents'
import { Journal, retryDelayMs } from './journal'
import { Loaded } from './load'
import type { Clock } from './ports'

/** Every wait is over at once, and took its time. */
class FastClock implements Clock {
  private time = 0
  now = () => this.time
  steady = () => this.time
  pause = () => Promise.resolve()
  wake = (delayMs: number, callback: () => void) => {
    this.time += delayMs
    setImmediate(callback)
    return () => undefined
  }
}

/** Nothing that waits for time goes on before `pass`. */
class StoppedClock extends FastClock {
  private waiting: (() => void)[] = []
  override wake = (_delayMs: number, callback: () => void) => {
    this.waiting.push(callback)
    return () => void (this.waiting = this.waiting.filter((each) => each !== callback))
  }

  pass(): void {
    for (const callback of this.waiting.splice(0)) callback()
  }
}

/** Notes calls that begin while another is under way, which the port forbids. */
class WatchedStorage extends MemoryStorage {
  overlaps = 0
  private isBusy = false

  override lastNumber() {
    return this.alone(() => super.lastNumber())
  }

  override append(...given: Parameters<MemoryStorage['append']>) {
    return this.alone(() => super.append(...given))
  }

  override close() {
    return this.alone(() => super.close())
  }

  private async alone<Result>(call: () => Promise<Result>): Promise<Result> {
    if (this.isBusy) this.overlaps++
    this.isBusy = true
    await turns()
    return call().finally(() => (this.isBusy = false))
  }
}

function journalOn(
  disk: MemoryDisk,
  clock: Clock = new FastClock(),
  storage: MemoryStorage = new MemoryStorage(disk),
) {
  const replica = new Replica(DELETES_REMEMBERED_KEYS)
  const undo = new UndoBuffer()
  const told: string[] = []
  const journal = new Journal(storage, 0, new LogContents(), new LogContents(), undo, clock, {
    durable: (sequence) => told.push(`durable ${sequence}`),
    failing: (error, lastNumber) => told.push(`failing ${error.reason} after ${lastNumber}`),
    recovered: () => told.push('recovered'),
    fenced: () => told.push('fenced'),
    freeze: () => ({
      context: replica.context.copyRows(),
      entries: [...replica.entries()],
      ghosts: new Map(replica.ghostsByKey()),
      named: replica.named(),
    }),
  })
  let counter = 0
  const write = (value: string) => {
    replica.put(parseKey('key'), value, 'auto', { actor: 'a.1' as Actor, counter: ++counter }, 0)
    const sequence = journal.add(replica.takeEffects()!, true)
    journal.flush()
    return journal.durable(sequence)
  }
  /** What a peer wrote. */
  const learn = (entries: number) => {
    for (let left = entries; left > 0; left--) {
      replica.put(parseKey(`key ${left}`), 1, 'auto', { actor: 'b.1' as Actor, counter: ++counter }, 0)
    }
    const sequence = journal.add(replica.takeEffects()!, false)
    journal.flush()
    return sequence
  }
  /** What a peer deleted; `by` its value. */
  const lose = (key: string, value: Json) => {
    replica.put(parseKey(key), value, 'auto', { actor: 'b.1' as Actor, counter: ++counter }, 0)
    replica.delete(parseKey(key), { actor: 'b.1' as Actor, counter: ++counter })
    const effects = replica.takeEffects()!
    undo.noteValues(effects.entries)
    undo.keep([{ key: parseKey(key), value, merge: 'auto', by: { how: 'claim', node: 'b' } }], clock.now())
    return journal.add(effects, false)
  }
  return { journal, replica, undo, told, write, learn, lose }
}

function digestOf(disk: MemoryDisk): string {
  const { replica, take } = new Loaded()
  take(disk.state())
  return replica.digest()
}

function removedOn(disk: MemoryDisk) {
  const { undo, take } = new Loaded()
  take(disk.state())
  return undo.values().map(({ key, value }) => [key, value])
}

/** All that goes on without waiting for time. */
const turns = () => new Promise((resolve) => setImmediate(resolve))

describe('the journal', () => {
  it.each([
    [0, STORAGE_RETRY_EVERY_MS_MIN],
    [1, STORAGE_RETRY_EVERY_MS_MIN * 2],
    [2, STORAGE_RETRY_EVERY_MS_MIN * 4],
    [50, STORAGE_RETRY_EVERY_MS_MAX],
  ])('retries for the %d-th time after %d ms', (attempt, delayMs) => {
    expect(retryDelayMs(attempt)).toBe(delayMs)
  })

  it('groups what comes while it writes, in order', async () => {
    const disk = new MemoryDisk()
    const { write, told, replica } = journalOn(disk)
    await Promise.all([write('1'), write('2'), write('3')])
    expect(told).toEqual(['durable 1', 'durable 3'])
    expect(disk.lastNumber).toBe(2)
    expect(digestOf(disk)).toBe(replica.digest())
  })

  it('lets what nobody waits for wait a little for more of its kind', async () => {
    const [disk, clock] = [new MemoryDisk(), new StoppedClock()]
    const { journal, learn, told, write } = journalOn(disk, clock)
    for (let times = 0; times < 3; times++) learn(1)
    await turns()
    expect(told).toEqual([])
    clock.pass()
    await turns()
    expect(told).toEqual(['durable 3'])
    expect(disk.lastNumber).toBe(1)
    await journal.durable(learn(1)) // somebody waits
    learn(1)
    await write('own')
    learn(LAZY_ENTRIES_MAX + 1)
    await turns()
    expect(told).toEqual(['durable 3', 'durable 4', 'durable 6', 'durable 7'])
    learn(1)
    await journal.close()
    expect(told.at(-1)).toBe('durable 8')
  })

  it('retries a commit that failed, and tells nobody', async () => {
    const disk = new MemoryDisk()
    const { write, told, replica } = journalOn(disk)
    disk.failNext('full')
    await write('1')
    expect(told).toEqual(['durable 1'])
    expect(digestOf(disk)).toBe(replica.digest())
  })

  it('says when the disk stays broken, and commits memory whole when it is back', async () => {
    const disk = new MemoryDisk()
    const { write, told, replica, journal } = journalOn(disk)
    await write('1')
    disk.failAll('full')
    await expect(write('2')).rejects.toMatchObject({ reason: 'full' })
    expect(told).toEqual(['durable 1', 'failing full after 1'])
    expect(journal.failing).toBe(true)
    await expect(write('3')).rejects.toMatchObject({ reason: 'full' })
    disk.heal()
    const recovered = new Promise<void>((resolve) => {
      const look = () => (told.includes('recovered') ? resolve() : setImmediate(look))
      look()
    })
    await recovered
    await write('4')
    expect(journal.failing).toBe(false)
    expect(digestOf(disk)).toBe(replica.digest())
  })

  it('stops when another tab owns the replica', async () => {
    const disk = new MemoryDisk()
    const { write, told } = journalOn(disk)
    const thief = new MemoryStorage(disk)
    await expect(write('1')).rejects.toMatchObject({ reason: 'fenced' })
    expect(told).toEqual(['fenced'])
    await expect(write('2')).rejects.toMatchObject({ reason: 'closed' })
    await expect(thief.lastNumber()).resolves.toBe(0)
  })

  it('compacts the log once it outgrows the state', async () => {
    const disk = new MemoryDisk()
    const { write, replica, journal } = journalOn(disk)
    for (let round = 0; round < 40; round++) await write(`${round}`.padEnd(100_000, '.'))
    await journal.close()
    const { checkpoint, log } = disk.state()
    expect(checkpoint.length).toBeGreaterThan(0)
    const bytes = [...checkpoint, ...log.map(({ record }) => record)].reduce(
      (sum, { length }) => sum + length,
      0,
    )
    expect(bytes).toBeLessThan(2_000_000)
    expect(digestOf(disk)).toBe(replica.digest())
  })

  it('writes what others removed in the commit that removed it, and only what still is', async () => {
    const disk = new MemoryDisk()
    const { journal, undo, lose } = journalOn(disk)
    lose('again', 1)
    lose('k', 'first')
    const last = lose('k', 'second')
    lose('again', 2)
    undo.noteValues([{ key: parseKey('again'), added: {} as never }]) // it came back before anything was written
    const { version } = disk
    await journal.durable(last)
    expect(disk.version).toBe(version + 1)
    expect(removedOn(disk)).toEqual([['k', 'second']])
    disk.failNext('full')
    await journal.durable(lose('l', 1))
    expect(removedOn(disk)).toEqual([
      ['k', 'second'],
      ['l', 1],
    ])
  })

  it('keeps what others removed in a checkpoint, and compacts when much of that was let go', async () => {
    const disk = new MemoryDisk()
    const { write, undo, journal, lose } = journalOn(disk)
    for (const key of 'abcdefgh') lose(key, key.repeat(200_000))
    for (let round = 0; round < 40; round++) await write(`${round}`.padEnd(100_000, '.'))
    await turns()
    expect(disk.state().checkpoint.length).toBeGreaterThan(0)
    expect(removedOn(disk).map(([key]) => key)).toEqual([...'abcdefgh'])
    const bytes = () => {
      const { checkpoint, log } = disk.state()
      return [...checkpoint, ...log.map(({ record }) => record)].reduce((sum, { length }) => sum + length, 0)
    }
    undo.expire(8.64e15)
    await write('small')
    await turns()
    await journal.close()
    expect(removedOn(disk).map(([key]) => key)).toEqual([])
    expect(bytes()).toBeLessThan(1_000)
  })

  it('asks the storage one thing at a time, also when a page that slept looks whether it is there', async () => {
    const disk = new MemoryDisk()
    const storage = new WatchedStorage(disk)
    const { journal, write, learn, told, replica } = journalOn(disk, new StoppedClock(), storage)
    journal.probe()
    const first = write('1')
    journal.probe()
    await first
    journal.probe()
    learn(1)
    await journal.close()
    expect(storage.overlaps).toBe(0)
    expect(told).toEqual(['durable 1', 'durable 2'])
    expect(digestOf(disk)).toBe(replica.digest())
  })

  it('settles twice when closed twice', async () => {
    const { write, journal } = journalOn(new MemoryDisk())
    void write('1')
    await Promise.all([journal.close(), journal.close()])
    await expect(journal.durable(99)).rejects.toMatchObject({ reason: 'closed' })
  })
})
