import { canonicalBytes, type Json } from './value'

/** The size of a value, near enough to bound a batch or a record by it: strings are what makes values large. */
export function roughBytes(value: Json): number {
  if (typeof value === 'string') return value.length + 2
  return value === null || typeof value !== 'object' ? 8 : canonicalBytes(value)
}
