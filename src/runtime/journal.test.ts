import { describe, expect, it, vi } from 'vitest'
import { MemoryDisk, MemoryStorage } from '../adapters/memory/storage'
import type { Actor } from '../core/causality/dot'
import {
  GROUP_ENTRIES_MAX,
  LAZY_MS_MAX,
  LAZY_REST_MS,
  RECORD_BYTES,
  RECORD_ENTRIES,
  STORAGE_RETRY_EVERY_MS_MAX,
  STORAGE_RETRY_EVERY_MS_MIN,
} from '../core/limits'
import { type Json, parseKey } from '../core/store/value'
import { Journal, retryDelayMs } from './journal'
import { Loaded } from './load'
import { type Clock, StorageError } from './ports'

/** Every wait is over at once, and took its time. */
class FastClock implements Clock {
  protected time = 0
  now = () => this.time
  steady = () => this.time
  pause = () => Promise.resolve()
  wake = (delayMs: number, callback: () => void) => {
    this.time += delayMs
    setImmediate(callback)
    return () => undefined
  }
}

/** Nothing that waits for time goes on before it is let `pass`. */
class StoppedClock extends FastClock {
  private waiting: { at: number; callback: () => void }[] = []
  override wake = (delayMs: number, callback: () => void) => {
    const each = { at: this.time + delayMs, callback }
    this.waiting.push(each)
    return () => void (this.waiting = this.waiting.filter((other) => other !== each))
  }

  pass(durationMs: number): void {
    this.time += durationMs
    const due = this.waiting.filter(({ at }) => at <= this.time)
    this.waiting = this.waiting.filter(({ at }) => at > this.time)
    for (const { callback } of due) callback()
  }
}

/** Notes calls that begin while another is under way, which the port forbids. */
class WatchedStorage extends MemoryStorage {
  overlaps = 0
  calls = 0
  private isBusy = false

  override lastNumber() {
    return this.alone(() => super.lastNumber())
  }

  override append(...given: Parameters<MemoryStorage['append']>) {
    return this.alone(() => super.append(...given))
  }

  override checkpoint(...given: Parameters<MemoryStorage['checkpoint']>) {
    return this.alone(() => super.checkpoint(...given))
  }

  override close() {
    return this.alone(() => super.close())
  }

  private async alone<Result>(call: () => Promise<Result>): Promise<Result> {
    this.calls++
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
  const loaded = new Loaded()
  const { replica, undo } = loaded
  const told: string[] = []
  const journal = new Journal(storage, loaded, clock, {
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
  const write = (value: string, key = 'key') => {
    replica.put(parseKey(key), value, 'auto', { actor: 'a.1' as Actor, counter: ++counter }, 0)
    const sequence = journal.add(replica.takeEffects()!, true)
    journal.flush()
    return journal.durable(sequence)
  }
  /** What a peer wrote. */
  const learn = (entries: number) => {
    for (let left = entries; left > 0; left--) {
      const key = parseKey(`key ${++counter}`)
      replica.put(key, 1, 'auto', { actor: 'b.1' as Actor, counter }, 0)
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
const turns = () => new Promise<void>((resolve) => setImmediate(resolve))

function recovered(told: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const look = () => (told.includes('recovered') ? resolve() : setImmediate(look))
    look()
  })
}

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

  it('leaves what nobody waits for until no more of its kind comes', async () => {
    const [disk, clock] = [new MemoryDisk(), new StoppedClock()]
    const { learn, told } = journalOn(disk, clock)
    learn(1)
    clock.pass(LAZY_REST_MS - 1)
    learn(1)
    clock.pass(LAZY_REST_MS - 1)
    await turns()
    expect(told).toEqual([])
    clock.pass(1)
    await turns()
    expect(told).toEqual(['durable 2'])
    expect(disk.lastNumber).toBe(1)
  })

  it('lets it grow no older than that, however much more comes', async () => {
    const [disk, clock] = [new MemoryDisk(), new StoppedClock()]
    const { learn, told } = journalOn(disk, clock)
    learn(1)
    for (let age = LAZY_REST_MS / 2; age < LAZY_MS_MAX; age += LAZY_REST_MS / 2) {
      clock.pass(LAZY_REST_MS / 2)
      learn(1)
    }
    await turns()
    expect(told).toEqual([])
    clock.pass(LAZY_REST_MS / 2)
    await turns()
    expect(told).toEqual([`durable ${(2 * LAZY_MS_MAX) / LAZY_REST_MS}`])
  })

  it('writes it at once where somebody waits for it, after own writes, and before the page goes', async () => {
    const { journal, learn, told, write } = journalOn(new MemoryDisk(), new StoppedClock())
    await journal.durable(learn(1))
    learn(1)
    await write('own')
    expect(told).toEqual(['durable 1', 'durable 3'])
    learn(1)
    journal.writeNow()
    await turns()
    expect(told.at(-1)).toBe('durable 4')
    learn(1)
    await journal.close()
    expect(told.at(-1)).toBe('durable 5')
  })

  it('writes much in transactions of bounded size, and parts no commit', async () => {
    const disk = new MemoryDisk()
    const { journal, learn, told, replica } = journalOn(disk, new StoppedClock())
    learn(GROUP_ENTRIES_MAX - 1)
    learn(1)
    learn(1)
    learn(GROUP_ENTRIES_MAX + 1)
    await journal.durable(learn(1))
    expect(told).toEqual(['durable 2', 'durable 3', 'durable 4', 'durable 5'])
    expect(digestOf(disk)).toBe(replica.digest())
  })

  it('gives the page turns while it makes much, and writes behind it what comes in them', async () => {
    const disk = new MemoryDisk()
    const clock = new FastClock()
    const { journal, learn, write, told, replica } = journalOn(disk, clock)
    let turnsGiven = 0
    clock.pause = async () => {
      await turns()
      void write(`turn ${++turnsGiven}`)
    }
    await journal.durable(learn(3 * RECORD_ENTRIES))
    expect(turnsGiven).toBe(3)
    expect(told).toEqual(['durable 1'])
    await journal.close()
    expect(told).toEqual(['durable 1', 'durable 4'])
    expect(digestOf(disk)).toBe(replica.digest())
  })

  it.each([
    ['before it begins', 0],
    ['while it is at it', 1],
  ])('gives no more turns to a page that may vanish, told %s', async (_, turnsBefore) => {
    const disk = new MemoryDisk()
    const clock = new FastClock()
    const { journal, learn, told } = journalOn(disk, clock)
    let turnsGiven = 0
    clock.pause = async () => {
      turnsGiven += 1
      queueMicrotask(() => journal.hurry())
      return new Promise(() => undefined)
    }
    const durable = journal.durable(learn(3 * RECORD_ENTRIES))
    if (turnsBefore === 0) journal.hurry()
    await durable
    expect(turnsGiven).toBe(turnsBefore)
    expect(told).toEqual(['durable 1'])

    clock.pause = async () => void (turnsGiven += 1) // it did not vanish
    await journal.durable(learn(3 * RECORD_ENTRIES))
    expect(turnsGiven).toBe(turnsBefore + 3)
  })

  it('takes a commit that could not be made for one that is not saved, and commits memory whole', async () => {
    const disk = new MemoryDisk()
    const clock = new FastClock()
    const { journal, learn, told, replica } = journalOn(disk, clock)
    const errors = vi.spyOn(console, 'error').mockReturnValue()
    clock.pause = () => {
      clock.pause = () => Promise.resolve()
      return Promise.reject(new RangeError('Array buffer allocation failed'))
    }
    await expect(journal.durable(learn(3 * RECORD_ENTRIES))).rejects.toThrow('allocation failed')
    await expect(journal.durable(learn(1))).rejects.toThrow('allocation failed')
    await recovered(told)
    await journal.durable(learn(1))
    expect(told).toEqual(['failing failed after 0', 'recovered', 'durable 2', 'durable 3'])
    expect(digestOf(disk)).toBe(replica.digest())
    expect(errors).toHaveBeenCalledOnce()
    errors.mockRestore()
  })

  it('parts no commit from what it removed, whatever else is pending', async () => {
    const disk = new MemoryDisk()
    const { journal, learn, lose, told } = journalOn(disk, new StoppedClock())
    learn(GROUP_ENTRIES_MAX)
    lose('key 1', 1)
    learn(1)
    journal.writeNow()
    await turns()
    expect(told).toEqual(['durable 3'])
    expect(removedOn(disk)).toEqual([['key 1', 1]])
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
    await recovered(told)
    await write('4')
    expect(journal.failing).toBe(false)
    expect(digestOf(disk)).toBe(replica.digest())
  })

  it('commits memory whole over a commit that it was not told of, and goes on behind it', async () => {
    const disk = new MemoryDisk()
    const storage = new MemoryStorage(disk)
    const append = storage.append.bind(storage)
    storage.append = async (...given) => {
      storage.append = append
      await append(...given)
      disk.failAll('closed')
      throw new StorageError('closed', 'it was made, and nobody is told')
    }
    const { write, replica, journal } = journalOn(disk, new FastClock(), storage)
    const untold = write('1')
    await expect(untold).rejects.toMatchObject({ reason: 'closed' })
    disk.heal()
    while (journal.failing) await turns()
    await write('2')
    await write('3')
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

  it('loses nothing that comes while a checkpoint is made', async () => {
    const disk = new MemoryDisk()
    const clock = new FastClock()
    const { write, replica, journal } = journalOn(disk, clock)
    for (const key of ['a', 'b', 'c']) await write('.'.repeat(RECORD_BYTES), key)
    let turnsGiven = 0
    let closing = false
    clock.pause = async () => {
      await turns()
      if (!closing) void write(`turn ${++turnsGiven}`)
    }
    const rounds = 40
    for (let round = 0; round < rounds; round++) await write(`${round}`.padEnd(100_000, '.'))
    closing = true
    await journal.close()
    expect(turnsGiven).toBeGreaterThan(rounds) // one a round's record, and a checkpoint's
    expect(disk.state().checkpoint.length).toBeGreaterThan(0)
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

  it('looks whether the storage is there after a commit that was under way when the page came back', async () => {
    const storage = new WatchedStorage(new MemoryDisk())
    const { journal, write } = journalOn(new MemoryDisk(), new StoppedClock(), storage)
    const written = write('1')
    await Promise.resolve()
    journal.probe()
    journal.probe()
    await written
    expect(storage.calls).toBe(1)
    for (let turn = 0; turn < 10; turn++) await turns()
    expect(storage.calls).toBe(2)
    await journal.close()
  })

  it.each(['while a try is at the disk', 'between two tries'])(
    'closes on a disk that stays broken, %s, without another try',
    async (when) => {
      const disk = new MemoryDisk()
      const storage = new WatchedStorage(disk)
      const clock = new StoppedClock()
      const { journal, write, told } = journalOn(disk, clock, storage)
      disk.failAll('full')
      const written = write('1').catch(() => undefined)
      while (!journal.failing) {
        await turns()
        clock.pass(STORAGE_RETRY_EVERY_MS_MAX)
      }
      await written
      for (let turn = 0; turn < 9; turn++) await turns() // the first try with the state of now has failed
      const { calls } = storage
      if (when === 'while a try is at the disk') {
        clock.pass(STORAGE_RETRY_EVERY_MS_MAX)
        while (storage.calls === calls) await Promise.resolve()
      }
      await journal.close()
      expect(storage.calls - calls, 'the closing, and what was there').toBe(
        when === 'between two tries' ? 1 : 2,
      )
      expect(storage.overlaps).toBe(0)
      expect(told).toEqual(['failing full after 0'])
    },
  )

  it('settles twice when closed twice', async () => {
    const { write, journal } = journalOn(new MemoryDisk())
    void write('1')
    await Promise.all([journal.close(), journal.close()])
    await expect(journal.durable(99)).rejects.toMatchObject({ reason: 'closed' })
  })
})
