/**
 * `localStorage` and `sessionStorage`, which may be missing, forbidden or full. What is kept there is never needed
 * to go on, so nothing here throws; a text that can't be set is removed, for a stale one could mislead.
 */
export interface TextStore {
  get(key: string): string | undefined
  set(key: string, text: string): void
  /** As `set`, but what was there stays if it can't be written: better stale than none. */
  update(key: string, text: string): void
  /** Of those that begin so, in no order. */
  keys(prefix: string): string[]
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
  const write = (key: string, text: string) =>
    attempt((store) => {
      store.setItem(key, text)
      return true
    }) ?? false
  const remove = (key: string) => attempt((store) => store.removeItem(key))
  const keys = (prefix: string) =>
    attempt((store) => Object.keys(store).filter((key) => key.startsWith(prefix))) ?? []
  return {
    get: (key) => attempt((store) => store.getItem(key)) ?? undefined,
    set: (key, text) => {
      if (!write(key, text)) remove(key)
    },
    update: write,
    keys,
    remove,
    removeAll: (prefix) => {
      for (const key of keys(prefix)) remove(key)
    },
  }
}
