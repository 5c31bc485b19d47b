/** The handle's parts with memory for disk and network, and time that the test moves. */
import { MemoryDisk, MemoryStorage } from '../adapters/memory/storage'
import { MemoryNetwork } from '../adapters/memory/transport'
import { type KvHandle, openKv } from './kv'
import type { Clock, Random, Slot, Slots } from './ports'

/** Time stands still until `advance`. */
class TestClock implements Clock {
  /** How long each look at the clock takes, in milliseconds: above 8, long work is never done in one slice. */
  lookMs = 0
  private time = 1_000_000
  private timers: { at: number; callback: () => void }[] = []
  now = () => 1_700_000_000_000 + this.time
  steady = () => (this.time += this.lookMs)
  pause = () => Promise.resolve()
  wake = (delayMs: number, callback: () => void) => {
    const timer = { at: this.time + delayMs, callback }
    this.timers.push(timer)
    return () => void (this.timers = this.timers.filter((other) => other !== timer))
  }

  advance(ms: number): void {
    const until = this.time + ms
    for (;;) {
      const due = this.timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0]
      if (due === undefined) break
      this.timers = this.timers.filter((timer) => timer !== due)
      this.time = Math.max(this.time, due.at)
      due.callback()
    }
    this.time = until
  }
}

class TestRandom implements Random {
  private state: number
  constructor(seed: number) {
    this.state = seed
  }
  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => {
      this.state = (Math.imul(this.state, 1_664_525) + 1_013_904_223) >>> 0
      return this.state >>> 24
    })
  }
}

/** A browser with one slot a tab name: its disk and witness outlive the tabs. */
export class TestBrowser implements Slots {
  disk = new MemoryDisk()
  testimony: string | undefined
  lost: ((why: 'taken' | 'forgotten') => void) | undefined
  others: Slot['others'] = () => Promise.resolve([])
  persisted = false
  /** Slots that were opened, ever, and those of them that are not released. */
  slotsOpened = 0
  readonly slotsHeld = new Set<number>()
  /** What the next slot waits for. */
  beforeOpening: Promise<void> = Promise.resolve()

  constructor(
    public nodeId: string,
    private readonly hasDisk = true,
  ) {}

  /** The same profile on another disk, as it is now: an image to go back to, or a clone. */
  copy(): TestBrowser {
    const copy = new TestBrowser(this.nodeId, this.hasDisk)
    copy.disk = this.disk.copy()
    copy.testimony = this.testimony
    return copy
  }

  async open(): Promise<Slot> {
    await this.beforeOpening
    const slot = ++this.slotsOpened
    this.slotsHeld.add(slot)
    return {
      nodeId: this.nodeId,
      renameNode: (nodeId) => {
        this.nodeId = nodeId
        return Promise.resolve()
      },
      storage: this.hasDisk ? new MemoryStorage(this.disk) : undefined,
      witness: { read: () => this.testimony, write: (text) => void (this.testimony = text) },
      persisted: this.persisted,
      others: () => this.others(),
      onOtherFree: () => () => undefined,
      onLost: (listener) => {
        this.lost = listener
        return () => (this.lost = undefined)
      },
      release: () => {
        this.slotsHeld.delete(slot)
        return Promise.resolve()
      },
      forget: () => Promise.resolve(),
    }
  }
}

export class World {
  readonly network = new MemoryNetwork()
  readonly clock = new TestClock()
  readonly opened: KvHandle[] = []
  private seed = 1

  async open(browser: TestBrowser): Promise<KvHandle> {
    const kv = await openKv({
      slots: browser,
      transport: this.network.transport(`member-${browser.nodeId}-${this.seed}`),
      clock: this.clock,
      random: new TestRandom(this.seed++),
      proofKey: new Uint8Array(32),
      roomId: 'room',
      room: { code: 'room', link: 'https://example.org/#room' },
    })
    this.opened.push(kv)
    return kv
  }

  /** Lets messages, disk and microtasks go on until nothing moves, then time, so often. */
  async settle(rounds = 12, ms = 500): Promise<void> {
    for (let round = 0; round < rounds; round++) {
      for (let turn = 0; turn < 20; turn++) {
        this.network.run()
        await new Promise((resolve) => setImmediate(resolve))
      }
      this.clock.advance(ms)
    }
  }
}
