/**
 * `localStorage` and `sessionStorage`, which may be missing, forbidden or full. What is kept there is never needed
 * to go on, so nothing here throws; a text that can't be written is removed, for a stale one could mislead.
 */
export interface TextStore {
  get(key: string): string | undefined
  set(key: string, text: string): void
  remove(key: string): void
  removeAll(prefix: string): void
}

/** `open` gives the browser's store; that alone may throw. */
export function textStore(open: () => Storage): TextStore {
  const attempt = <T>(work: (store: Storage) => T): T | undefined => {
    try {
      return work(open())
    } catch {
      return undefined // as documented above
    }
  }
  const remove = (key: string) => attempt((store) => store.removeItem(key))
  return {
    get: (key) => attempt((store) => store.getItem(key)) ?? undefined,
    set: (key, text) => {
      const isWritten = attempt((store) => {
        store.setItem(key, text)
        return true
      })
      if (!isWritten) remove(key)
    },
    remove,
    removeAll: (prefix) => {
      const keys = attempt((store) => Object.keys(store)) ?? []
      for (const key of keys) if (key.startsWith(prefix)) remove(key)
    },
  }
}
