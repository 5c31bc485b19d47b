/** One slot in this tab's hands, or none where the browser keeps nothing. */
import { databaseName, eraseReplica, listReplicas, readReplica, summarise } from '../indexeddb/replicas'
import type { IndexedDbStorage } from '../indexeddb/storage'
import { type Clock, type OtherSlot, type Slot, StorageError, type Witness } from '../../runtime/ports'
import type { Environment } from './environment'
import type { Claim, Ownership } from './ownership'
import type { RoomChannel } from './room-channel'
import { NO_WITNESS, witness } from './witness'

/** A replica that nobody used for so long, in milliseconds, is erased once all of it is in another. */
const UNUSED_MS_MAX = 30 * 24 * 60 * 60 * 1_000

export interface OwnReplica {
  factory: IDBFactory
  slot: number
  claim: Claim
  storage: IndexedDbStorage
  onFenced(call: () => void): void
}

interface SlotParts {
  roomId: string
  own: OwnReplica | undefined
  ownership: Ownership
  channel: RoomChannel
  clock: Clock
  environment: Environment
  nodeId: string
  isPersisted(): boolean
  /** Ends every replica of the room. */
  erase(): Promise<void>
}

type Why = 'taken' | 'forgotten'

export class BrowserSlot implements Slot {
  /** What it was when the slot was opened. */
  readonly nodeId: string
  readonly storage: IndexedDbStorage | undefined
  readonly witness: Witness
  readonly #parts: SlotParts
  readonly #lostListeners = new Set<(why: Why) => void>()
  readonly #stop = new AbortController()
  #claim: Claim | undefined
  #isWanted = true
  #held = Promise.resolve()
  #lost: Why | undefined
  #released: Promise<void> | undefined

  constructor(parts: SlotParts) {
    const { own, roomId, channel, environment } = parts
    this.#parts = parts
    this.#claim = own?.claim
    this.nodeId = parts.nodeId
    this.storage = own?.storage
    this.witness = own ? witness(environment.local, roomId, own.slot) : NO_WITNESS
    own?.onFenced(() => this.#lose('taken'))
    channel.subscribe((message) => {
      if (message.type === 'forget') this.#lose('forgotten')
      else if (message.type === 'taken' && message.slot === own?.slot) this.#lose('taken')
    })
    const { signal } = this.#stop
    environment.page.addEventListener('pagehide', () => void this.#hold(false), { signal })
    environment.page.addEventListener('pageshow', () => void this.#hold(true), { signal })
  }

  async renameNode(nodeId: string): Promise<void> {
    await this.storage?.setNodeId(nodeId)
  }

  get persisted(): boolean {
    return this.#parts.isPersisted()
  }

  /** What can't be listed now is listed another time. */
  async others(): Promise<OtherSlot[]> {
    const { own, ownership } = this.#parts
    if (!own) return []
    const held = await ownership.held()
    try {
      const listed = await listReplicas(own.factory, this.#parts.roomId)
      const slots = listed.filter((slot) => slot !== own.slot && !held.has(slot))
      const mergedVersionByName = slots.length > 0 ? await own.storage.mergedVersionByName() : {}
      const others = await Promise.all(slots.map((slot) => this.#other(own, slot, mergedVersionByName)))
      return others.filter((other) => other !== undefined)
    } catch (error) {
      if (error instanceof StorageError) return []
      throw error
    }
  }

  onOtherFree(listener: () => void): () => void {
    const stop = this.#parts.ownership.onFree(listener)
    this.#stop.signal.addEventListener('abort', stop)
    return stop
  }

  /** Calls back, a little later, also if it was lost before. */
  onLost(listener: (why: Why) => void): () => void {
    const lost = this.#lost
    this.#lostListeners.add(listener)
    if (lost) queueMicrotask(() => this.#lostListeners.has(listener) && listener(lost))
    return () => this.#lostListeners.delete(listener)
  }

  release(): Promise<void> {
    this.#released ??= this.#release()
    return this.#released
  }

  /** Works after `release` too. */
  async forget(): Promise<void> {
    await this.release()
    await this.#parts.erase()
  }

  async #release(): Promise<void> {
    this.#stop.abort()
    this.#lostListeners.clear()
    await this.storage?.close()
    await this.#hold(false)
    this.#parts.channel.close()
  }

  /**
   * A page that goes into the cache can hold no lock, and takes its slot again coming back. If another tab had it
   * meanwhile and left again, the epoch tells at the next commit. What is asked last counts.
   */
  #hold(wanted: boolean): Promise<void> {
    this.#isWanted = wanted
    this.#held = this.#held.then(async () => {
      const { own, ownership } = this.#parts
      if (!this.#isWanted) {
        await this.#claim?.release()
        this.#claim = undefined
      } else if (own && !this.#claim) {
        this.#claim = await ownership.claim(own.slot, true)
        if (!this.#claim) this.#lose('taken')
      }
    })
    return this.#held
  }

  #lose(why: Why): void {
    if (this.#lost || this.#released) return
    this.#lost = why
    for (const listener of [...this.#lostListeners]) listener(why)
  }

  /** Undefined if all of it is in ours already; it is erased then, if it has been unused for long. */
  async #other(
    own: OwnReplica,
    slot: number,
    mergedVersionByName: Readonly<Record<string, string>>,
  ): Promise<OtherSlot | undefined> {
    const name = databaseName(this.#parts.roomId, slot)
    try {
      const summary = await summarise(own.factory, name)
      if (!summary) return undefined
      if (mergedVersionByName[name] === summary.version) {
        if (this.#parts.clock.now() - summary.usedAtMs > UNUSED_MS_MAX)
          await this.#collect(own, slot, summary.version)
        return undefined
      }
    } catch (error) {
      if (!(error instanceof StorageError)) throw error // what can't be read is told to whoever reads it, below
    }
    let version: string | undefined
    return {
      name,
      read: async (take) => {
        version = await readReplica(own.factory, name, take)
      },
      merged: async () => {
        if (version !== undefined) await own.storage.markMerged(name, version)
      },
    }
  }

  /** Owned meanwhile, so that no tab opens it in the middle; looked at again, for one may have just closed it. */
  async #collect(own: OwnReplica, slot: number, version: string): Promise<void> {
    const claim = await this.#parts.ownership.claim(slot, false)
    if (!claim) return
    try {
      const name = databaseName(this.#parts.roomId, slot)
      if ((await summarise(own.factory, name))?.version === version) await eraseReplica(own.factory, name)
    } finally {
      await claim.release()
    }
  }
}
