/**
 * One replica's database: its stores and its header, opening it, and transactions that either commit whole or say
 * why they did not. The format's version is written twice, as the database's own version (stores) and in the header
 * (what is in them), so that an older release leaves alone what a newer one wrote.
 */
import { type DBSchema, type IDBPDatabase, type IDBPTransaction, wrap } from 'idb'
import { formatOf, parseHeader } from './header'
import { type Durability, StorageError, type StoredState, type TakeStored } from '../../runtime/ports'

/** The stores' version. */
const DATABASE_VERSION = 1

/**
 * The header's and records' version. What an older format wrote is read as it is; the next commit makes it a format 3,
 * which has records of what others removed besides.
 */
export const FORMAT = 3

export interface Header {
  format: number
  nodeId: string
  /** A random word of the tab that owns the replica. Every commit reads it, so that a former owner writes nothing more. */
  epoch: string
  /** No log number up to this one is given out any more: the checkpoint has its record, or it was forgotten. */
  checkpointed: number
  /** Counts what changes the replica without appending to it. */
  rewrites: number
  /** By the wall clock, when the owner last wrote this header. */
  usedAtMs: number
  /** What of the room's other replicas this one has taken in: their version by their name. */
  mergedVersionByName: Record<string, string>
}

interface Schema extends DBSchema {
  log: { key: number; value: Uint8Array }
  checkpoint: { key: number; value: Uint8Array }
  meta: { key: string; value: Header }
}

const STORES = ['log', 'checkpoint', 'meta'] as const
const HEADER = 'header'

/** What is read comes in so many parts, unless they were of fewer records. */
const PARTS = 16
const PART_RECORDS_MIN = 4

export type Database = IDBPDatabase<Schema>
export type Transaction = IDBPTransaction<Schema, typeof STORES, 'readwrite'>
export type Reading = IDBPTransaction<Schema, typeof STORES>

/**
 * Opens a database; undefined if there is none and `create` is false, and none is made then. `onGone` is called when
 * the connection ends without our closing it: the browser terminated it, or another tab erases or upgrades the
 * database, to which we give way. Rejects with a `StorageError`.
 */
export async function openDatabase(
  factory: IDBFactory,
  name: string,
  create: boolean,
  onGone: () => void = () => undefined,
): Promise<Database | undefined> {
  let isMissing = false
  try {
    const request = factory.open(name, DATABASE_VERSION)
    request.addEventListener('upgradeneeded', ({ oldVersion }) => {
      if (oldVersion === 0 && create) for (const store of STORES) request.result.createObjectStore(store)
      else {
        isMissing = true
        request.transaction?.abort()
      }
    })
    const opened = wrap(request) as unknown as Promise<Database>
    const blocked = new Promise<never>((_, reject) => {
      request.addEventListener('blocked', () => {
        reject(new StorageError('blocked', 'another tab keeps an older version of the database open'))
        opened.then((late) => late.close()).catch(() => undefined) // nobody waits for it any more
      })
    })
    const database = await Promise.race([opened, blocked])
    const gone = () => {
      database.close()
      onGone()
    }
    database.addEventListener('versionchange', gone)
    database.addEventListener('close', gone)
    return database
  } catch (cause) {
    if (isMissing) return undefined
    throw storageError(cause)
  }
}

/**
 * Runs `change` in one transaction and resolves with its result once that is committed. `change` awaits nothing but
 * the transaction's own requests; whatever it throws aborts all of it. Rejects with a `StorageError`.
 */
export async function commit<T>(
  database: Database,
  durability: Durability,
  change: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  let failure: unknown
  let transaction: Transaction | undefined
  try {
    transaction = database.transaction(STORES, 'readwrite', { durability })
    const ended = transaction.done.then(
      () => undefined,
      (cause: unknown) => cause,
    )
    let result: T | undefined
    try {
      result = await change(transaction)
      transaction.commit()
    } catch (cause) {
      failure = cause
      abort(transaction)
    }
    const cause = await ended
    if (failure === undefined && cause === undefined) return result as T
    failure ??= cause
  } catch (cause) {
    failure = cause
  }
  throw storageError(isAbort(failure) ? (transaction?.error ?? failure) : failure)
}

/** Like `commit`, but sees one instant and changes nothing. */
export async function read<T>(database: Database, look: (transaction: Reading) => Promise<T>): Promise<T> {
  try {
    return await look(database.transaction(STORES, 'readonly'))
  } catch (cause) {
    throw storageError(cause)
  }
}

/** Undefined in a database that was just made. Rejects if a newer release wrote it. */
export async function readHeader(transaction: Reading | Transaction): Promise<Header | undefined> {
  const header: unknown = await transaction.objectStore('meta').get(HEADER)
  if (header === undefined) return undefined
  const format = formatOf(header)
  if (format > FORMAT) {
    throw new StorageError('newer', `the database has format ${format}; this release reads up to ${FORMAT}`)
  }
  return parseHeader(header)
}

export async function writeHeader(transaction: Transaction, header: Header): Promise<void> {
  await transaction.objectStore('meta').put(header, HEADER)
}

/** The last number that the log has given out. */
export async function lastNumber(
  transaction: Reading | Transaction,
  header: Header | undefined,
): Promise<number> {
  const cursor = await transaction.objectStore('log').openKeyCursor(undefined, 'prev')
  return Math.max(cursor?.key ?? 0, header?.checkpointed ?? 0)
}

/** Hands over the checkpoint, and the log after it, as of one instant. */
export async function readState(transaction: Reading, take: TakeStored): Promise<void> {
  const checkpoint = transaction.objectStore('checkpoint')
  const log = transaction.objectStore('log')
  const [places, numbers] = await Promise.all([checkpoint.getAllKeys(), log.getAllKeys()])
  const parts: Promise<StoredState>[] = []
  for (const part of inParts(places)) {
    parts.push(checkpoint.getAll(rangeOf(part)).then((records) => ({ checkpoint: records, log: [] })))
  }
  for (const part of inParts(numbers)) {
    parts.push(
      log.getAll(rangeOf(part)).then((records) => ({
        checkpoint: [],
        log: records.map((record, index) => ({ number: part[index] as number, record })),
      })),
    )
  }
  await Promise.all(parts.map((part) => part.then(take))) // requests of one transaction end in order
}

function* inParts(keys: readonly number[]): Iterable<readonly number[]> {
  const size = Math.max(PART_RECORDS_MIN, Math.ceil(keys.length / PARTS))
  for (let at = 0; at < keys.length; at += size) yield keys.slice(at, at + size)
}

function rangeOf(keys: readonly number[]): IDBKeyRange {
  return IDBKeyRange.bound(keys[0], keys.at(-1))
}

/** What the browser calls the trouble, in the words of the port. */
export function storageError(cause: unknown): StorageError {
  if (cause instanceof StorageError) return cause
  const name = cause instanceof Error ? cause.name : ''
  const message = cause instanceof Error ? cause.message : String(cause)
  return new StorageError(reasonOf(name), `the browser's database: ${message || name}`, { cause })
}

function reasonOf(name: string): StorageError['reason'] {
  switch (name) {
    case 'QuotaExceededError':
      return 'full'
    case 'InvalidStateError': // a connection that is closing, or that the browser has terminated
      return 'closed'
    case 'VersionError':
      return 'newer'
    default:
      return 'failed'
  }
}

function isAbort(failure: unknown): boolean {
  return failure instanceof Error && failure.name === 'AbortError'
}

/** A transaction that already ended can't be aborted, and need not be. */
function abort(transaction: Transaction): void {
  try {
    transaction.abort()
  } catch (cause) {
    if (!(cause instanceof Error && cause.name === 'InvalidStateError')) throw cause
  }
}
