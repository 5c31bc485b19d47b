/** A record as the effects that it was made of. */
import type { Effects, EntryChange } from '../store/effects'
import { readEffects } from './record'

/** Throws `Malformed`. */
export function decodeEffects(bytes: Uint8Array): Effects {
  const entries: EntryChange[] = []
  const aside = readEffects(
    bytes,
    (key, added) => entries.push({ key, added }),
    (key, { actor, counter }) => entries.push({ key, dropped: { actor, counter } }),
  )
  return { ...aside, entries }
}
