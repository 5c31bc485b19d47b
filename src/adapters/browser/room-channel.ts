/** What the tabs of one room in one browser tell each other. Messages, unlike timers, are not slowed down in hidden tabs. */
export type RoomMessage =
  /**
   * Somebody would like to have the slot. Its holder answers `held`. Where there are no locks, whoever claims it too
   * answers `held` if its own token is the smaller, and gives up otherwise.
   */
  | { type: 'claim'; slot: number; token: string }
  /** Every tab that holds a slot answers `held`. */
  | { type: 'who' }
  /** The slot has a holder that is awake. */
  | { type: 'held'; slot: number }
  /** The sender holds the slot from now on; a tab that thought it held it has lost it. */
  | { type: 'taken'; slot: number }
  /** The sender has let go of the slot. */
  | { type: 'free'; slot: number }
  /** All tabs leave the room: it is about to be erased in this browser. */
  | { type: 'forget' }

export class RoomChannel {
  readonly #channel: BroadcastChannel
  readonly #listeners = new Set<(message: RoomMessage) => void>()
  #isClosed = false

  constructor(open: (name: string) => BroadcastChannel, roomId: string) {
    this.#channel = open(`fofoca/${roomId}`)
    this.#channel.addEventListener('message', ({ data }: MessageEvent<RoomMessage>) => {
      for (const listener of [...this.#listeners]) listener(data)
    })
  }

  /** To the other tabs, not to this one. */
  post(message: RoomMessage): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a BroadcastChannel knows no other
    if (!this.#isClosed) this.#channel.postMessage(message)
  }

  /** Returns a stop function. */
  subscribe(listener: (message: RoomMessage) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  close(): void {
    this.#isClosed = true
    this.#listeners.clear()
    this.#channel.close()
  }
}
