/** What a storage, or another slot, holds, put together from the parts in which it is read. */
import type { OtherSlot, Storage, StoredState } from '../runtime/ports'

export async function stateOf(source: Pick<Storage, 'load'> | Pick<OtherSlot, 'read'>): Promise<StoredState> {
  const state: StoredState = { checkpoint: [], log: [] }
  const take = ({ checkpoint, log }: StoredState) => {
    for (const record of checkpoint) state.checkpoint.push(record)
    for (const numbered of log) state.log.push(numbered)
  }
  await ('load' in source ? source.load(take) : source.read(take))
  return state
}
