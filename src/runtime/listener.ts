/** Functions of those who use the store: refused when they are none, and never in the store's way when they throw. */
import { KvError } from '../core/errors'

/** Throws `bad-option` for what cannot be called; callers in JavaScript may pass anything. */
export function checkedListener<T>(listener: T, name = 'listener'): T {
  if (typeof listener !== 'function') throw new KvError('bad-option', `${name}: not a function`)
  return listener
}

/** A listener that throws is reported and disturbs nobody. */
export function guarded(listener: () => void): void {
  try {
    listener()
  } catch (error) {
    console.error('fofoca: a listener threw', error)
  }
}
