/**
 * Options of the handle's methods, looked at before anything is done. Callers in JavaScript may pass anything: what
 * isn't of the contract's shape is a `bad-option` that names its place.
 */
import { KvError } from '../core/errors'
import { isWellFormed, parseMergePolicy } from '../core/store/value'
import type { Long, MergePolicy } from './contract'
import { checkedListener, guarded } from './listener'

export function mergeOption(options: { merge?: MergePolicy }): MergePolicy {
  const { merge } = checkedOptions(options)
  return merge === undefined ? 'auto' : parseMergePolicy(merge)
}

export function prefixOption(options: { prefix?: string }): string {
  const { prefix } = checkedOptions(options)
  if (prefix === undefined) return ''
  if (typeof prefix !== 'string' || !isWellFormed(prefix))
    throw new KvError('bad-option', 'prefix: not well-formed text')
  return prefix
}

export function conflictsOption({ conflicts = false }: { conflicts?: boolean }): boolean {
  if (typeof conflicts !== 'boolean') throw new KvError('bad-option', 'conflicts: not true or false')
  return conflicts
}

/** With an `onProgress` that may be called whatever it does. */
export function longOptions(options: Long): Long {
  const { onProgress } = checkedOptions(options)
  const signal = signalOption(options)
  const long: Long = signal === undefined ? {} : { signal }
  if (onProgress !== undefined) {
    checkedListener(onProgress, 'onProgress')
    long.onProgress = (done, total) => guarded(() => onProgress(done, total))
  }
  return long
}

export function signalOption({ signal }: { signal?: AbortSignal }): AbortSignal | undefined {
  if (signal !== undefined && typeof (signal as Partial<AbortSignal> | null)?.aborted !== 'boolean')
    throw new KvError('bad-option', 'signal: not an AbortSignal')
  return signal
}

export function checkedOptions<T extends object>(options: T): T {
  if (typeof options !== 'object' || (options as T | null) === null)
    throw new KvError('bad-option', 'options: not an object')
  return options
}
