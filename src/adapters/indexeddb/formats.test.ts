/** Databases as releases of before wrote them, byte for byte: each is still read, and what is in it goes on. */
import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { expect, it } from 'vitest'
import { encodeSnapshot } from '../../core/snapshot'
import { Loaded } from '../../runtime/load'
import { stateOf } from '../stored.fixtures'
import { openDatabase, read, readHeader } from './database'
import format1 from './format-1.fixture.json' with { type: 'json' }
import format2 from './format-2.fixture.json' with { type: 'json' }
import format3 from './format-3.fixture.json' with { type: 'json' }
import { IndexedDbStorage } from './storage'

type Fixture = Omit<typeof format2, 'named'>

const bytesOf = (base64: string) => Uint8Array.from(Buffer.from(base64, 'base64'))

function restore({ version, header, checkpoint, log }: Fixture): Promise<IDBFactory> {
  const factory = new IDBFactory()
  return new Promise((resolve) => {
    const request = factory.open('replica', version)
    request.addEventListener('upgradeneeded', () => {
      const stores = ['log', 'checkpoint', 'meta'].map((name) => request.result.createObjectStore(name))
      for (const [number, record] of log) stores[0]?.put(bytesOf(record as string), number)
      for (const [at, record] of checkpoint.entries()) stores[1]?.put(bytesOf(record), at)
      stores[2]?.put(header, 'header')
    })
    request.addEventListener('success', () => {
      request.result.close()
      resolve(factory)
    })
  })
}

it.each([
  { format: 1, fixture: format1, named: [], removed: [] },
  { format: 2, fixture: format2, named: format2.named, removed: [] },
  { format: 3, fixture: format3, named: format3.named, removed: format3.removed },
])('a database of format $format is read, and written on', async ({ fixture, named, removed }) => {
  const factory = await restore(fixture)
  const own = { factory, name: 'replica', now: () => 0, onFenced: () => {} }
  const storage = await IndexedDbStorage.open({ ...own, nodeId: 'unused', epoch: 'e2' })
  expect(storage.nodeId).toBe(fixture.header.nodeId)
  const { replica, undo, take } = new Loaded()
  await storage.load(take)
  const fragment = {
    context: replica.context.rows(),
    entries: replica.entries(),
    ghosts: replica.ghostsByKey(),
  }
  expect(encodeSnapshot(fragment, fixture.snapshot.exportedAt)).toEqual(fixture.snapshot)
  expect(replica.named()).toEqual(named)
  expect(undo.values()).toEqual(removed)
  const last = await storage.lastNumber()
  expect(last).toBe(fixture.log.at(-1)?.[0])
  await storage.append(last + 1, [Uint8Array.of(1)], 'strict')
  expect((await stateOf(storage)).log).toHaveLength(fixture.log.length + 1)
  const database = await openDatabase(factory, 'replica', false)
  expect((await read(database!, readHeader))?.format).toBe(3) // a release that reads only older formats leaves it alone
  database?.close()
})
