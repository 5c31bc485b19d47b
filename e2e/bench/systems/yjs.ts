/** Yjs with y-indexeddb over the same bare data channel: a `Y.Map`, one update a write, as its providers do. */
import { IndexeddbPersistence } from 'y-indexeddb'
import * as Y from 'yjs'
import type { Store, System, TabName } from './system'
import { openWire, type Wire } from './wire'

const STATE_VECTOR = 0
const UPDATE = 1

export const yjs: System = {
  async open(room, tab) {
    const doc = new Y.Doc()
    const persistence = new IndexeddbPersistence(`yjs/${room}/${tab}`, doc)
    await persistence.whenSynced
    return new YjsStore(room, tab, doc)
  },
}

class YjsStore implements Store {
  private readonly map: Y.Map<string>
  private wire: Wire | undefined

  constructor(
    private readonly room: string,
    private readonly tab: TabName,
    private readonly doc: Y.Doc,
  ) {
    this.map = doc.getMap('kv')
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== this.wire) this.send(UPDATE, update)
    })
  }

  /** y-indexeddb doesn't tell when an update is on disk. */
  set(key: string, value: string): Promise<void> {
    this.map.set(key, value)
    return Promise.resolve()
  }

  setMany(entries: readonly (readonly [string, string])[]): Promise<void> {
    this.doc.transact(() => {
      for (const [key, value] of entries) this.map.set(key, value)
    })
    return Promise.resolve()
  }

  deleteAll(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.map.delete(key)
    return Promise.resolve()
  }

  get(key: string): string | undefined {
    return this.map.get(key)
  }

  onChange(listener: (keys: Iterable<string>) => void): void {
    this.map.observe(({ keysChanged }) => listener(keysChanged as Set<string>))
  }

  async connect(): Promise<void> {
    this.wire = await openWire(this.room, this.tab, (bytes) => this.receive(bytes))
    this.send(STATE_VECTOR, Y.encodeStateVector(this.doc))
  }

  disconnect(): void {
    this.wire?.close()
    this.wire = undefined
  }

  private receive(message: Uint8Array): void {
    const body = message.subarray(1)
    if (message[0] === STATE_VECTOR) this.send(UPDATE, Y.encodeStateAsUpdate(this.doc, body))
    else Y.applyUpdate(this.doc, body, this.wire)
  }

  private send(type: number, body: Uint8Array): void {
    if (this.wire === undefined) return
    const message = new Uint8Array(1 + body.length)
    message[0] = type
    message.set(body, 1)
    this.wire.send(message)
  }
}
