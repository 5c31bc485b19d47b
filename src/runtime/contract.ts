/**
 * What embedders and the page may rely on: the store's public types, and nothing that runs.
 * DESIGN 2.3 is the text of this contract; `kv.ts` beside it keeps it.
 */
import type { KvErrorCode, PassedLimit } from '../core/errors'
import type { Json, MergePolicy } from '../core/store/value'
import type { Snapshot } from '../core/snapshot'

export type { Json, KvErrorCode, MergePolicy, PassedLimit, Snapshot }

/** Options of long work. Cancelled means that nothing has changed. `done` and `total` count entries. */
export interface Long {
  signal?: AbortSignal
  onProgress?: (done: number, total: number) => void
}

export interface OpenOptions {
  /** Room code: 1–256 UTF-8 bytes after percent-decoding and NFC. */
  room: string
  /** Address of the page's server; by default the one the page came from. */
  server?: string | URL
  /** STUN and TURN servers; read anew for each link, so that credentials in it may be renewed. By default none. */
  iceServers?: RTCIceServer[]
  /** `relay`: links go over TURN alone. */
  iceTransportPolicy?: RTCIceTransportPolicy
  /** Whether other tabs of this browser are linked without a network while the server can't be reached; so it is unless false. */
  nearby?: boolean
  signal?: AbortSignal
}

export type Origin = 'local' | 'peer' | 'import'
export type ChangeListener = (changedKeys: ReadonlySet<string>, origin: Origin) => void

export interface VersionView {
  value: Json
  /** The id of the node that wrote it. */
  writer: string
  dot: [actor: string, counter: number]
  /** What the writer had seen of this key, its own dot included. */
  clock: Record<string, number>
  /** ISO 8601, from the key's hybrid logical clock. */
  writtenAt: string
  merge: MergePolicy
  winner: boolean
}

/** A key with all its versions: winner first, then latest first. */
export interface Inspection {
  key: string
  value: Json
  conflict: boolean
  clock: Record<string, number>
  versions: VersionView[]
}

export type PeerState = 'connecting' | 'linked' | 'away' | 'lost'

export interface Peer {
  id: string
  name: string
  state: PeerState
  inSync: boolean
  rttMs?: number
  bytesIn: number
  bytesOut: number
}

export type StorageState = 'persistent' | 'best-effort' | 'memory' | 'failing'

export interface Status {
  online: boolean
  signaling: 'up' | 'down' | 'off'
  linked: number
  inSync: boolean
  size: number
  digest: string
  /** Per actor, the highest counter up to which nothing is missing. */
  clock: Record<string, number>
  /** Own writes that are not durable yet. */
  unsaved: number
  storage: StorageState
  /** Values that others removed and that `restore` can put back. */
  removed: number
  /** Entries that a neighbour is streaming to us now; absent if none is. */
  receiving?: { done: number; total: number }
  /** Nobody is linked, and it is not known yet who is here: the server's list is to come, or a first link. */
  connecting?: true
  /** A peer speaks a newer protocol than this page: it should be loaded anew. */
  updateNeeded?: true
  /** So many others are in the room, by the server's list, and this tab dialled them in vain, more than once. */
  unreachable?: number
  /** Somebody sat between this tab and a peer, such as the signaling server; that link was refused. */
  intercepted?: true
}

/** A value that others removed from the room, as it read, and that this browser can put back for 24 hours. */
export interface RemovedValue {
  key: string
  value: Json
  /** ISO 8601, by this browser's clock. */
  removedAt: string
  /**
   * `delete`: the node `by` deleted it. `claim`: it was gone when we met the node `by`. `tab`: it was gone in another
   * tab of this browser, closed by then. `import`: by a file that was imported here.
   */
  how: 'delete' | 'claim' | 'tab' | 'import'
  /** A node's id. */
  by?: string
}

/** What of the status is at hand at any time. The digest is made of every value, which takes long after many changes. */
export type Condition = Omit<Status, 'digest'>

/**
 * `added`, `updated` and `removed` speak of what a key reads as. `conflicts`: keys that come to have more than one
 * version, or more of them than before, whatever other list they are in. `unchanged`: keys of the file in no list.
 * `bytes`: UTF-8 size of the file's canonical JSON.
 */
export interface ImportReport {
  added: string[]
  updated: string[]
  removed: string[]
  conflicts: string[]
  unchanged: number
  bytes: number
}

export interface Kv {
  readonly node: { readonly id: string; readonly name: string }
  readonly room: { readonly code: string; readonly link: string }
  set(key: string, value: Json, options?: { merge?: MergePolicy }): Promise<void>
  setMany(entries: Iterable<readonly [string, Json]>, options?: { merge?: MergePolicy } & Long): Promise<void>
  get(key: string): Json | undefined
  has(key: string): boolean
  delete(key: string): Promise<boolean>
  /** Sorted by code unit. `conflicts`: only keys of more than one version. */
  keys(options?: { prefix?: string; conflicts?: boolean }): string[]
  entries(options?: { prefix?: string }): [string, Json][]
  readonly size: number
  inspect(key: string): Inspection | undefined
  subscribe(listener: ChangeListener): () => void
  watch(listener: () => void): () => void
  peers(): Peer[]
  status(): Status
  goOffline(): void
  goOnline(): void
  /**
   * What others removed, latest first: values that were visible here and went by another's delete, by what a peer
   * claimed, or by an imported file; not own deletes, and not what a newer value took the place of. Kept for 24 hours,
   * at most 10,000 values or 32 MiB (the oldest make room), in this browser only; also across a reload.
   */
  removed(): RemovedValue[]
  /**
   * Puts back what `removed` lists, all of it or these keys, as new writes of this node, in one commit. Others that are
   * named are skipped, those that have a value again among them. Resolves with the keys that were put back, when they
   * are on disk. Rejects as `set` does.
   */
  restore(keys?: Iterable<string>): Promise<string[]>
  exportSnapshot(options?: Long): Promise<Snapshot>
  previewImport(file: string | Blob | object, options?: Long): Promise<ImportReport>
  importSnapshot(file: string | Blob | object, options?: Long): Promise<ImportReport>
  leave(): Promise<void>
  forget(): Promise<void>
}
