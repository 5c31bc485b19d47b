/**
 * The rooms that were opened on this device, in `localStorage` and nowhere else, so that closing a tab never loses a
 * room whose code nobody remembers.
 */
import type { Clock } from '../../runtime/ports'
import { BrowserClock } from './clock'
import { type TextStore, textStore } from './text-store'

export interface ListedRoom {
  code: string
  /** Milliseconds since 1970. */
  lastUsed: number
  /** Keys when it was last open. */
  size: number
}

const KEY = 'fofoca/rooms'

/** Beyond it, the room that was used least recently is no longer listed. Nothing of it is erased. */
const ROOMS_MAX = 1_000

/** While a room changes it is written at most this often, in milliseconds. */
const TOUCH_EVERY_MS = 1_000

export class RoomList {
  readonly #listeners = new Set<() => void>()
  /** Rooms touched a moment ago, with what is still to be written of them. */
  readonly #sizeByCode = new Map<string, number | undefined>()

  constructor(
    private readonly store: TextStore = textStore(() => localStorage),
    private readonly clock: Clock = new BrowserClock(),
    /** Where other tabs' changes are fired, as `storage`. */
    private readonly page: EventTarget = globalThis,
  ) {}

  /** Latest first. */
  list(): readonly ListedRoom[] {
    return parse(this.store.get(KEY)).sort((a, b) => b.lastUsed - a.lastUsed)
  }

  /** The room is in use and has so many keys. Cheap: may be called at each change. */
  touch(code: string, size: number): void {
    if (this.#sizeByCode.has(code)) {
      this.#sizeByCode.set(code, size)
      return
    }
    this.#sizeByCode.set(code, undefined)
    this.#write([{ code, lastUsed: this.clock.now(), size }, ...this.#without(code)].slice(0, ROOMS_MAX))
    this.clock.wake(TOUCH_EVERY_MS, () => {
      const later = this.#sizeByCode.get(code)
      this.#sizeByCode.delete(code)
      // Another tab may have forgotten it meanwhile.
      if (later !== undefined && this.#lists(code)) this.touch(code, later)
    })
  }

  forget(code: string): void {
    if (this.#sizeByCode.has(code)) this.#sizeByCode.set(code, undefined)
    this.#write(this.#without(code))
  }

  /** Calls back when the list has changed, in whatever tab. Returns a stop function. */
  subscribe(listener: () => void): () => void {
    const onStorage = (event: Event) => {
      const { key } = event as StorageEvent
      if (key === KEY || key === null) listener()
    }
    this.#listeners.add(listener)
    this.page.addEventListener('storage', onStorage)
    return () => {
      this.#listeners.delete(listener)
      this.page.removeEventListener('storage', onStorage)
    }
  }

  #lists(code: string): boolean {
    return this.list().some((room) => room.code === code)
  }

  #without(code: string): ListedRoom[] {
    return this.list().filter((room) => room.code !== code)
  }

  #write(rooms: readonly ListedRoom[]): void {
    this.store.set(KEY, JSON.stringify(rooms))
    for (const listener of [...this.#listeners]) listener()
  }
}

/** Whatever is no room is left out: another release, or a person, may have written there. */
function parse(text: string | undefined): ListedRoom[] {
  try {
    const rooms: unknown = JSON.parse(text ?? '[]')
    return Array.isArray(rooms) ? rooms.filter(isRoom) : []
  } catch {
    return []
  }
}

function isRoom(value: unknown): value is ListedRoom {
  const room = value as Partial<ListedRoom> | null
  return typeof room?.code === 'string' && Number.isFinite(room.lastUsed) && Number.isSafeInteger(room.size)
}
