/**
 * A `Kv` as the page sees it: sorted keys, status and peers as runes, brought up to date four times a second at most.
 * However much has changed, an animation frame does only so much of it, and the next one goes on.
 * Values are read from the store when they are shown.
 */
import { withChanges } from '../../core/sorted-texts'
import type { Condition, Inspection, Json, Kv, Origin, Peer, RemovedValue } from '../../runtime/contract'
import { onceAFrame } from '../frame'
import { Vanishing } from '../removed/vanishing'
import { latestKeys, recentAfter } from './recent'

/** More since the page was last brought up to date is a transfer, and a whole list that glows says nothing. */
const GLOWING_KEYS_MAX = 200
const GLOW_MS = 2_400
/** What changes sooner again doesn't flicker. */
const GLOW_AGAIN_MS = 1_200
/** Drawing is what costs most where many write; nobody reads faster. */
const REFRESH_REST_MS = 250
/** So that no frame is late: sorting in so many among a hundred thousand takes some milliseconds. */
const KEYS_A_FRAME_MAX = 2_000

export class RoomView {
  readonly kv: Kv
  keys = $state.raw<readonly string[]>([])
  /** The keys of more than one version, sorted. */
  conflicts = $state.raw<readonly string[]>([])
  /** The keys that changed last, the latest first. */
  recent = $state.raw<readonly string[]>([])
  status = $state.raw<Condition>({} as Condition)
  peers = $state.raw<readonly Peer[]>([])
  /** Values that others have just removed, many in a short while, and that nobody here has looked at. */
  wipe = $state.raw<readonly RemovedValue[]>([])
  /** Rises with every frame in which a value changed; read it to read the store again. */
  revision = $state(0)

  readonly #known: Set<string>
  readonly #changed = new Set<string>()
  readonly #condition: () => Condition
  readonly #glowByKey = new Map<string, { stamp: number; until: number }>()
  readonly #removedCount = $derived(this.status.removed)
  readonly #vanishing: Vanishing
  #closed = false
  readonly #refresh = onceAFrame(() => this.catchUp(), REFRESH_REST_MS)
  readonly #stops: (() => void)[]

  constructor(kv: Kv, condition: () => Condition) {
    this.kv = kv
    this.#condition = condition
    this.keys = kv.keys()
    this.#known = new Set(this.keys)
    this.conflicts = kv.keys({ conflicts: true })
    this.recent = latestKeys(kv)
    this.status = condition()
    this.peers = kv.peers()
    this.#vanishing = new Vanishing(this.status.removed)
    this.#stops = [
      kv.subscribe((keys, origin) => this.#note(keys, origin)),
      kv.watch(() => this.#refresh.schedule()),
    ]
  }

  get(key: string): Json | undefined {
    void this.revision
    return this.#closed ? undefined : this.kv.get(key)
  }

  inspect(key: string): Inspection | undefined {
    void this.revision
    return this.#closed ? undefined : this.kv.inspect(key)
  }

  /** What others removed and can be put back, latest first. */
  removed(): readonly RemovedValue[] {
    void this.revision
    void this.#removedCount
    return this.#closed ? [] : this.kv.removed()
  }

  /** Of what is being typed, too: what could be no key is not there. */
  has(key: string): boolean {
    void this.revision
    return this.#changed.has(key) && !this.#closed ? this.kv.has(key) : this.#known.has(key)
  }

  /** A number that is new whenever a peer has just changed this key; undefined when none did lately. */
  glow(key: string): number | undefined {
    const glow = this.#glowByKey.get(key)
    return glow && glow.until > performance.now() ? glow.stamp : undefined
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#refresh.cancel()
    for (const stop of this.#stops) stop()
  }

  #note(keys: ReadonlySet<string>, origin: Origin): void {
    for (const key of keys) {
      this.#changed.delete(key) // to the end: what changed last
      this.#changed.add(key)
    }
    if (origin === 'peer' && this.#changed.size <= GLOWING_KEYS_MAX) {
      const now = performance.now()
      for (const key of keys) {
        const untilBefore = this.#glowByKey.get(key)?.until ?? 0
        if (untilBefore - now > GLOW_MS - GLOW_AGAIN_MS) continue
        this.#glowByKey.set(key, { stamp: this.revision + 1, until: now + GLOW_MS })
      }
    }
    this.#refresh.schedule()
  }

  /** Brings the page up to date now, for what somebody here has just done. */
  catchUp(): void {
    if (this.#closed) return
    const changed = this.#takeChanged()
    const added: string[] = []
    const removed = new Set<string>()
    for (const key of changed) {
      const there = this.kv.has(key)
      if (there === this.#known.has(key)) continue
      if (there) {
        added.push(key)
        this.#known.add(key)
      } else {
        removed.add(key)
        this.#known.delete(key)
      }
    }
    if (added.length + removed.size > 0) this.keys = withChanges(this.keys, added, removed)
    if (changed.size > 0) {
      this.conflicts = this.#conflictsNow()
      this.recent = recentAfter(this.recent, changed, this.kv)
      this.revision++
    }
    this.status = this.#condition()
    this.peers = this.kv.peers()
    this.#noteWipe(changed.size > 0)
    this.#dimGlows()
    if (this.#changed.size > 0) this.#refresh.soon()
  }

  /** The oldest of what has changed, a frame's work. */
  #takeChanged(): Set<string> {
    const taken = new Set<string>()
    for (const key of this.#changed) {
      if (taken.size === KEYS_A_FRAME_MAX && !document.hidden) break
      taken.add(key)
      this.#changed.delete(key)
    }
    return taken
  }

  /** The same array while nothing has changed. */
  #conflictsNow(): readonly string[] {
    const now = this.kv.keys({ conflicts: true })
    const before = this.conflicts
    return now.length === before.length && now.every((key, at) => key === before[at]) ? before : now
  }

  #noteWipe(changed: boolean): void {
    const gone = this.#vanishing.look(this.status, performance.now())
    const more = gone === 0 ? [] : this.kv.removed().slice(0, gone)
    if (more.length === 0 && (!changed || this.wipe.length === 0)) return
    const keys = new Set(more.map(({ key }) => key))
    const before = this.wipe.filter(({ key }) => !keys.has(key) && !this.kv.has(key))
    this.wipe = [...more.filter(({ how }) => how !== 'import'), ...before] // an import was agreed to
  }

  #dimGlows(): void {
    const now = performance.now()
    for (const [key, glow] of this.#glowByKey) if (glow.until <= now) this.#glowByKey.delete(key)
  }
}
