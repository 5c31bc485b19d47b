/** Fofoca as embedders get it: the production build's `kv.js`, served by the real server. */
import type { Kv, OpenOptions } from '../../../src/runtime/contract'
import type { Store, System } from './system'

const KV_MODULE = '/kv.js'
const { open } = (await import(/* @vite-ignore */ KV_MODULE)) as {
  open: (options: OpenOptions) => Promise<Kv>
}

export const fofoca: System = {
  open: async (room) => new FofocaStore(await open({ room })),
}

class FofocaStore implements Store {
  constructor(private readonly kv: Kv) {}

  set(key: string, value: string): Promise<void> {
    return this.kv.set(key, value)
  }

  setMany(entries: readonly (readonly [string, string])[]): Promise<void> {
    return this.kv.setMany(entries)
  }

  async deleteAll(keys: readonly string[]): Promise<void> {
    await Promise.all(keys.map((key) => this.kv.delete(key)))
  }

  get(key: string): string | undefined {
    return this.kv.get(key) as string | undefined
  }

  onChange(listener: (keys: Iterable<string>) => void): void {
    this.kv.subscribe(listener)
  }

  /** It finds its peers by itself, from the moment it is open. */
  connect(): Promise<void> {
    this.kv.goOnline()
    return Promise.resolve()
  }

  disconnect(): void {
    this.kv.goOffline()
  }
}
