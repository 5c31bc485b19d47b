/** The time, for ages on the screen: who reads it in a template or an effect reads it anew every few seconds. */
import { createSubscriber } from 'svelte/reactivity'

const EVERY_MS = 5_000

const ticking = createSubscriber((update) => {
  const timer = setInterval(update, EVERY_MS)
  return () => clearInterval(timer)
})

/** Milliseconds since 1970. */
export function now(): number {
  ticking()
  return Date.now()
}
