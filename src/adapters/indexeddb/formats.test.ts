/** Databases as releases of before wrote them, byte for byte: each is still read, and what is in it goes on. */
import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { expect, it } from 'vitest'
import { encodeSnapshot } from '../../core/snapshot'
import { Loaded } from '../../runtime/load'
import { stateOf } from '../stored.fixtures'
import format1 from './format-1.fixture.json' with { type: 'json' }
import { IndexedDbStorage } from './storage'

type Fixture = typeof format1

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

it.each([{ format: 1, fixture: format1 }])(
  'a database of format $format is read, and written on',
  async ({ fixture }) => {
    const factory = await restore(fixture)
    const own = { factory, name: 'replica', now: () => 0, onFenced: () => {} }
    const storage = await IndexedDbStorage.open({ ...own, nodeId: 'unused', epoch: 'e2' })
    expect(storage.nodeId).toBe(fixture.header.nodeId)
    const { replica, take } = new Loaded()
    await storage.load(take)
    const fragment = {
      context: replica.context.rows(),
      entries: replica.entries(),
      ghosts: replica.ghostsByKey(),
    }
    expect(encodeSnapshot(fragment, fixture.snapshot.exportedAt)).toEqual(fixture.snapshot)
    const last = await storage.lastNumber()
    expect(last).toBe(fixture.log.at(-1)?.[0])
    await storage.append(last + 1, [Uint8Array.of(1)], 'strict')
    expect((await stateOf(storage)).log).toHaveLength(fixture.log.length + 1)
  },
)
