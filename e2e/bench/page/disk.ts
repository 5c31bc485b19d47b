/** What all databases of this origin take. */
import { openDB } from 'idb'

export interface Disk {
  /** Bytes of the records that are there. */
  records: number
  /** Bytes of the browser's files, which also hold what was deleted and is not yet compacted. */
  files: number
}

export async function disk(): Promise<Disk> {
  const { usageDetails } = (await navigator.storage.estimate()) as { usageDetails?: { indexedDB?: number } }
  return { records: await recordBytes(), files: usageDetails?.indexedDB ?? 0 }
}

async function recordBytes(): Promise<number> {
  let bytes = 0
  for (const { name = '' } of await indexedDB.databases()) {
    const database = await openDB(name)
    for (const store of database.objectStoreNames) {
      for (const record of (await database.getAll(store)) as unknown[]) {
        if (record instanceof Uint8Array) bytes += record.byteLength
      }
    }
    database.close()
  }
  return bytes
}
