/**
 * A replica's witness in `localStorage`: apart from IndexedDB, so that it notices a database that went back, and
 * synchronous, so that it is written before the page can vanish.
 */
import type { Witness } from '../../runtime/ports'
import type { TextStore } from './text-store'

export function witness(store: TextStore, roomId: string, slot: number): Witness {
  const key = `${prefix(roomId)}${slot}`
  return { read: () => store.get(key), write: (text) => store.set(key, text) }
}

/** Of every replica of the room. */
export function removeWitnesses(store: TextStore, roomId: string): void {
  store.removeAll(prefix(roomId))
}

/** A browser that keeps nothing has nothing that could go back. */
export const NO_WITNESS: Witness = { read: () => undefined, write: () => undefined }

function prefix(roomId: string): string {
  return `fofoca/witness/${roomId}/`
}
