/**
 * Ownership by Web Locks: exclusive for the holder of a slot, shared for those who wait for it to be free. The
 * browser frees a lock however its tab ends, so a crash is noticed too. Who waits lets go as soon as it has the lock,
 * so a page that is being reloaded gets its slot back.
 */
import type { Clock } from '../../runtime/ports'
import { answerFor, type Claim, type Ownership } from './ownership'
import type { RoomChannel } from './room-channel'

/** A reloaded tab waits so long for its former page, in milliseconds; it takes 30–80. */
const FORMER_PAGE_MS_MAX = 1_000

export class LockOwnership implements Ownership {
  readonly #own = new Set<number>()

  constructor(
    private readonly locks: LockManager,
    private readonly channel: RoomChannel,
    private readonly clock: Clock,
    /** What the locks' names begin with; the slot's number follows. */
    private readonly prefix: string,
  ) {}

  async claim(slot: number, returning: boolean): Promise<Claim | undefined> {
    let release = await this.#request(slot, { ifAvailable: true })
    // Taken by nobody, it was only in the hands of someone who waits for it to be free.
    if (!release && (returning || !(await this.held()).has(slot))) release = await this.#waitFor(slot)
    if (!release) return undefined
    this.#own.add(slot)
    const stopAnswering = answerFor(this.channel, slot)
    return {
      release: async () => {
        stopAnswering()
        this.#own.delete(slot)
        await release()
      },
    }
  }

  async held(): Promise<ReadonlySet<number>> {
    const { held = [] } = await this.locks.query()
    const slots = held.flatMap(({ name = '', mode }) =>
      mode === 'exclusive' && name.startsWith(this.prefix) ? [Number(name.slice(this.prefix.length))] : [],
    )
    return new Set(slots)
  }

  onFree(listener: () => void): () => void {
    const stop = new AbortController()
    const watched = new Set<number>()
    const watch = (slot: number) => {
      if (watched.has(slot) || this.#own.has(slot) || stop.signal.aborted) return
      watched.add(slot)
      const freed = this.locks.request(this.prefix + slot, { mode: 'shared', signal: stop.signal }, () => {
        watched.delete(slot)
      })
      freed.then(
        () => !stop.signal.aborted && listener(),
        () => watched.delete(slot), // stopped, or the page goes away
      )
    }
    const unsubscribe = this.channel.subscribe((message) => message.type === 'taken' && watch(message.slot))
    void this.held().then((slots) => slots.forEach(watch))
    return () => {
      unsubscribe()
      stop.abort()
    }
  }

  /** Until it is free, its holder answers, or it has been silent for too long. */
  async #waitFor(slot: number): Promise<(() => Promise<void>) | undefined> {
    const stop = new AbortController()
    const unsubscribe = this.channel.subscribe((message) => {
      if (message.type === 'held' && message.slot === slot) stop.abort()
    })
    const cancel = this.clock.wake(FORMER_PAGE_MS_MAX, () => stop.abort())
    try {
      this.channel.post({ type: 'claim', slot, token: '' })
      return await this.#request(slot, { signal: stop.signal })
    } catch (error) {
      if (stop.signal.aborted) return undefined
      throw error
    } finally {
      unsubscribe()
      cancel()
    }
  }

  /** Resolves, once the lock is held, with what releases it; undefined if it is not available. */
  #request(slot: number, options: LockOptions): Promise<(() => Promise<void>) | undefined> {
    return new Promise((resolve, reject) => {
      const released = this.locks.request(this.prefix + slot, options, (lock) => {
        if (!lock) return resolve(undefined)
        return new Promise<void>((letGo) => {
          resolve(async () => {
            letGo()
            await released
          })
        })
      })
      released.catch(reject)
    })
  }
}
