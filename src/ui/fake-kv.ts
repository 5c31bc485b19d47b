/** A store in one object, for tests of the page's own modules: no disk, no peers, last write wins unless told otherwise. */
import { KvError } from '../core/errors'
import type {
  ChangeListener,
  ImportReport,
  Inspection,
  Json,
  Kv,
  MergePolicy,
  Origin,
  Peer,
  RemovedValue,
  Snapshot,
  Status,
  VersionView,
} from '../runtime/contract'

export class FakeKv implements Kv {
  readonly node = { id: 'me', name: 'amber-otter' }
  readonly room = { code: 'lobby', link: 'http://localhost:9000/#lobby' }
  readonly versionsByKey = new Map<string, VersionView[]>()
  peerList: Peer[] = []
  removedList: RemovedValue[] = []
  statusNow: Status = {
    online: true,
    signaling: 'up',
    linked: 0,
    inSync: false,
    size: 0,
    digest: '00',
    clock: {},
    unsaved: 0,
    removed: 0,
    storage: 'best-effort',
  }
  closed = false
  readonly #counterByActor = new Map<string, number>()
  readonly #listeners = new Set<ChangeListener>()
  readonly #watchers = new Set<() => void>()

  get size(): number {
    return this.versionsByKey.size
  }

  async set(key: string, value: Json, options: { merge?: MergePolicy } = {}): Promise<void> {
    this.#open()
    if (key === '') throw new KvError('bad-key', 'a key is 1 to 1,024 bytes long')
    this.write(this.node.id, key, value, { merge: options.merge ?? 'auto' })
  }

  async setMany(entries: Iterable<readonly [string, Json]>): Promise<void> {
    for (const [key, value] of entries) await this.set(key, value)
  }

  get(key: string): Json | undefined {
    this.#open()
    return this.versionsByKey.get(key)?.[0]?.value
  }

  has(key: string): boolean {
    return this.versionsByKey.has(key)
  }

  async delete(key: string): Promise<boolean> {
    const there = this.versionsByKey.delete(key)
    if (there) this.tell([key], 'local')
    return there
  }

  keys({ prefix = '', conflicts = false }: { prefix?: string; conflicts?: boolean } = {}): string[] {
    const shown = (key: string) => !conflicts || (this.versionsByKey.get(key)?.length ?? 0) > 1
    return [...this.versionsByKey.keys()].filter((key) => key.startsWith(prefix) && shown(key)).sort()
  }

  entries(): [string, Json][] {
    return this.keys().map((key) => [key, this.get(key) ?? null])
  }

  inspect(key: string): Inspection | undefined {
    const versions = this.versionsByKey.get(key)
    const first = versions?.[0]
    if (!versions || !first) return undefined
    const clock: Record<string, number> = {}
    for (const version of versions) {
      for (const [actor, counter] of Object.entries(version.clock)) {
        clock[actor] = Math.max(clock[actor] ?? 0, counter)
      }
    }
    return { key, value: first.value, conflict: versions.length > 1, clock, versions }
  }

  subscribe(listener: ChangeListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  watch(listener: () => void): () => void {
    this.#watchers.add(listener)
    return () => this.#watchers.delete(listener)
  }

  peers(): Peer[] {
    return this.peerList
  }

  status(): Status {
    return { ...this.statusNow, size: this.size, removed: this.removed().length }
  }

  goOffline(): void {
    this.change({ online: false })
  }

  goOnline(): void {
    this.change({ online: true })
  }

  removed(): RemovedValue[] {
    return this.removedList.filter(({ key }) => !this.has(key))
  }

  async restore(keys?: Iterable<string>): Promise<string[]> {
    const wanted = keys && new Set(keys)
    const restored = this.removed().filter(({ key }) => wanted?.has(key) ?? true)
    for (const { key, value } of restored) await this.set(key, value)
    return restored.map(({ key }) => key)
  }

  async exportSnapshot(): Promise<Snapshot> {
    throw new KvError('bad-option', 'the fake has no snapshots')
  }

  async previewImport(): Promise<ImportReport> {
    throw new KvError('bad-snapshot', 'the fake has no snapshots')
  }

  async importSnapshot(): Promise<ImportReport> {
    throw new KvError('bad-snapshot', 'the fake has no snapshots')
  }

  async leave(): Promise<void> {
    this.closed = true
  }

  async forget(): Promise<void> {
    this.closed = true
    this.versionsByKey.clear()
  }

  /** A write by any node; `beside` keeps the versions that are there, as concurrent ones. */
  write(
    writer: string,
    key: string,
    value: Json,
    { beside = false, at = 0, merge = 'auto' }: { beside?: boolean; at?: number; merge?: MergePolicy } = {},
  ): void {
    const actor = `${writer}.1`
    const counter = (this.#counterByActor.get(actor) ?? 0) + 1
    this.#counterByActor.set(actor, counter)
    const siblings = beside ? (this.versionsByKey.get(key) ?? []) : []
    const past = beside ? {} : (this.inspect(key)?.clock ?? {})
    const version: VersionView = {
      value,
      writer,
      dot: [actor, counter],
      clock: { ...past, [actor]: counter },
      writtenAt: new Date(at).toISOString(),
      merge,
      winner: false,
    }
    const versions = [...siblings, version].sort((a, b) => (a.writtenAt < b.writtenAt ? 1 : -1))
    this.versionsByKey.set(
      key,
      versions.map((one, index) => ({ ...one, winner: index === 0 })),
    )
    this.tell([key], writer === this.node.id ? 'local' : 'peer')
  }

  change(status: Partial<Status>): void {
    this.statusNow = { ...this.statusNow, ...status }
    for (const watcher of this.#watchers) watcher()
  }

  tell(keys: readonly string[], origin: Origin): void {
    for (const listener of this.#listeners) listener(new Set(keys), origin)
  }

  #open(): void {
    if (this.closed) throw new KvError('closed', 'the room was left')
  }
}
