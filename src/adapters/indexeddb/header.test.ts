import 'fake-indexeddb/auto'
import fc from 'fast-check'
import { IDBFactory } from 'fake-indexeddb'
import { describe, expect, it } from 'vitest'
import { NODE_ID_LENGTH_MAX } from '../../core/limits'
import { StorageError } from '../../runtime/ports'
import { type Header, openDatabase } from './database'
import { formatOf, parseHeader } from './header'
import { IndexedDbStorage } from './storage'

const GOOD: Header = {
  format: 1,
  nodeId: 'amberotter1',
  epoch: 'e1',
  checkpointed: 3,
  rewrites: 1,
  usedAtMs: 1_700_000_000_000,
  mergedVersionByName: { other: 'version' },
}

/** Opens a replica in whose database that lies as its header. */
async function opened(header: unknown): Promise<IndexedDbStorage> {
  const factory = new IDBFactory()
  const database = await openDatabase(factory, 'replica', true)
  await database?.put('meta', header as Header, 'header')
  database?.close()
  const own = { factory, name: 'replica', now: () => 0, onFenced: () => undefined }
  return IndexedDbStorage.open({ ...own, nodeId: 'unused', epoch: 'e2' })
}

describe('a header', () => {
  it('is what it is', () => {
    expect(parseHeader(GOOD)).toBe(GOOD)
    const longest = { ...GOOD, nodeId: 'n'.repeat(NODE_ID_LENGTH_MAX) }
    expect(parseHeader(longest)).toBe(longest)
  })

  it.each<[string, unknown]>([
    ['format', { ...GOOD, format: '1' }],
    ['nodeId', { ...GOOD, nodeId: 7 }],
    ['nodeId', { ...GOOD, nodeId: '' }],
    ['nodeId', { ...GOOD, nodeId: 'n'.repeat(NODE_ID_LENGTH_MAX + 1) }],
    ['nodeId', { ...GOOD, nodeId: 'Amber otter' }],
    ['epoch', { ...GOOD, epoch: undefined }],
    ['checkpointed', { ...GOOD, checkpointed: Number.NaN }],
    ['checkpointed', { ...GOOD, checkpointed: -1 }],
    ['rewrites', { ...GOOD, rewrites: 0.5 }],
    ['usedAtMs', { ...GOOD, usedAtMs: Number.POSITIVE_INFINITY }],
    ['mergedVersionByName', { ...GOOD, mergedVersionByName: { other: 1 } }],
    ['mergedVersionByName', { ...GOOD, mergedVersionByName: null }],
    ['no object', 'header'],
    ['no object', null],
  ])('that is damaged is refused with the place: %s', async (place, header) => {
    const outcome = await opened(header).catch((error: unknown) => error)
    expect(outcome).toBeInstanceOf(StorageError)
    expect((outcome as StorageError).message).toContain(place)
  })

  it('of a later format is told from a damaged one, whatever else is in it', async () => {
    expect(formatOf({ format: 99 })).toBe(99)
    await expect(opened({ format: 99 })).rejects.toMatchObject({ reason: 'newer' })
  })

  it('of whatever is in it opens the replica, or is refused with a StorageError', async () => {
    const any = fc.oneof(
      fc.jsonValue({ maxDepth: 1 }),
      fc.constant(undefined),
      fc.constant(Number.NaN),
      fc.bigInt(),
    )
    const changed = fc
      .tuple(fc.constantFrom(...Object.keys(GOOD)), any)
      .map(([name, value]) => ({ ...GOOD, [name]: value }))
    await fc.assert(
      fc.asyncProperty(fc.oneof(changed, any), async (header) => {
        const outcome = await opened(header).catch((error: unknown) => error)
        if (outcome instanceof IndexedDbStorage) {
          expect(outcome.nodeId).toMatch(/^[a-z0-9]+$/)
          await outcome.close()
        } else expect(outcome).toBeInstanceOf(StorageError)
      }),
      { numRuns: 200 },
    )
  })
})
