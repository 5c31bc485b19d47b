import 'fake-indexeddb/auto'
import { forceCloseDatabase, IDBFactory, IDBObjectStore } from 'fake-indexeddb'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { STORAGE_CONTRACT } from '../storage.contract'
import { IndexedDbStorage, type StorageOptions } from './storage'
import { stateOf } from '../stored.fixtures'

const record = Uint8Array.of(1, 2)

/** A browser's disk with one replica on it. */
function disk() {
  const factory = new IDBFactory()
  let openings = 0
  const fenced: string[] = []
  const open = (more: Partial<StorageOptions> = {}) => {
    const epoch = `epoch${(openings += 1)}`
    return IndexedDbStorage.open({
      factory,
      name: 'replica',
      nodeId: `node${openings}`,
      epoch,
      now: () => 0,
      onFenced: () => fenced.push(epoch),
      ...more,
    })
  }
  return { factory, open, fenced }
}

/** Every connection that is opened from now on. */
function connections(factory: IDBFactory): IDBDatabase[] {
  const opened: IDBDatabase[] = []
  const open = factory.open.bind(factory)
  vi.spyOn(factory, 'open').mockImplementation((name, version) => {
    const request = open(name, version)
    request.addEventListener('success', () => opened.push(request.result))
    return request
  })
  return opened
}

function rawOpen(factory: IDBFactory, version: number, upgrade: (database: IDBDatabase) => void = () => {}) {
  return new Promise<IDBDatabase>((resolve, reject) => {
    const request = factory.open('replica', version)
    request.addEventListener('upgradeneeded', () => upgrade(request.result))
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(request.error))
  })
}

function quotaExceeded(): DOMException {
  return new DOMException('no room', 'QuotaExceededError')
}

afterEach(() => vi.restoreAllMocks())

describe('the IndexedDB storage keeps the contract', () => {
  it.each(STORAGE_CONTRACT)('$name', ({ run }) => run({ open: disk().open }))
})

describe('the IndexedDB storage', () => {
  it('keeps the node id of the replica', async () => {
    const { open } = disk()
    expect((await open()).nodeId).toBe('node1')
    expect((await open()).nodeId).toBe('node1')
  })

  it('keeps another node id once it is given one, and the records with it', async () => {
    const { open } = disk()
    const storage = await open()
    await storage.append(1, [record], 'strict')
    await storage.setNodeId('another')
    expect(storage.nodeId).toBe('another')
    const again = await open()
    expect([again.nodeId, await again.lastNumber()]).toEqual(['another', 1])
    await expect(storage.setNodeId('late')).rejects.toMatchObject({ reason: 'fenced' })
  })

  it('says once that it was fenced', async () => {
    const { open, fenced } = disk()
    const storage = await open()
    await open()
    await expect(storage.append(1, [record], 'strict')).rejects.toMatchObject({ reason: 'fenced' })
    await expect(storage.append(1, [record], 'strict')).rejects.toMatchObject({ reason: 'fenced' })
    expect(fenced).toEqual(['epoch1'])
  })

  it('opens again after the browser terminated its connection', async () => {
    const { factory, open } = disk()
    const opened = connections(factory)
    const storage = await open()
    await storage.append(1, [record], 'strict')
    forceCloseDatabase(opened.at(-1) as never)
    expect(await storage.lastNumber()).toBe(1)
    await storage.append(2, [record], 'strict')
    expect(await storage.lastNumber()).toBe(2)
    expect(opened.length).toBe(2)
  })

  it('opens again after its connection was closed under it without a word', async () => {
    const { factory, open } = disk()
    const opened = connections(factory)
    const storage = await open()
    opened.at(-1)?.close()
    await expect(storage.append(1, [record], 'strict')).rejects.toMatchObject({ reason: 'closed' })
    await storage.append(1, [record], 'strict')
    expect(await storage.lastNumber()).toBe(1)
  })

  it('keeps its new connection when word comes late that the one before is gone', async () => {
    const { factory, open } = disk()
    const opened = connections(factory)
    const storage = await open()
    opened[0]?.close()
    await expect(storage.append(1, [record], 'strict')).rejects.toMatchObject({ reason: 'closed' })
    await storage.append(1, [record], 'strict')
    forceCloseDatabase(opened[0] as never)
    await storage.append(2, [record], 'strict')
    expect(opened.length).toBe(2)
  })

  it('asked for the last number, opens at once what was closed under it without a word', async () => {
    const { factory, open } = disk()
    const opened = connections(factory)
    const storage = await open()
    await storage.append(1, [record], 'strict')
    opened.at(-1)?.close()
    expect(await storage.lastNumber()).toBe(1)
    expect(opened.length).toBe(2)
  })

  it.each(['add', 'put'] as const)(
    'a full disk that throws in %s changes nothing and says so',
    async (method) => {
      const { open } = disk()
      const storage = await open()
      await storage.append(1, [record], 'strict')
      const original = Reflect.get(IDBObjectStore.prototype, method) as (
        value: unknown,
        key: unknown,
      ) => IDBRequest
      let calls = 0
      const patched = vi.spyOn(IDBObjectStore.prototype, method).mockImplementation(function (
        this: unknown,
        value: unknown,
        key: unknown,
      ) {
        if ((calls += 1) > 1) throw quotaExceeded()
        return original.call(this, value, key)
      } as never)
      const failing =
        method === 'add'
          ? storage.append(2, [record, record], 'strict')
          : storage.checkpoint([record, record, record], 1)
      await expect(failing).rejects.toMatchObject({ reason: 'full' })
      patched.mockRestore()
      expect(await stateOf(storage)).toEqual({ checkpoint: [], log: [{ number: 1, record }] })
      await storage.append(2, [record], 'strict')
      expect(await storage.lastNumber()).toBe(2)
    },
  )

  it('a transaction that aborts for lack of room says so', async () => {
    const { factory, open } = disk()
    const opened = connections(factory)
    const storage = await open()
    const database = opened.at(-1)!
    const begin = database.transaction.bind(database)
    vi.spyOn(database, 'transaction').mockImplementationOnce((...args) => {
      const transaction = begin(...args)
      transaction.commit = () => {
        Object.defineProperty(transaction, 'error', { value: quotaExceeded() })
        transaction.abort()
      }
      return transaction
    })
    await expect(storage.append(1, [record], 'strict')).rejects.toMatchObject({ reason: 'full' })
    expect(await storage.lastNumber()).toBe(0)
  })

  it('reads a replica on a full disk, and takes it with the first commit that succeeds', async () => {
    const { open, fenced } = disk()
    const former = await open()
    await former.append(1, [record], 'strict')
    const patched = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw quotaExceeded()
    })
    const storage = await open()
    expect(storage.nodeId).toBe('node1')
    expect(await storage.lastNumber()).toBe(1)
    patched.mockRestore()
    await storage.append(2, [record], 'strict')
    await expect(former.append(3, [record], 'strict')).rejects.toMatchObject({ reason: 'fenced' })
    expect(fenced).toEqual(['epoch1'])
  })

  it('begins a new replica on a disk that is full, and writes it when there is room', async () => {
    const { open } = disk()
    const patched = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw quotaExceeded()
    })
    const storage = await open()
    expect(await stateOf(storage)).toEqual({ checkpoint: [], log: [] })
    await expect(storage.append(1, [record], 'strict')).rejects.toMatchObject({ reason: 'full' })
    patched.mockRestore()
    await storage.append(1, [record], 'strict')
    expect((await open()).nodeId).toBe('node1')
  })

  it('gives way to an erasure, and never makes again what was erased', async () => {
    const { factory, open, fenced } = disk()
    const storage = await open()
    await new Promise((resolve) => (factory.deleteDatabase('replica').onsuccess = resolve))
    await expect(storage.append(1, [record], 'strict')).rejects.toMatchObject({ reason: 'fenced' })
    expect(fenced).toEqual(['epoch1'])
    expect(await factory.databases()).toEqual([])
  })

  it('leaves untouched a database of a newer version', async () => {
    const { factory, open } = disk()
    const newer = await rawOpen(factory, 2, (database) => database.createObjectStore('future'))
    newer.close()
    await expect(open()).rejects.toMatchObject({ reason: 'newer' })
    expect([...(await rawOpen(factory, 2)).objectStoreNames]).toEqual(['future'])
  })

  it('leaves untouched a header of a newer format', async () => {
    const { factory, open } = disk()
    await (await open()).close()
    const database = await rawOpen(factory, 1)
    const header = { format: 4, epoch: 'future' }
    database.transaction('meta', 'readwrite').objectStore('meta').put(header, 'header')
    await expect(open()).rejects.toMatchObject({ reason: 'newer' })
    const request = database.transaction('meta').objectStore('meta').get('header')
    await new Promise((resolve) => (request.onsuccess = resolve))
    expect(request.result).toEqual(header)
  })

  it('says that another tab blocks it, and lets go of what opens too late', async () => {
    const { factory, open } = disk()
    const opened = connections(factory)
    const blocking = await rawOpen(factory, 1, (database) => {
      for (const store of ['log', 'checkpoint', 'meta']) database.createObjectStore(store)
    })
    const request = factory.open('replica', 1)
    const listen = vi.spyOn(request, 'addEventListener')
    vi.spyOn(factory, 'open').mockReturnValueOnce(request)
    const opening = open()
    const onBlocked = listen.mock.calls.find(([type]) => type === 'blocked')?.[1] as () => void
    onBlocked()
    await expect(opening).rejects.toMatchObject({ reason: 'blocked' })
    await vi.waitFor(() => expect(opened.length).toBe(2))
    const deleted = new Promise((resolve) => (factory.deleteDatabase('replica').onsuccess = resolve))
    blocking.close()
    await deleted
  })

  it('rejects what is still opening when it is closed', async () => {
    const { factory, open } = disk()
    const opened = connections(factory)
    const storage = await open()
    forceCloseDatabase(opened.at(-1) as never)
    const loading = stateOf(storage)
    await Promise.all([storage.close(), expect(loading).rejects.toMatchObject({ reason: 'closed' })])
    await new Promise((resolve) => (factory.deleteDatabase('replica').onsuccess = resolve))
  })
})
