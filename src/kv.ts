/** The module for embedders: `import { open } from '…/kv.js'`. */
import { followPageLife } from './adapters/browser/page-life'
import { openRoom } from './open'
import type { Kv, OpenOptions } from './runtime/contract'

export { KvError } from './core/errors'
export type * from './runtime/contract'

/** Opens a room; resolves once what this browser keeps of it is in memory. Rejects with a `KvError`. */
export async function open(options: OpenOptions): Promise<Kv> {
  const kv = await openRoom(options)
  void kv.left.then(followPageLife(kv))
  return kv
}
