/**
 * The slots of this browser (DESIGN 4.3): each tab of a room has a replica of its own, with a database, a node id and
 * a witness, and gets the same one again after a reload. The databases are the only list of slots; `sessionStorage`
 * knows which one this tab had.
 */
import { databaseName, eraseReplica, listReplicas } from '../indexeddb/replicas'
import { IndexedDbStorage } from '../indexeddb/storage'
import { type Clock, type Random, type Slot, type Slots, StorageError } from '../../runtime/ports'
import { ClaimOwnership } from './claims'
import { browserEnvironment, type Environment } from './environment'
import { LockOwnership } from './locks'
import type { Claim, Ownership } from './ownership'
import { RoomChannel } from './room-channel'
import { BrowserSlot, type OwnReplica } from './slot'
import { removeWitnesses } from './witness'
import { randomWord } from './words'

/** Other tabs get so long to leave a room that is forgotten, in milliseconds. Those that don't are fenced. */
const LEAVING_MS_MAX = 1_000

export class BrowserSlots implements Slots {
  #isPersisted = false

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly environment: Environment = browserEnvironment(),
  ) {}

  /** Rejects with `StorageError` `newer` if a newer release wrote what is there; whatever else fails means a slot without storage. */
  async open(roomId: string, signal?: AbortSignal): Promise<Slot> {
    signal?.throwIfAborted()
    void this.#askToPersist()
    const { channel, ownership } = this.#room(roomId)
    let own: OwnReplica | undefined
    try {
      own = await this.#ownReplica(ownership, roomId)
      signal?.throwIfAborted()
    } catch (error) {
      await own?.storage.close()
      await own?.claim.release()
      channel.close()
      throw error
    }
    return new BrowserSlot({
      roomId,
      own,
      ownership,
      channel,
      clock: this.clock,
      environment: this.environment,
      nodeId: own?.storage.nodeId ?? randomWord(this.random),
      isPersisted: () => this.#isPersisted,
      erase: () => this.#erase(roomId),
    })
  }

  /** Undefined where the browser keeps nothing. */
  async #ownReplica(ownership: Ownership, roomId: string): Promise<OwnReplica | undefined> {
    const factory = this.environment.indexedDB
    if (!factory) return undefined
    let claim: Claim | undefined
    try {
      const existing = await listReplicas(factory, roomId)
      const taken = await this.#take(ownership, roomId, existing)
      claim = taken.claim
      return { ...taken, factory, ...(await this.#openStorage(factory, roomId, taken.slot)) }
    } catch (error) {
      await claim?.release()
      if (!(error instanceof StorageError)) throw error
      if (error.reason === 'newer') throw error
      return error.reason === 'fenced' ? this.#ownReplica(ownership, roomId) : undefined
    }
  }

  /** The slot that this tab had; else the lowest free one that has a replica; else the lowest free one. */
  async #take(
    ownership: Ownership,
    roomId: string,
    existing: readonly number[],
  ): Promise<{ slot: number; claim: Claim }> {
    const key = `fofoca/slot/${roomId}`
    const former = Number(this.environment.session.get(key) ?? Number.NaN)
    for (const slot of candidates(former, existing)) {
      const claim = await ownership.claim(slot, slot === former)
      if (!claim) continue
      this.environment.session.set(key, String(slot))
      return { slot, claim }
    }
    throw new Error('there is always another slot')
  }

  async #openStorage(
    factory: IDBFactory,
    roomId: string,
    slot: number,
  ): Promise<Pick<OwnReplica, 'storage' | 'onFenced'>> {
    let isFenced = false
    let listener = () => {}
    const storage = await IndexedDbStorage.open({
      factory,
      name: databaseName(roomId, slot),
      nodeId: randomWord(this.random),
      epoch: randomWord(this.random),
      now: () => this.clock.now(),
      onFenced: () => {
        isFenced = true
        listener()
      },
    })
    return {
      storage,
      onFenced: (call) => {
        listener = call
        if (isFenced) call()
      },
    }
  }

  /** Has every tab leave the room, and erases all of it in this browser. */
  async #erase(roomId: string): Promise<void> {
    const { indexedDB, local, session } = this.environment
    const { channel, ownership } = this.#room(roomId)
    try {
      channel.post({ type: 'forget' })
      await untilAllFree(ownership, this.clock)
      if (indexedDB) {
        const slots = await listReplicas(indexedDB, roomId)
        await Promise.all(slots.map((slot) => eraseReplica(indexedDB, databaseName(roomId, slot))))
      }
    } finally {
      removeWitnesses(local, roomId)
      session.remove(`fofoca/slot/${roomId}`)
      channel.close()
    }
  }

  #room(roomId: string): { channel: RoomChannel; ownership: Ownership } {
    const { locks } = this.environment
    const channel = new RoomChannel((name) => this.environment.channel(name), roomId)
    const ownership = locks
      ? new LockOwnership(locks, channel, this.clock, `fofoca/${roomId}/`)
      : new ClaimOwnership(channel, this.clock, () => randomWord(this.random))
    return { channel, ownership }
  }

  /** Never waited for: Firefox asks its user first, who may not answer. */
  async #askToPersist(): Promise<void> {
    const { storage } = this.environment
    if (!storage || this.#isPersisted) return
    try {
      this.#isPersisted = (await storage.persisted()) || (await storage.persist())
    } catch {
      this.#isPersisted = false
    }
  }
}

/** Without end. */
function* candidates(former: number, existing: readonly number[]): Iterable<number> {
  if (Number.isSafeInteger(former) && former >= 0) yield former
  yield* existing.filter((slot) => slot !== former)
  for (let slot = 0; ; slot += 1) if (slot !== former && !existing.includes(slot)) yield slot
}

async function untilAllFree(ownership: Ownership, clock: Clock): Promise<void> {
  if ((await ownership.held()).size === 0) return
  await new Promise<void>((resolve) => {
    const end = () => {
      stop()
      cancel()
      resolve()
    }
    const cancel = clock.wake(LEAVING_MS_MAX, end)
    const stop = ownership.onFree(() => {
      void ownership.held().then(({ size }) => size === 0 && end())
    })
  })
}
