/**
 * The storage port on IndexedDB. Records are stored packed, as they come: a row per key would be twenty times slower
 * to write. Each commit reads the replica's epoch in its own transaction, before it hands over its writes so that the
 * answer comes meanwhile, and aborts if another tab has taken the replica.
 *
 * After any trouble the connection is dropped, and the next call opens another: that is all there is to surviving
 * `terminated` and its like. A replica that was erased is never made again by those who had it.
 */
import { unwrap } from 'idb'
import { type Durability, type Storage, StorageError, type TakeStored } from '../../runtime/ports'
import {
  commit,
  type Database,
  FORMAT,
  type Header,
  lastNumber,
  openDatabase,
  read,
  type Reading,
  readHeader,
  readState,
  storageError,
  type Transaction,
  writeHeader,
} from './database'

export interface StorageOptions {
  factory: IDBFactory
  /** The database's name. */
  name: string
  /** The node id that the replica gets if it is new. */
  nodeId: string
  /** A word that no other opening of this replica ever had. */
  epoch: string
  /** The wall clock, in milliseconds. */
  now(): number
  /** Another tab has taken the replica, or it was erased: nothing can be written any more. Called at most once. */
  onFenced(): void
}

export class IndexedDbStorage implements Storage {
  readonly #options: StorageOptions
  #database: Promise<Database> | undefined
  #nodeId: string
  /** The epoch that we found and have not replaced yet: a full disk can be read, but not claimed. */
  #foundEpoch: string | undefined
  #isClaimed = false
  #end: StorageError | undefined

  private constructor(options: StorageOptions) {
    this.#options = options
    this.#nodeId = options.nodeId
  }

  /**
   * Takes the replica from whoever had it, or makes it. On a full disk it is taken with the first commit that
   * succeeds. Rejects with a `StorageError` if it can't be read.
   */
  static async open(options: StorageOptions): Promise<IndexedDbStorage> {
    const storage = new IndexedDbStorage(options)
    try {
      await storage.#find()
      await storage.#commit('relaxed', () => undefined)
    } catch (cause) {
      const error = storageError(cause)
      if (error.reason !== 'full') {
        await storage.close()
        throw error
      }
    }
    return storage
  }

  /** The replica's own, unless a cloned disk showed up. */
  get nodeId(): string {
    return this.#nodeId
  }

  load(take: TakeStored): Promise<number> {
    return this.#read(async (transaction, header) => {
      const last = lastNumber(transaction, header)
      await readState(transaction, take)
      return last
    })
  }

  async append(first: number, records: readonly Uint8Array[], durability: Durability): Promise<void> {
    if (records.length === 0) return
    await this.#commit(durability, (transaction) => {
      const log = unwrap(transaction.objectStore('log')) // without a promise for each
      for (const [index, record] of records.entries()) log.add(compact(record), first + index)
    })
  }

  async checkpoint(records: readonly Uint8Array[], upTo: number): Promise<void> {
    await this.#commit(
      'strict',
      (transaction) => {
        const checkpoint = unwrap(transaction.objectStore('checkpoint'))
        checkpoint.clear()
        for (const [index, record] of records.entries()) checkpoint.put(compact(record), index)
        unwrap(transaction.objectStore('log')).delete(IDBKeyRange.upperBound(upTo))
      },
      (header) => ({
        ...header,
        checkpointed: Math.max(upTo, header.checkpointed),
        rewrites: header.rewrites + 1,
      }),
    )
  }

  /** That a connection is gone without a word shows only when it is used: once more then, on a new one. */
  async lastNumber(): Promise<number> {
    try {
      return await this.#read(lastNumber)
    } catch (cause) {
      if (this.#end || storageError(cause).reason !== 'closed') throw cause
      return this.#read(lastNumber)
    }
  }

  async truncate(number: number): Promise<void> {
    await this.#commit(
      'strict',
      () => undefined,
      (header, transaction) => {
        if (header.checkpointed > number) return header
        unwrap(transaction.objectStore('log')).delete(IDBKeyRange.lowerBound(number, true))
        // What was dropped may be what had been merged.
        return { ...header, checkpointed: number + 1, rewrites: header.rewrites + 1, mergedVersionByName: {} }
      },
    )
  }

  /** The versions of other replicas that are contained in this one, by their name. */
  mergedVersionByName(): Promise<Readonly<Record<string, string>>> {
    return this.#read((_, header) => header?.mergedVersionByName ?? {})
  }

  /** Notes that all of another replica, at that version, is in this one and durable. */
  async markMerged(name: string, version: string): Promise<void> {
    await this.#commit(
      'strict',
      () => undefined,
      (header) => ({ ...header, mergedVersionByName: { ...header.mergedVersionByName, [name]: version } }),
    )
  }

  /** The replica is another node's from now on. */
  async setNodeId(nodeId: string): Promise<void> {
    await this.#commit(
      'strict',
      () => undefined,
      (header) => ({ ...header, nodeId }),
    )
    this.#nodeId = nodeId
  }

  /** What is being committed is committed. Whatever is called later, or still opening, rejects with `closed`. */
  async close(): Promise<void> {
    this.#end ??= new StorageError('closed', 'this replica was closed')
    await this.#drop()
  }

  /** Looks who is there, before anything is written. */
  async #find(): Promise<void> {
    const header = await read(await this.#connection(), readHeader)
    this.#foundEpoch = header?.epoch
    this.#nodeId = header?.nodeId ?? this.#options.nodeId
  }

  #read<T>(look: (transaction: Reading, header: Header | undefined) => T | Promise<T>): Promise<T> {
    return this.#guard((database) =>
      read(database, async (transaction) => {
        const header = await readHeader(transaction)
        this.#fence(header)
        return await look(transaction, header)
      }),
    )
  }

  /** `write` issues requests, `rewrite` those that depend on the header, and gives the new one; where there is one. */
  #commit(
    durability: Durability,
    write: (transaction: Transaction) => void,
    rewrite?: (header: Header, transaction: Transaction) => Header,
  ): Promise<void> {
    return this.#guard(async (database) => {
      await commit(database, durability, async (transaction) => {
        const reading = readHeader(transaction)
        reading.catch(() => undefined) // nobody waits for it if `write` throws
        write(transaction)
        const found = await reading
        this.#fence(found)
        if (this.#isClaimed && !rewrite) return
        const { epoch, now } = this.#options
        const header = { ...(found ?? this.#newHeader()), format: FORMAT, epoch, usedAtMs: now() }
        await writeHeader(transaction, rewrite ? rewrite(header, transaction) : header)
      })
      this.#isClaimed = true
    })
  }

  #fence(header: Header | undefined): void {
    const isOurs = header?.epoch === this.#options.epoch
    const isAsFound = !this.#isClaimed && header?.epoch === this.#foundEpoch
    if (!isOurs && !isAsFound) {
      throw new StorageError(
        'fenced',
        header ? 'another tab has taken this replica' : 'this replica was erased',
      )
    }
  }

  #newHeader(): Header {
    const { nodeId, epoch, now } = this.#options
    return {
      format: FORMAT,
      nodeId,
      epoch,
      checkpointed: 0,
      rewrites: 0,
      usedAtMs: now(),
      mergedVersionByName: {},
    }
  }

  async #guard<T>(work: (database: Database) => Promise<T>): Promise<T> {
    try {
      return await work(await this.#connection())
    } catch (cause) {
      const error = storageError(cause)
      if (error.reason === 'fenced' && !this.#end) {
        this.#end = error
        this.#options.onFenced()
      }
      await this.#drop()
      throw error
    }
  }

  async #connection(): Promise<Database> {
    if (this.#end) throw this.#end
    this.#database ??= this.#opened()
    const database = await this.#database
    if (this.#end) throw this.#end
    return database
  }

  /** The connection is forgotten when it is gone; a late word of that says nothing of the one after it. */
  #opened(): Promise<Database> {
    const opening = this.#open(() => {
      if (this.#database === opening) this.#database = undefined
    })
    return opening
  }

  async #open(onGone: () => void): Promise<Database> {
    const { factory, name } = this.#options
    const database = await openDatabase(factory, name, !this.#isClaimed, onGone)
    if (!database) throw new StorageError('fenced', 'this replica was erased')
    return database
  }

  async #drop(): Promise<void> {
    const opening = this.#database
    this.#database = undefined
    const database = await opening?.catch(() => undefined) // its failure was told to whoever opened
    database?.close()
  }
}

/** A view of a larger buffer would be stored with all of that buffer. */
function compact(record: Uint8Array): Uint8Array {
  return record.byteLength === record.buffer.byteLength ? record : record.slice()
}
