/**
 * Ownership without locks, which browsers have only on https and localhost: whoever wants a slot says so, and takes
 * it if nobody objects for 300 ms. A holder that was frozen then, and thaws later, is fenced by the slot's epoch.
 */
import type { Clock } from '../../runtime/ports'
import { answerFor, type Claim, type Ownership } from './ownership'
import type { RoomChannel } from './room-channel'

/** So long nobody objects, in milliseconds: the slot is free. */
const SILENCE_MS = 300

export class ClaimOwnership implements Ownership {
  constructor(
    private readonly channel: RoomChannel,
    private readonly clock: Clock,
    /** A new one for each claim: of two claims at once, the smaller wins. */
    private readonly newToken: () => string,
  ) {}

  async claim(slot: number): Promise<Claim | undefined> {
    const token = this.newToken()
    let hasObjection = false
    const unsubscribe = this.channel.subscribe((message) => {
      if (message.type === 'claim' && message.slot === slot && message.token > token) {
        this.channel.post({ type: 'held', slot })
      } else if ((message.type === 'claim' || message.type === 'held') && message.slot === slot) {
        hasObjection = true
        endWait()
      }
    })
    let endWait = () => {}
    const silence = new Promise<void>((resolve) => {
      const cancel = this.clock.wake(SILENCE_MS, resolve)
      endWait = () => {
        cancel()
        resolve()
      }
    })
    this.channel.post({ type: 'claim', slot, token })
    await silence
    unsubscribe()
    if (hasObjection) return undefined
    const stopAnswering = answerFor(this.channel, slot)
    return {
      release: () => {
        stopAnswering()
        this.channel.post({ type: 'free', slot })
        return Promise.resolve()
      },
    }
  }

  async held(): Promise<ReadonlySet<number>> {
    const slots = new Set<number>()
    const unsubscribe = this.channel.subscribe(
      (message) => message.type === 'held' && slots.add(message.slot),
    )
    this.channel.post({ type: 'who' })
    await new Promise<void>((resolve) => void this.clock.wake(SILENCE_MS, resolve))
    unsubscribe()
    return slots
  }

  onFree(listener: () => void): () => void {
    return this.channel.subscribe((message) => message.type === 'free' && listener())
  }
}
