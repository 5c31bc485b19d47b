/**
 * The replicas of one room in this browser, seen from outside: which there are, what they hold, and their end.
 * Nothing here owns one or changes one. The databases themselves are the list, so that there is no second list
 * that could be lost apart from them.
 */
import type { TakeStored } from '../../runtime/ports'
import {
  commit,
  type Database,
  lastNumber,
  openDatabase,
  read,
  readHeader,
  readState,
  storageError,
} from './database'

/** Where the browser can't list its databases (Firefox before 126), so many slots are looked at. */
const SLOTS_TRIED = 16

export function databaseName(roomId: string, slot: number): string {
  return `fofoca/${roomId}/${slot}`
}

/** The numbers of the room's replicas, rising. Rejects with a `StorageError`. */
export async function listReplicas(factory: IDBFactory, roomId: string): Promise<number[]> {
  if (typeof factory.databases === 'function') {
    const prefix = databaseName(roomId, 0).slice(0, -1)
    const databases = await factory.databases().catch((cause: unknown) => Promise.reject(storageError(cause)))
    const names = databases.map(({ name = '' }) => name)
    const slots = names
      .filter((name) => name.startsWith(prefix))
      .map((name) => Number(name.slice(prefix.length)))
    return slots.filter(Number.isSafeInteger).sort((a, b) => a - b)
  }
  const tried = Array.from({ length: SLOTS_TRIED }, (_, slot) => slot)
  const found = await Promise.all(
    tried.map((slot) => look(factory, databaseName(roomId, slot), () => Promise.resolve(true))),
  )
  return tried.filter((slot) => found[slot])
}

export interface ReplicaSummary {
  /** Another after each change of the replica. */
  version: string
  usedAtMs: number
}

/** Undefined if there is no such replica, or nothing was ever in it. Rejects with a `StorageError`. */
export function summarise(factory: IDBFactory, name: string): Promise<ReplicaSummary | undefined> {
  return look(factory, name, (database) => read(database, readSummary))
}

/** Hands over what a replica holds, and gives its version; undefined if there is none. Rejects with a `StorageError`. */
export function readReplica(
  factory: IDBFactory,
  name: string,
  take: TakeStored,
): Promise<string | undefined> {
  return look(factory, name, (database) =>
    read(database, async (transaction) => {
      const summary = await readSummary(transaction)
      await readState(transaction, take)
      return summary?.version
    }),
  )
}

/**
 * Ends a replica, of whatever format. It is emptied first, for the database itself vanishes only when the last tab
 * that has it open lets go, and a frozen one doesn't; that is not waited for.
 */
export async function eraseReplica(factory: IDBFactory, name: string): Promise<void> {
  await look(factory, name, (database) =>
    commit(database, 'strict', async (transaction) => {
      await Promise.all(
        [...transaction.objectStoreNames].map((store) => transaction.objectStore(store).clear()),
      )
    }),
  ).catch(() => undefined) // what can't be emptied can still be deleted
  await new Promise<void>((resolve, reject) => {
    const request = factory.deleteDatabase(name)
    request.addEventListener('success', () => resolve())
    request.addEventListener('blocked', () => resolve())
    request.addEventListener('error', () => reject(request.error ?? new Error('not deleted')))
  })
}

async function readSummary(
  transaction: Parameters<typeof readHeader>[0],
): Promise<ReplicaSummary | undefined> {
  const header = await readHeader(transaction)
  if (!header) return undefined
  const { nodeId, rewrites, usedAtMs } = header
  return { version: `${nodeId} ${rewrites} ${await lastNumber(transaction, header)}`, usedAtMs }
}

/** On a connection of its own, closed afterwards. Undefined, and no database made, if there is none. */
async function look<T>(
  factory: IDBFactory,
  name: string,
  work: (database: Database) => Promise<T>,
): Promise<T | undefined> {
  const database = await openDatabase(factory, name, false)
  try {
    return database && (await work(database))
  } finally {
    database?.close()
  }
}
