/**
 * The least that could do the job, as the measure of all: a `Map`, a packed log in IndexedDB, one data channel; what
 * is written in one go is one batch. No causality, no conflicts, no deduplication, one writer; a peer that was away
 * gets the last changes if they are still remembered, otherwise everything.
 */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import type { Store, System, TabName } from './system'
import { openWire, type Wire } from './wire'

/** A key and its value; `null`: deleted. */
type Change = readonly [string, string | null]

interface Schema extends DBSchema {
  log: { key: number; value: Uint8Array }
}

interface Message {
  /** How many changes of the other side the sender has had; undefined in a batch. */
  had?: number
  /** How many changes its sender has made with this batch; 0 if more of a whole state is to come. */
  made: number
  changes: readonly Change[]
}

const BATCH_ENTRIES = 120
const RECORD_ENTRIES = 500
const REMEMBERED = 1_000

/** `commitFirst`: a change leaves only when it is on the writer's disk. */
export function bare({ commitFirst }: { commitFirst: boolean }): System {
  return {
    async open(room, tab) {
      const database = await openDB<Schema>(`bare/${room}/${tab}`, 1, {
        upgrade: (database) => void database.createObjectStore('log', { autoIncrement: true }),
      })
      const store = new BareStore(room, tab, database, commitFirst)
      for (const record of await database.getAll('log')) store.take(decode(record) as Change[])
      return store
    },
  }
}

class BareStore implements Store {
  private readonly map = new Map<string, string>()
  private listeners: ((keys: Iterable<string>) => void)[] = []
  private wire: Wire | undefined
  private made = 0
  private had = 0
  private recent: Change[] = []
  private pending: Change[] = []
  private pendingOwn: Change[] = []
  private flushed: Promise<void> | undefined

  constructor(
    private readonly room: string,
    private readonly tab: TabName,
    private readonly database: IDBPDatabase<Schema>,
    private readonly commitFirst: boolean,
  ) {}

  set(key: string, value: string): Promise<void> {
    return this.write([[key, value]])
  }

  setMany(entries: readonly (readonly [string, string])[]): Promise<void> {
    return this.write(entries)
  }

  async deleteAll(keys: readonly string[]): Promise<void> {
    await Promise.all(keys.map((key) => this.write([[key, null]])))
  }

  get(key: string): string | undefined {
    return this.map.get(key)
  }

  onChange(listener: (keys: Iterable<string>) => void): void {
    this.listeners.push(listener)
  }

  async connect(): Promise<void> {
    this.wire = await openWire(this.room, this.tab, (bytes) => this.receive(decode(bytes) as Message))
    this.wire.send(encode({ had: this.had, made: 0, changes: [] } satisfies Message))
  }

  disconnect(): void {
    this.wire?.close()
    this.wire = undefined
  }

  take(changes: readonly Change[]): void {
    for (const [key, value] of changes) {
      if (value === null) this.map.delete(key)
      else this.map.set(key, value)
    }
  }

  private write(changes: readonly Change[]): Promise<void> {
    this.apply(changes)
    for (const change of changes) this.pendingOwn.push(change)
    this.made += changes.length
    this.recent = [...this.recent, ...changes.slice(-REMEMBERED)]
    if (this.recent.length > 2 * REMEMBERED) this.recent = this.recent.slice(-REMEMBERED)
    return this.queueFlush()
  }

  private apply(changes: readonly Change[]): void {
    this.take(changes)
    for (const change of changes) this.pending.push(change)
    const keys = changes.map(([key]) => key)
    for (const listener of this.listeners) listener(keys)
  }

  private queueFlush(): Promise<void> {
    this.flushed ??= Promise.resolve().then(() => this.flush())
    return this.flushed
  }

  private async flush(): Promise<void> {
    const { pending, pendingOwn, made } = this
    this.flushed = undefined
    this.pending = []
    this.pendingOwn = []
    const committed = this.commit(pending, pendingOwn.length > 0 ? 'strict' : 'relaxed')
    if (this.commitFirst) await committed
    this.sendAll(pendingOwn, made)
    await committed
  }

  private async commit(changes: readonly Change[], durability: IDBTransactionDurability): Promise<void> {
    const transaction = this.database.transaction('log', 'readwrite', { durability })
    for (const record of inGroups(changes, RECORD_ENTRIES)) void transaction.store.add(encode(record))
    transaction.commit()
    await transaction.done
  }

  private sendAll(changes: readonly Change[], made: number): void {
    let left = changes.length
    for (const batch of inGroups(changes, BATCH_ENTRIES)) {
      left -= batch.length
      this.wire?.send(encode({ made: left === 0 ? made : 0, changes: batch } satisfies Message))
    }
  }

  private receive({ had, made, changes }: Message): void {
    if (had !== undefined) {
      const missing = this.made - had
      this.sendAll(missing <= this.recent.length ? this.recent.slice(-missing) : [...this.map], this.made)
      return
    }
    this.had = Math.max(this.had, made)
    this.apply(changes)
    void this.queueFlush()
  }
}

function* inGroups<T>(list: readonly T[], size: number): Iterable<readonly T[]> {
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size)
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

function encode(value: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(value))
}

function decode(bytes: Uint8Array): unknown {
  return JSON.parse(decoder.decode(bytes))
}
