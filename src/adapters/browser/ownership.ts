/** Which tab has which slot of a room: by Web Locks where there are any (`locks.ts`), by asking where not (`claims.ts`). */
import type { RoomChannel } from './room-channel'

export interface Ownership {
  /**
   * Undefined: another tab has the slot. If we are `returning`, it may be our own former page that has not quite
   * gone, so a holder that does not answer is waited for.
   */
  claim(slot: number, returning: boolean): Promise<Claim | undefined>
  /** The slots that tabs hold now. */
  held(): Promise<ReadonlySet<number>>
  /** Calls back whenever another tab has let go of its slot. Returns a stop function. */
  onFree(listener: () => void): () => void
}

/** A slot that this tab holds. */
export interface Claim {
  release(): Promise<void>
}

/** Tells the others that we hold the slot, now and whenever they ask. Returns a stop function. */
export function answerFor(channel: RoomChannel, slot: number): () => void {
  channel.post({ type: 'taken', slot })
  return channel.subscribe((message) => {
    if (message.type === 'who' || (message.type === 'claim' && message.slot === slot)) {
      channel.post({ type: 'held', slot })
    }
  })
}
