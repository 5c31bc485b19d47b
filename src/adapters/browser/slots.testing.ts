/** A browser for the tests of slots: its locks, its tabs' channels and stores, its disk, and a clock that stands until told. */
import { IDBFactory } from 'fake-indexeddb'
import type { Clock, Random } from '../../runtime/ports'
import type { Environment } from './environment'
import { BrowserSlots } from './slots'
import { type TextStore, textStore } from './text-store'

export class FakeBrowser {
  readonly clock = new FakeClock()
  readonly factory = new IDBFactory()
  readonly local = memoryTexts()
  readonly #locks = new Locks()
  readonly #channels = new Set<FakeChannel>()
  readonly #hasLocks: boolean
  #seed = 0

  constructor({ hasLocks = true } = {}) {
    this.#hasLocks = hasLocks
  }

  /** A tab; given the session of another, the duplicate of that one, or itself after a reload. */
  tab(session: TextStore = memoryTexts(), more: Partial<Environment> = {}): FakeTab {
    const channels = new Set<FakeChannel>()
    const locks = this.#locks.inTab()
    const page = new EventTarget()
    const environment: Environment = {
      indexedDB: this.factory,
      locks: this.#hasLocks ? locks.manager : undefined,
      storage: undefined,
      local: this.local,
      session,
      page,
      channel: (name) => {
        const channel = new FakeChannel(name, this.#channels)
        channels.add(channel)
        return channel as unknown as BroadcastChannel
      },
      ...more,
    }
    return {
      session,
      page,
      slots: new BrowserSlots(this.clock, seededRandom((this.#seed += 1)), environment),
      freeze: () => channels.forEach((channel) => (channel.isFrozen = true)),
      crash: () => {
        channels.forEach((channel) => channel.close())
        locks.end()
      },
    }
  }
}

export interface FakeTab {
  session: TextStore
  page: EventTarget
  slots: BrowserSlots
  /** Hears nothing any more. */
  freeze(): void
  /** Ends without a word; the browser frees its locks. */
  crash(): void
}

export class FakeClock implements Clock {
  time = 1_700_000_000_000
  readonly #timers = new Map<() => void, number>()

  now(): number {
    return this.time
  }

  steady(): number {
    return this.time
  }

  wake(delayMs: number, callback: () => void): () => void {
    const timer = () => callback()
    this.#timers.set(timer, this.time + delayMs)
    return () => this.#timers.delete(timer)
  }

  pause(): Promise<void> {
    return settle()
  }

  get timers(): number {
    return this.#timers.size
  }

  advance(ms: number): void {
    this.time += ms
    for (const [timer, due] of [...this.#timers]) {
      if (due <= this.time && this.#timers.delete(timer)) timer()
    }
  }
}

/** Lets everything happen that waits for no clock. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 40; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

/** Lets time pass while something is under way. */
export async function passing<T>(browser: FakeBrowser, work: Promise<T>): Promise<T> {
  let isDone = false
  const end = () => (isDone = true)
  work.then(end, end)
  for (;;) {
    await settle()
    if (isDone) return work
    browser.clock.advance(100)
  }
}

export function memoryTexts(): TextStore {
  const texts = new Map<string, string>()
  const store = {
    getItem: (key: string) => texts.get(key) ?? null,
    setItem: (key: string, text: string) => texts.set(key, text),
    removeItem: (key: string) => texts.delete(key),
  }
  const proxy = new Proxy(store, {
    ownKeys: () => [...texts.keys()],
    getOwnPropertyDescriptor: () => ENUMERABLE,
  })
  return textStore(() => proxy as unknown as Storage)
}

const ENUMERABLE = { enumerable: true, configurable: true, value: undefined }

function seededRandom(seed: number): Random {
  let state = seed
  return {
    bytes: (count) =>
      Uint8Array.from({ length: count }, () => {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
        return state >>> 24
      }),
  }
}

class FakeChannel extends EventTarget {
  isFrozen = false

  constructor(
    readonly name: string,
    private readonly all: Set<FakeChannel>,
  ) {
    super()
    all.add(this)
  }

  postMessage(data: unknown): void {
    for (const other of this.all) {
      if (other === this || other.name !== this.name) continue
      setImmediate(() => {
        const isOpen = this.all.has(other) && !other.isFrozen
        if (isOpen) other.dispatchEvent(new MessageEvent('message', { data: structuredClone(data) }))
      })
    }
  }

  close(): void {
    this.all.delete(this)
  }
}

interface Request {
  name: string
  mode: LockMode
  tab: object
  grant(): void
}

/** Web Locks of one browser: first come, first served. */
class Locks {
  #held: Request[] = []
  #queue: Request[] = []

  inTab(): { manager: LockManager; end(): void } {
    const tab = {}
    const request = (name: string, options: LockOptions, callback: (lock: Lock | null) => unknown) =>
      this.#request(tab, name, options, callback)
    const query = () =>
      Promise.resolve({
        held: this.#held.map(({ name, mode }) => ({ name, mode })),
        pending: this.#queue.map(({ name, mode }) => ({ name, mode })),
      })
    return {
      manager: { request, query } as unknown as LockManager,
      end: () => {
        this.#held = this.#held.filter((each) => each.tab !== tab)
        this.#queue = this.#queue.filter((each) => each.tab !== tab)
        this.#grant()
      },
    }
  }

  #request(
    tab: object,
    name: string,
    { mode = 'exclusive', ifAvailable = false, signal }: LockOptions,
    callback: (lock: Lock | null) => unknown,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const request: Request = {
        name,
        mode,
        tab,
        grant: () => {
          const done = Promise.resolve(callback({ name, mode })).then(resolve, reject)
          void done.then(() => {
            this.#held = this.#held.filter((each) => each !== request)
            this.#grant()
          })
        },
      }
      if (ifAvailable && !this.#isAvailable(request, this.#queue)) {
        Promise.resolve(callback(null)).then(resolve, reject)
        return
      }
      this.#queue.push(request)
      signal?.addEventListener('abort', () => {
        if (!this.#queue.includes(request)) return
        this.#queue = this.#queue.filter((each) => each !== request)
        reject(signal.reason as Error)
        this.#grant()
      })
      this.#grant()
    })
  }

  #isAvailable(request: Request, before: readonly Request[]): boolean {
    return [...this.#held, ...before].every(
      ({ name, mode }) => name !== request.name || (mode === 'shared' && request.mode === 'shared'),
    )
  }

  #grant(): void {
    for (const request of [...this.#queue]) {
      const before = this.#queue.slice(0, this.#queue.indexOf(request))
      if (!this.#isAvailable(request, before)) continue
      this.#queue = this.#queue.filter((each) => each !== request)
      this.#held.push(request)
      setImmediate(() => this.#held.includes(request) && request.grant())
    }
  }
}
