/**
 * The rooms that were opened on this device, in `localStorage` and nowhere else, so that closing a tab never loses a
 * room whose code nobody remembers. Each has a text of its own: of one that they shared, two tabs that write at once
 * would keep what one of them wrote.
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

const PREFIX = 'fofoca/room/'

/** Where the first release kept them all. */
const FORMER_KEY = 'fofoca/rooms'

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
  ) {
    for (const room of formerRooms(store.get(FORMER_KEY))) if (!this.#lists(room.code)) this.#write(room)
    store.remove(FORMER_KEY)
  }

  /** Latest first. */
  list(): readonly ListedRoom[] {
    const rooms = this.store.keys(PREFIX).map((key) => parse(key, this.store.get(key)))
    return rooms.filter((room) => room !== undefined).sort((a, b) => b.lastUsed - a.lastUsed)
  }

  /** The room is in use and has so many keys. Cheap: may be called at each change. */
  touch(code: string, size: number): void {
    if (this.#sizeByCode.has(code)) {
      this.#sizeByCode.set(code, size)
      return
    }
    this.#sizeByCode.set(code, undefined)
    this.#write({ code, lastUsed: this.clock.now(), size })
    for (const { code: old } of this.list().slice(ROOMS_MAX)) this.store.remove(PREFIX + old)
    this.#tell()
    this.clock.wake(TOUCH_EVERY_MS, () => {
      const later = this.#sizeByCode.get(code)
      this.#sizeByCode.delete(code)
      // Another tab may have forgotten it meanwhile.
      if (later !== undefined && this.#lists(code)) this.touch(code, later)
    })
  }

  forget(code: string): void {
    if (this.#sizeByCode.has(code)) this.#sizeByCode.set(code, undefined)
    this.store.remove(PREFIX + code)
    this.#tell()
  }

  /** Calls back when the list has changed, in whatever tab. Returns a stop function. */
  subscribe(listener: () => void): () => void {
    const onStorage = (event: Event) => {
      const { key } = event as StorageEvent
      if (key === null || key.startsWith(PREFIX)) listener()
    }
    this.#listeners.add(listener)
    this.page.addEventListener('storage', onStorage)
    return () => {
      this.#listeners.delete(listener)
      this.page.removeEventListener('storage', onStorage)
    }
  }

  #lists(code: string): boolean {
    return this.store.get(PREFIX + code) !== undefined
  }

  #write({ code, ...use }: ListedRoom): void {
    this.store.update(PREFIX + code, JSON.stringify(use))
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener()
  }
}

/** Undefined for what is no room: another release, or a person, may have written there. */
function parse(key: string, text: string | undefined): ListedRoom | undefined {
  const use: unknown = parseJson(text)
  const room = { ...(use as ListedRoom | null), code: key.slice(PREFIX.length) }
  return isRoom(room) ? room : undefined
}

function formerRooms(text: string | undefined): ListedRoom[] {
  const rooms: unknown = parseJson(text)
  return Array.isArray(rooms) ? rooms.filter(isRoom) : []
}

function parseJson(text = 'null'): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isRoom(value: unknown): value is ListedRoom {
  const room = value as Partial<ListedRoom> | null
  return typeof room?.code === 'string' && Number.isFinite(room.lastUsed) && Number.isSafeInteger(room.size)
}
