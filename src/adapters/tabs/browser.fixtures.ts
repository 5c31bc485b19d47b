/** A browser for tests: its channels and its clock. */
import type { Clock } from '../../runtime/ports'
import { TabTransport } from './transport'

/** Channels and a clock in one queue, which the test lets run: a message takes 1 ms. */
export class Browser {
  private nowMs = 0
  private readonly waiting: { atMs: number; act: () => void }[] = []
  private readonly channels = new Set<FakeChannel>()
  private names = 0

  readonly clock: Clock = {
    now: () => this.nowMs,
    steady: () => this.nowMs,
    wake: (delayMs, callback) => this.after(delayMs, callback),
    pause: () => Promise.resolve(),
  }

  after(delayMs: number, act: () => void): () => void {
    const entry = { atMs: this.nowMs + delayMs, act }
    this.waiting.push(entry)
    return () => {
      const at = this.waiting.indexOf(entry)
      if (at >= 0) this.waiting.splice(at, 1)
    }
  }

  /** Microtasks first, as in a browser; then the next event. False if there is none. */
  async deliver(): Promise<boolean> {
    await Promise.resolve()
    this.waiting.sort((a, b) => a.atMs - b.atMs)
    const next = this.waiting.shift()
    if (next === undefined) return false
    this.nowMs = next.atMs
    next.act()
    await Promise.resolve()
    return true
  }

  async run(): Promise<void> {
    while (await this.deliver());
  }

  open = (name: string): BroadcastChannel => {
    const channel = new FakeChannel(name, this.channels, (act) => this.after(1, act))
    this.channels.add(channel)
    return channel as unknown as BroadcastChannel
  }

  tab(newSelf = () => `tab${(this.names += 1)}`): TabTransport {
    return new TabTransport({
      roomId: 'room',
      clock: this.clock,
      newSelf,
      open: this.open,
    })
  }

  get openChannels(): number {
    return this.channels.size
  }
}

class FakeChannel extends EventTarget {
  constructor(
    readonly name: string,
    private readonly all: Set<FakeChannel>,
    private readonly later: (act: () => void) => void,
  ) {
    super()
  }

  postMessage(data: unknown): void {
    if (!this.all.has(this)) throw new Error('posted on a closed channel')
    for (const other of this.all) {
      if (other === this || other.name !== this.name) continue
      const copy = structuredClone(data)
      this.later(() => {
        if (this.all.has(other)) other.dispatchEvent(new MessageEvent('message', { data: copy }))
      })
    }
  }

  close(): void {
    this.all.delete(this)
  }
}
