/**
 * What every storage must do. No test library: the cases run under vitest over the disk in memory and a fake
 * IndexedDB, and inside a browser's page over the real one. A case that fails throws.
 */
import { type Storage, StorageError, type StoredState } from '../runtime/ports'
import { stateOf } from './stored.fixtures'

/** One replica's disk. */
export interface StorageWorld {
  /** Opens the replica; whoever had it open before is fenced. */
  open(): Promise<Storage>
}

export interface StorageCase {
  name: string
  run(world: StorageWorld): Promise<void>
}

export const STORAGE_CONTRACT: StorageCase[] = [
  {
    name: 'a new replica is empty, and its last number is 0',
    async run(world) {
      const storage = await world.open()
      same(await stateOf(storage), { checkpoint: [], log: [] }, 'the state')
      same(await storage.lastNumber(), 0, 'the last number')
    },
  },
  {
    name: 'what was appended is there after opening again, in order, of any size and either durability',
    async run(world) {
      const storage = await world.open()
      await storage.append(1, [bytes(1), new Uint8Array(0)], 'strict')
      await storage.append(3, [new Uint8Array(300_000).fill(7)], 'relaxed')
      await storage.append(4, [], 'strict')
      await storage.append(4, [bytes(4)], 'strict')
      await storage.close()
      const again = await world.open()
      const { log } = await stateOf(again)
      same(numbersOf({ log }), [1, 2, 3, 4], 'the numbers')
      same(log[1]?.record.length, 0, 'an empty record')
      same(log[2]?.record.length, 300_000, 'a large record')
      same(log[3]?.record, bytes(4), 'the last record')
      same(await again.lastNumber(), 4, 'the last number')
    },
  },
  {
    name: 'keeps 50,000 small records in order, through many appends',
    async run(world) {
      const storage = await world.open()
      for (let first = 1; first <= 50_000; first += 5_000) {
        await storage.append(
          first,
          Array.from({ length: 5_000 }, (_, index) => number(first + index)),
          'relaxed',
        )
      }
      const { log } = await stateOf(storage)
      same(log.length, 50_000, 'the records')
      const wrong = log.find(
        ({ number: at, record }, index) => at !== index + 1 || !isSame(record, number(at)),
      )
      same(wrong, undefined, 'a record out of order')
    },
  },
  {
    name: 'keeps of a larger buffer what the view shows, and not what the caller makes of it later',
    async run(world) {
      const storage = await world.open()
      const buffer = new Uint8Array(100_000)
      const view = buffer.subarray(10, 12).fill(5)
      await storage.append(1, [view], 'strict')
      view.fill(6)
      await storage.checkpoint([buffer.subarray(20, 22)], 0)
      const { checkpoint, log } = await stateOf(storage)
      same(log[0]?.record, Uint8Array.of(5, 5), 'the record')
      same(log[0]?.record.buffer.byteLength, 2, 'what is kept of the buffer for the log')
      same(checkpoint[0]?.buffer.byteLength, 2, 'what is kept of the buffer for the checkpoint')
    },
  },
  {
    name: 'a checkpoint replaces the one before and the log up to its number, and no more',
    async run(world) {
      const storage = await world.open()
      await storage.append(1, [bytes(1), bytes(2), bytes(3)], 'strict')
      await storage.checkpoint([bytes(10), bytes(11), bytes(12)], 2)
      same((await stateOf(storage)).checkpoint, [bytes(10), bytes(11), bytes(12)], 'the checkpoint')
      same(numbersOf(await stateOf(storage)), [3], 'the log')
      await storage.checkpoint([bytes(20)], 3)
      const again = await world.open()
      same(await stateOf(again), { checkpoint: [bytes(20)], log: [] }, 'the state')
      same(await again.lastNumber(), 3, 'the last number, of a log that is empty')
      await again.append(4, [bytes(4)], 'strict')
      same(await again.lastNumber(), 4, 'the last number')
    },
  },
  {
    name: 'an append that fails leaves nothing of itself, and the next one works',
    async run(world) {
      const storage = await world.open()
      await storage.append(1, [bytes(1), bytes(2)], 'strict')
      same(
        await reason(storage.append(1, [bytes(8), bytes(9)], 'strict')),
        'failed',
        'numbers that are taken',
      )
      same(numbersOf(await stateOf(storage)), [1, 2], 'the log')
      same((await stateOf(storage)).log[0]?.record, bytes(1), 'the record')
      await storage.append(3, [bytes(3)], 'strict')
      same(await storage.lastNumber(), 3, 'the last number')
    },
  },
  {
    name: 'truncating forgets what came after, once, and nothing that came later',
    async run(world) {
      const storage = await world.open()
      await storage.append(1, [bytes(1), bytes(2), bytes(3)], 'strict')
      await storage.checkpoint([bytes(10)], 1)
      await storage.truncate(2)
      same(numbersOf(await stateOf(storage)), [2], 'the log')
      same(await storage.lastNumber(), 3, 'the last number: that of what was forgotten is spent')
      same(await storage.load(() => undefined), 3, 'the last number, as loading says it')
      await storage.append(4, [bytes(4)], 'strict')
      for (const number of [2, 1, 0]) await storage.truncate(number)
      same(numbersOf(await stateOf(storage)), [2, 4], 'the log, for who has been overtaken')
      await storage.checkpoint([bytes(11)], 5)
      await storage.append(6, [bytes(6)], 'strict')
      await storage.truncate(4)
      same(numbersOf(await stateOf(storage)), [6], 'the log, for who was overtaken by a checkpoint')
      await storage.truncate(5)
      same(await stateOf(storage), { checkpoint: [bytes(11)], log: [] }, 'the state')
      same(await storage.lastNumber(), 6, 'the last number')
    },
  },
  {
    name: 'whoever opens it fences the one before, who changes nothing more',
    async run(world) {
      const [first, second] = [await world.open(), await world.open()]
      same(await reason(first.append(1, [bytes(1)], 'strict')), 'fenced', 'append')
      same(await reason(first.checkpoint([bytes(1)], 0)), 'fenced', 'checkpoint')
      same(await reason(first.truncate(0)), 'fenced', 'truncate')
      same(await reason(first.lastNumber()), 'fenced', 'lastNumber')
      same(await reason(stateOf(first)), 'fenced', 'load')
      same(await stateOf(second), { checkpoint: [], log: [] }, 'the state')
      await second.append(1, [bytes(2)], 'strict')
    },
  },
  {
    name: 'closes twice, closes while a commit is under way, and is closed then',
    async run(world) {
      const storage = await world.open()
      const appended = settled(storage.append(1, [bytes(1)], 'strict'))
      await Promise.all([storage.close(), storage.close()])
      const isKept = (await appended) === 'done'
      for (const call of [stateOf(storage), storage.append(2, [bytes(2)], 'strict'), storage.lastNumber()]) {
        same(await reason(call), 'closed', 'a call after closing')
      }
      same(await (await world.open()).lastNumber(), isKept ? 1 : 0, 'the last number: as the promise said')
    },
  },
]

function numbersOf({ log }: Pick<StoredState, 'log'>): number[] {
  return log.map((each) => each.number)
}

function bytes(value: number): Uint8Array {
  return new Uint8Array(3).fill(value)
}

function number(value: number): Uint8Array {
  return Uint8Array.of(value >> 16, (value >> 8) & 255, value & 255)
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index])
}

async function reason(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return 'success'
  } catch (error) {
    return error instanceof StorageError ? error.reason : String(error)
  }
}

function settled(promise: Promise<unknown>): Promise<'done' | 'failed'> {
  return promise.then(
    () => 'done',
    () => 'failed',
  )
}

function same(actual: unknown, expected: unknown, what: string): void {
  const [got, wanted] = [show(actual), show(expected)]
  if (got !== wanted) throw new Error(`expected ${what} to be ${wanted}, not ${got}`)
}

function show(value: unknown): string {
  return (
    JSON.stringify(value, (_, part: unknown) =>
      part instanceof Uint8Array ? `bytes ${part.join()}` : part,
    ) ?? 'undefined'
  )
}
