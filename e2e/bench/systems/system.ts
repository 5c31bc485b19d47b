/** What the benchmarks ask of every store that they measure; all of it runs in a tab. */
export interface System {
  /** Resolves once all that this tab keeps of the room on its disk is in memory. Asks nobody yet. */
  open(room: string, tab: TabName): Promise<Store>
}

export type TabName = 'a' | 'b'

export interface Store {
  /** Visible here at once; resolves when it is on disk, where the system can tell. */
  set(key: string, value: string): Promise<void>
  /** As one batch. */
  setMany(entries: readonly (readonly [string, string])[]): Promise<void>
  /** One by one. */
  deleteAll(keys: readonly string[]): Promise<void>
  get(key: string): string | undefined
  /** The keys that changed, whoever changed them. */
  onChange(listener: (keys: Iterable<string>) => void): void
  /** Resolves when the link to the other tab of the room is open, or on its way: `b` dials. */
  connect(): Promise<void>
  disconnect(): void
}
