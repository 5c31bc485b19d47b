/** Long work of the core, in slices, with progress and a way out: cancelled, it has changed nothing. */
import { KvError } from '../core/errors'
import type { Steps } from '../core/steps'
import type { Long } from './contract'
import type { Clock } from './ports'

/** How long a slice may keep the page busy, in milliseconds. */
const SLICE_MS = 8

/** How many steps go by between two looks at the clock. */
const STEPS_PER_LOOK = 32

export async function runSliced<T>(
  steps: Steps<T>,
  clock: Clock,
  { signal, onProgress }: Long = {},
): Promise<T> {
  throwIfCancelled(signal)
  let sliceEnds = clock.steady() + SLICE_MS
  for (let count = 1; ; count++) {
    const step = steps.next()
    if (step.done === true) return step.value
    if (count % STEPS_PER_LOOK !== 0 || clock.steady() < sliceEnds) continue
    onProgress?.(step.value.done, step.value.total)
    await clock.pause()
    throwIfCancelled(signal)
    sliceEnds = clock.steady() + SLICE_MS
  }
}

export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    throw new KvError('cancelled', 'cancelled: nothing has changed', { cause: signal.reason })
  }
}
