/**
 * What others take away (DESIGN 4.9): a key had a value before an input, has none after it, and it was not a write of
 * this node. Counted is what goes by another's delete, by a peer's claim, by what a closed tab of this browser had come
 * to know, or by an imported file. Own deletes are not, nor is a value that another took the place of: that one is
 * there to be seen. A value that came and went within one input was never seen, and doesn't count either.
 */
import { nodeOf } from '../causality/dot'
import type { FreshChange } from './effects'
import { mergedValue, winnerOf } from './merge'
import { type Json, type Key, type MergePolicy, parseValue } from './value'
import { isDeletion, type StoreEvent, type Version } from './version'

/** By whom. `delete`: the node whose delete it was; `claim`: the peer that told us that it is gone. */
export type Remover =
  { readonly how: 'delete' | 'claim'; readonly node: string } | { readonly how: 'tab' | 'import' }

/** A value as it was when it was removed, ready to be written again. */
export interface RemovedValue {
  readonly key: Key
  /** As it read; the winner's own where what the siblings merged to is beyond the limits of a write. */
  readonly value: Json
  /** The winner's. */
  readonly merge: MergePolicy
  readonly by: Remover
}

/** What the changes of one input, in their order, left without a value. `isAlive`: whether a key has one after them. */
export function removedIn(
  changes: readonly FreshChange[],
  isAlive: (key: Key) => boolean,
  removerOf: (key: Key) => Remover,
): RemovedValue[] {
  const seenByKey = new Map<Key, Set<Version>>()
  for (const change of changes) {
    if (!('dropped' in change) || isAlive(change.key)) continue
    const seen = seenByKey.get(change.key)
    if (seen === undefined) seenByKey.set(change.key, new Set([change.dropped]))
    else seen.add(change.dropped)
  }
  if (seenByKey.size === 0) return []
  for (const change of changes) if ('added' in change) seenByKey.get(change.key)?.delete(change.added)
  const removed: RemovedValue[] = []
  for (const [key, seen] of seenByKey) {
    if (seen.size > 0) removed.push(removedValue(key, [...seen], removerOf(key)))
  }
  return removed
}

/** By whose delete a key went: the last of these events that is one. `otherwise`: none of them is. */
export function deletersIn(
  events: readonly { readonly key: Key; readonly event: StoreEvent }[],
  otherwise: Remover,
): (key: Key) => Remover {
  let deleterByKey: Map<Key, Remover> | undefined
  return (key) => {
    deleterByKey ??= new Map(
      events
        .filter(({ event }) => isDeletion(event))
        .map((deletion) => [deletion.key, { how: 'delete', node: nodeOf(deletion.event.actor) }]),
    )
    return deleterByKey.get(key) ?? otherwise
  }
}

function removedValue(key: Key, versions: readonly Version[], by: Remover): RemovedValue {
  const { value, merge } = winnerOf(versions)
  return { key, value: versions.length === 1 ? value : (writable(mergedValue(versions)) ?? value), merge, by }
}

/** Undefined if a write of it would be refused. */
function writable(value: Json): Json | undefined {
  try {
    return parseValue(value)
  } catch {
    return undefined // a merged value may be larger than any one of those that it was made of
  }
}
