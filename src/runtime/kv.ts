/**
 * The store's handle: what embedders and the page hold (contract.ts). It checks what comes in, turns it into
 * inputs of the driver, and answers from the replica in memory.
 */
import type { Actor } from '../core/causality/dot'
import { nodeOf } from '../core/causality/dot'
import { joinDot, vectorEntries, type VersionVector } from '../core/causality/version-vector'
import { effectsOfState } from '../core/codec/record'
import { KvError } from '../core/errors'
import { joinFragment } from '../core/store/fragment'
import { mergedValue, sortLatestFirst, winnerOf } from '../core/store/merge'
import { Replica } from '../core/store/replica'
import { encodeSnapshotSteps } from '../core/snapshot'
import { decodeImportSteps, type ImportedFile } from '../core/snapshot-import'
import { fileTooLarge } from '../core/json-file'
import { SNAPSHOT_BYTES_MAX } from '../core/limits'
import { equal, type Key, parseKey, parseValue } from '../core/store/value'
import type { Steps } from '../core/steps'
import type { Version } from '../core/store/version'
import { type Binding, bind, carriedState, mergeOthers, type Parts, unreadable } from './binding'
import type {
  Condition,
  ChangeListener,
  ImportReport,
  Inspection,
  Json,
  Kv,
  Long,
  MergePolicy,
  Origin,
  Peer,
  RemovedValue,
  Snapshot,
  Status,
  VersionView,
} from './contract'
import type { Driver } from './driver'
import { mintActor } from './identity'
import { importReport } from './import-report'
import { checkedListener, guarded } from './listener'
import { runSliced, throwIfCancelled } from './long'
import { nodeName } from './names'
import { conflictsOption, longOptions, mergeOption, prefixOption } from './options'
import { type Slot, type Slots, StorageError } from './ports'
import { removedViews, writesOfRemoved } from './removed'

export interface KvParts extends Parts {
  readonly slots: Slots
  readonly roomId: string
  readonly room: { readonly code: string; readonly link: string }
  /** Called once `forget` has erased the room. */
  readonly afterForget?: (code: string) => void
}

/** Why a room ended without being asked to in this tab. */
export type EndReason = 'forgotten' | 'taken'

/** Opens the room: resolves once what this browser keeps of it is in memory. */
export async function openKv(parts: KvParts, signal?: AbortSignal): Promise<KvHandle> {
  throwIfCancelled(signal)
  const kv = new KvHandle(parts)
  try {
    await kv.start(signal)
    throwIfCancelled(signal)
  } catch (error) {
    await kv.leave()
    throw signal?.aborted === true ? cancelled(signal) : error
  }
  return kv
}

function cancelled(signal: AbortSignal): KvError {
  return new KvError('cancelled', 'cancelled: the room was not opened', { cause: signal.reason })
}

export class KvHandle implements Kv {
  readonly room: { readonly code: string; readonly link: string }
  /** Resolves when the room ends by itself; never, if it is left by `leave` or `forget`. */
  readonly ended: Promise<EndReason>
  private end!: (why: EndReason) => void
  /** Resolves when the room begins to be left, by whatever. */
  readonly left: Promise<void>
  private tellLeft!: () => void
  private bound: Binding | undefined
  private leaving: Promise<void> | undefined
  private rebinding: Promise<void> | undefined
  private readonly changeListeners = new Set<ChangeListener>()
  private readonly stateListeners = new Set<() => void>()
  private stopListening: (() => void)[] = []
  private watchQueued = false
  private suspended = false

  constructor(private readonly parts: KvParts) {
    this.room = Object.freeze({ ...parts.room })
    this.ended = new Promise((resolve) => (this.end = resolve))
    this.left = new Promise((resolve) => (this.tellLeft = resolve))
  }

  /** Loads, merges what closed tabs left, and goes online. Called once, by `openKv`. */
  async start(signal?: AbortSignal): Promise<void> {
    await this.bindSlot(signal)
    const { driver } = this.binding()
    driver.goOnline()
  }

  private async bindSlot(signal?: AbortSignal): Promise<void> {
    const slot = await this.openSlot(signal)
    if (this.leaving !== undefined) return slot.release()
    try {
      this.bound = await bind(slot, this.parts, {
        changed: (keys, origin) => this.tellChanged(keys, origin),
        stateChanged: () => this.tellState(),
        fenced: () => this.rebind(),
      })
    } catch (error) {
      await slot.release()
      throw error
    }
    if (this.leaving !== undefined) return
    const { bound } = this
    this.stopListening = [
      slot.onOtherFree(() => void mergeOthers(bound)),
      slot.onLost((why) => (why === 'forgotten' ? this.endBy('forgotten') : this.rebind())),
    ]
    await mergeOthers(bound)
  }

  private async openSlot(signal: AbortSignal | undefined): Promise<Slot> {
    try {
      return await this.parts.slots.open(this.parts.roomId, signal)
    } catch (cause) {
      throw cause instanceof StorageError ? unreadable(cause) : cause
    }
  }

  /** Another tab took our slot while this one slept: go on as another replica, with all that we have. */
  private rebind(): void {
    const lost = this.bound
    if (lost === undefined) return
    const before = this.rebinding ?? Promise.resolve()
    const own: Promise<void> = before
      .then(() => this.replace(lost))
      .finally(() => {
        if (this.rebinding === own) this.rebinding = undefined
      })
    this.rebinding = own
  }

  /** Whoever leaves meanwhile waits for it, and closes what is bound then. */
  private async replace(lost: Binding): Promise<void> {
    if (this.bound !== lost || this.leaving !== undefined) return
    this.bound = undefined
    this.unlisten()
    const { online } = lost.driver
    await lost.driver.close()
    await lost.slot.release()
    this.bound = lost // readable until the new one is there
    if (this.leaving !== undefined) return
    try {
      await this.bindSlot()
    } catch (error) {
      if (this.leaving !== undefined) return
      console.error('fofoca: no other replica could be opened', error)
      this.endBy('taken')
      return
    }
    if (this.leaving !== undefined) return
    const { driver } = this.binding()
    const fragment = carriedState(lost, mintActor(lost.node.nodeId, this.parts.random))
    driver.input({ type: 'join', fragment, origin: 'local' })
    if (online) driver.goOnline()
    this.tellState()
  }

  private endBy(why: EndReason): void {
    void this.leave()
    this.end(why)
  }

  // Writing

  async set(key: string, value: Json, options: { merge?: MergePolicy } = {}): Promise<void> {
    const { driver } = this.binding()
    const write = { key: parseKey(key), value: parseValue(value) }
    const merge = mergeOption(options)
    const wallMs = this.parts.clock.now()
    await this.saved(driver, driver.input({ type: 'write', writes: [write], merge, wallMs, origin: 'local' }))
  }

  async setMany(
    entries: Iterable<readonly [string, Json]>,
    options: { merge?: MergePolicy } & Long = {},
  ): Promise<void> {
    this.binding()
    const merge = mergeOption(options)
    const long = longOptions(options)
    const checked = await runSliced(checkEntries(entries), this.parts.clock, long)
    await this.writeAll(checked, merge, 'local')
    long.onProgress?.(checked.size, checked.size)
  }

  private async writeAll(
    entries: ReadonlyMap<Key, Json>,
    merge: MergePolicy,
    origin: 'local' | 'import',
  ): Promise<void> {
    const writes = Array.from(entries, ([key, value]) => ({ key, value }))
    const wallMs = this.parts.clock.now()
    const { driver } = this.binding()
    await this.saved(driver, driver.input({ type: 'write', writes, merge, wallMs, origin }))
  }

  async delete(key: string): Promise<boolean> {
    const { driver, node } = this.binding()
    const parsed = parseKey(key)
    if (node.replica.versions(parsed).length === 0) return false
    const writes = [{ key: parsed, value: undefined }]
    const wallMs = this.parts.clock.now()
    await this.saved(driver, driver.input({ type: 'write', writes, merge: 'auto', wallMs, origin: 'local' }))
    return true
  }

  async restore(keys?: Iterable<string>): Promise<string[]> {
    const { driver } = this.binding()
    const wallMs = this.parts.clock.now()
    const writes = writesOfRemoved(driver.undo, keys, wallMs)
    if (writes.length === 0) return []
    await this.saved(driver, driver.input({ type: 'write', writes, merge: 'auto', wallMs, origin: 'local' }))
    return writes.map(({ key }) => key)
  }

  private async saved(driver: Driver, sequence: number): Promise<void> {
    try {
      await driver.durable(sequence)
    } catch (cause) {
      if (!(cause instanceof StorageError)) throw cause
      throw new KvError(
        'not-saved',
        'not saved: this browser could not write to its disk; the value stays in this tab and goes to the peers',
        { cause },
      )
    }
  }

  // Reading

  get(key: string): Json | undefined {
    const versions = this.binding().node.replica.versions(parseKey(key))
    return versions.length === 0 ? undefined : mergedValue(versions)
  }

  has(key: string): boolean {
    return this.binding().node.replica.versions(parseKey(key)).length > 0
  }

  keys(options: { prefix?: string; conflicts?: boolean } = {}): string[] {
    const { replica } = this.binding().node
    const prefix = prefixOption(options)
    if (!conflictsOption(options)) return [...replica.keys(prefix)]
    return [...replica.conflicts()].filter((key) => key.startsWith(prefix)).sort() // by code unit, as texts are
  }

  entries(options: { prefix?: string } = {}): [string, Json][] {
    const { replica } = this.binding().node
    return replica.keys(prefixOption(options)).map((key) => [key, mergedValue(replica.versions(key))])
  }

  get size(): number {
    return this.binding().node.replica.entries().size
  }

  removed(): RemovedValue[] {
    return removedViews(this.binding().driver.undo, this.parts.clock.now())
  }

  inspect(key: string): Inspection | undefined {
    const { replica } = this.binding().node
    const parsed = parseKey(key)
    const versions = replica.versions(parsed)
    if (versions.length === 0) return undefined
    const winner = winnerOf(versions)
    return {
      key,
      value: mergedValue(versions),
      conflict: versions.length > 1,
      clock: recordOf(replica.clock(parsed)),
      versions: sortLatestFirst(versions).map((version): VersionView => ({
        value: version.value,
        writer: nodeOf(version.actor),
        dot: [version.actor, version.counter],
        clock: recordOf(joinDot(version.context, version)),
        writtenAt: new Date(version.time).toISOString(),
        merge: version.merge,
        winner: version === winner,
      })),
    }
  }

  // Watching

  subscribe(listener: ChangeListener): () => void {
    this.binding()
    checkedListener(listener)
    const own: ChangeListener = (keys, origin) => listener(keys, origin)
    this.changeListeners.add(own)
    return () => void this.changeListeners.delete(own)
  }

  watch(listener: () => void): () => void {
    this.binding()
    checkedListener(listener)
    const own = () => listener()
    this.stateListeners.add(own)
    return () => void this.stateListeners.delete(own)
  }

  peers(): Peer[] {
    const { node } = this.binding()
    return node
      .peers(this.parts.clock.steady())
      .map(({ nodeId, state, inSync, rttMs, bytesIn, bytesOut }) => ({
        id: nodeId,
        name: nodeName(nodeId),
        state,
        inSync,
        ...(rttMs === undefined ? {} : { rttMs }),
        bytesIn,
        bytesOut,
      }))
  }

  status(): Status {
    return { ...this.condition(), digest: this.binding().node.replica.digest() }
  }

  /** For a page that asks every frame. */
  condition(): Condition {
    const { driver, node, slot } = this.binding()
    const linked = node.peers(this.parts.clock.steady()).filter(({ state }) => state === 'linked')
    const { context } = node.replica
    const receiving = node.receiving()
    driver.undo.expire(this.parts.clock.now())
    const unreachable = node.unreachable()
    return {
      online: driver.online,
      signaling: driver.signalingNow,
      linked: linked.length,
      inSync: linked.length > 0 && linked.every(({ inSync }) => inSync),
      size: this.size,
      clock: Object.fromEntries(
        [...context.rows().keys()].map((actor) => [actor, context.gapFreeUpTo(actor)]),
      ),
      unsaved: driver.unsaved,
      removed: driver.undo.size,
      storage:
        slot.storage === undefined
          ? 'memory'
          : driver.failing
            ? 'failing'
            : slot.persisted
              ? 'persistent'
              : 'best-effort',
      ...(receiving === undefined ? {} : { receiving }),
      ...(driver.online && (driver.signalingNow === 'off' || node.isAwaiting()) ? { connecting: true } : {}),
      ...(unreachable > 0 ? { unreachable } : {}),
      ...(driver.updateNeeded ? { updateNeeded: true } : {}),
      ...(driver.intercepted ? { intercepted: true } : {}),
    }
  }

  goOffline(): void {
    void this.binding().driver.goOffline('offline')
  }

  goOnline(): void {
    this.binding().driver.goOnline()
  }

  // Files

  async exportSnapshot(options: Long = {}): Promise<Snapshot> {
    const { driver, node } = this.binding()
    const long = longOptions(options)
    const fragment = node.exportState()
    if (!driver.failing) await this.saved(driver, driver.latestSequence)
    const exportedAt = new Date(this.parts.clock.now()).toISOString()
    return runSliced(encodeSnapshotSteps(fragment, exportedAt), this.parts.clock, long)
  }

  async previewImport(file: string | Blob | object, options: Long = {}): Promise<ImportReport> {
    this.binding()
    const imported = await this.readFile(file, longOptions(options))
    const { node } = this.binding()
    const before = new Map(node.replica.entries())
    const copy = new Replica(0)
    copy.replay(effectsOfState(node.freeze()))
    if (imported.kind === 'snapshot') joinFragment(copy, imported.fragment)
    else putAll(copy, differing(imported, before), this.parts.clock.now())
    return importReport(imported, before, copy.entries(), copy.takeChangedKeys())
  }

  async importSnapshot(file: string | Blob | object, options: Long = {}): Promise<ImportReport> {
    this.binding()
    const long = longOptions(options)
    const imported = await this.readFile(file, long)
    throwIfCancelled(long.signal)
    const { node, driver } = this.binding()
    const before = new Map(node.replica.entries())
    const changed = new Set<Key>()
    const stop = this.subscribe((keys) => {
      for (const key of keys) changed.add(key as Key)
    })
    let sequence: number
    let after: ReadonlyMap<Key, readonly Version[]>
    try {
      const wallMs = this.parts.clock.now()
      if (imported.kind === 'snapshot') {
        sequence = driver.input({ type: 'join', fragment: imported.fragment, origin: 'import' })
      } else {
        const writes = differing(imported, before)
        sequence = driver.input({ type: 'write', writes, merge: 'auto', wallMs, origin: 'import' })
      }
      after = new Map(node.replica.entries())
    } finally {
      stop()
    }
    await this.saved(driver, sequence)
    return importReport(imported, before, after, changed)
  }

  private async readFile(file: string | Blob | object, long: Long): Promise<ImportedFile> {
    const raw = file instanceof Blob ? await readBlob(file, long) : file
    return runSliced(decodeImportSteps(raw), this.parts.clock, long)
  }

  // Leaving

  leave(): Promise<void> {
    this.leaving ??= this.unbind()
    return this.leaving
  }

  async forget(): Promise<void> {
    const slot = this.bound?.slot
    await this.leave()
    await (slot ?? (await this.parts.slots.open(this.parts.roomId))).forget()
    this.parts.afterForget?.(this.room.code)
  }

  private async unbind(): Promise<void> {
    this.tellLeft()
    this.unlisten()
    this.changeListeners.clear()
    this.stateListeners.clear()
    if (this.rebinding !== undefined) await this.rebinding
    const { bound } = this
    if (bound === undefined) return
    await bound.driver.close()
    await bound.slot.release()
  }

  private unlisten(): void {
    for (const stop of this.stopListening) stop()
    this.stopListening = []
  }

  // The page's life, for the composition root

  /** The page goes away, perhaps into a cache: say goodbye now, and write what is pending. */
  suspend(): void {
    if (this.leaving !== undefined || this.bound === undefined) return
    this.bound.node.expose() // another tab may read this slot's disk now
    this.suspended ||= this.bound.driver.online
    void this.bound.driver.goOffline('left')
    this.bound.driver.hurry()
  }

  /** The page is back from the cache. */
  resume(): void {
    if (this.leaving !== undefined) return
    if (this.suspended) this.bound?.driver.goOnline()
    this.suspended = false
    this.bound?.driver.probe()
  }

  /** The page may have slept: look whether everything is still there. */
  probe(): void {
    if (this.leaving === undefined) this.bound?.driver.probe()
  }

  get node(): { readonly id: string; readonly name: string } {
    const id = this.bound?.node.nodeId ?? ''
    return { id, name: nodeName(id) }
  }

  get closed(): boolean {
    return this.leaving !== undefined
  }

  private binding(): Binding {
    if (this.leaving !== undefined || this.bound === undefined)
      throw new KvError('closed', 'this room was left')
    return this.bound
  }

  private tellChanged(keys: ReadonlySet<string>, origin: Origin): void {
    for (const listener of [...this.changeListeners]) guarded(() => listener(keys, origin))
  }

  /** At most once a microtask, since one input often changes several things that people look at. */
  private tellState(): void {
    if (this.watchQueued) return
    this.watchQueued = true
    queueMicrotask(() => {
      this.watchQueued = false
      for (const listener of [...this.stateListeners]) guarded(listener)
    })
  }
}

/** All of it, checked; a later duplicate wins. */
function* checkEntries(entries: Iterable<readonly [string, Json]>): Steps<Map<Key, Json>> {
  if (typeof (entries as Partial<typeof entries> | null)?.[Symbol.iterator] !== 'function') {
    throw new KvError('bad-option', 'entries: not a list of pairs of key and value')
  }
  const list = [...entries]
  const checked = new Map<Key, Json>()
  for (const [at, entry] of list.entries()) {
    if (!Array.isArray(entry)) throw new KvError('bad-option', `entries[${at}]: not a pair of key and value`)
    checked.set(parseKey(entry[0], ['entries', at, 0]), parseValue(entry[1], ['entries', at, 1]))
    yield { done: at + 1, total: list.length }
  }
  return checked
}

/** What of a plain file differs from what is there. */
function differing(
  { entries }: Extract<ImportedFile, { kind: 'plain' }>,
  before: ReadonlyMap<Key, readonly Version[]>,
): { key: Key; value: Json }[] {
  const list: { key: Key; value: Json }[] = []
  for (const [key, value] of entries) {
    const versions = before.get(key)
    if (versions === undefined || !equal(mergedValue(versions), value)) list.push({ key, value })
  }
  return list
}

/** A dry run of writes, by an actor that nobody will ever see. */
function putAll(replica: Replica, writes: { key: Key; value: Json }[], now: number): void {
  const actor = 'preview.0' as Actor
  for (const [at, { key, value }] of writes.entries())
    replica.put(key, value, 'auto', { actor, counter: at + 1 }, now)
}

async function readBlob(blob: Blob, { signal }: Long): Promise<string> {
  if (blob.size > SNAPSHOT_BYTES_MAX) throw fileTooLarge()
  const bytes = await bytesOf(blob)
  throwIfCancelled(signal)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new KvError('bad-snapshot', 'the file is not text in UTF-8', { cause })
  }
}

/** A file may change or go away after it was chosen: browsers refuse to read it then. */
async function bytesOf(blob: Blob): Promise<ArrayBuffer> {
  try {
    return await blob.arrayBuffer()
  } catch (cause) {
    throw new KvError('bad-snapshot', `the file cannot be read: ${String(cause)}`, { cause })
  }
}

function recordOf(vector: VersionVector): Record<string, number> {
  return Object.fromEntries(vectorEntries(vector))
}
