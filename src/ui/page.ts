/** What the page needs of the composition root, and all that it knows of the world beside `Kv`. */
import type { Condition, Kv } from '../runtime/contract'

/** A room that was opened on this device. */
export interface RoomEntry {
  code: string
  /** Milliseconds since 1970. */
  lastUsed: number
  /** Number of keys when it was last open. */
  size: number
}

/** Why a room closed without being asked to in this tab. */
export type EndReason = 'forgotten' | 'taken'

export interface RoomSession {
  kv: Kv
  /** As `kv.status()`, at no cost, while the room is open. */
  condition: () => Condition
  /** Resolves when the room ends by itself; never, if it is left by `kv.leave` or `kv.forget`. */
  ended: Promise<EndReason>
}

export interface Page {
  /** Opens a room; resolves once the data on disk is loaded. Aborted, it rejects with `cancelled`. */
  open(room: string, signal: AbortSignal): Promise<RoomSession>
  rooms: {
    list(): readonly RoomEntry[]
    /** Erases this browser's replicas of a room, whether it is open in other tabs or not. */
    forget(code: string): Promise<void>
    /** Calls back when the list has changed; returns a stop function. */
    subscribe(listener: () => void): () => void
  }
  newRoomCode(): string
  /** The room that an address' fragment names, `lobby` for an empty one; throws `KvError`. */
  roomFromFragment(hash: string): string
  /** The human name of a node, a function of its id. */
  nodeName(nodeId: string): string
  server: { lobby: boolean }
}
