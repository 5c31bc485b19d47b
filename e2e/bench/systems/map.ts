/** A `Map` and nothing else: what the strings alone weigh. */
import type { Store, System } from './system'

export const plainMap: System = {
  open: () => Promise.resolve(new MapStore()),
}

class MapStore implements Store {
  private readonly map = new Map<string, string>()

  set(key: string, value: string): Promise<void> {
    this.map.set(key, value)
    return Promise.resolve()
  }

  setMany(entries: readonly (readonly [string, string])[]): Promise<void> {
    for (const [key, value] of entries) this.map.set(key, value)
    return Promise.resolve()
  }

  deleteAll(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.map.delete(key)
    return Promise.resolve()
  }

  get(key: string): string | undefined {
    return this.map.get(key)
  }

  onChange(): void {}

  connect(): Promise<void> {
    return Promise.resolve()
  }

  disconnect(): void {}
}
