/** What of the browser the slots use; tests put their own in its place. Absent is what this browser doesn't offer. */
import { type TextStore, textStore } from './text-store'

export interface Environment {
  indexedDB: IDBFactory | undefined
  locks: LockManager | undefined
  storage: Pick<StorageManager, 'persist' | 'persisted'> | undefined
  local: TextStore
  session: TextStore
  /** Where `pagehide` and `pageshow` are fired. */
  page: EventTarget
  channel(name: string): BroadcastChannel
}

export function browserEnvironment(): Environment {
  return {
    indexedDB: offered(() => globalThis.indexedDB),
    locks: offered(() => navigator.locks),
    storage: offered(() => navigator.storage),
    local: textStore(() => localStorage),
    session: textStore(() => sessionStorage),
    page: globalThis,
    channel: (name) => new BroadcastChannel(name),
  }
}

/** Browsers hide what they forbid, or throw where it is touched. */
function offered<T>(touch: () => T | undefined): T | undefined {
  try {
    return touch() ?? undefined
  } catch {
    return undefined
  }
}
