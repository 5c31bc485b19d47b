/** Says why a key shows what it shows, in terms that the page has words for (the rules: DESIGN 2.4). */
import type { Inspection, Json, VersionView } from '../../runtime/contract'
import { nodeOfActor } from '../nodes/actor'
import { kindOf } from '../values/value-text'

/** How several versions became one value. */
export type Outcome = 'single' | 'same' | 'latest' | 'fields' | 'elements' | 'union' | 'max' | 'min'

export function outcomeOf({ versions }: Inspection): Outcome {
  const winner = versions.find((version) => version.winner)
  if (!winner || versions.length < 2) return 'single'
  if (winner.merge !== 'auto') return winner.merge
  const values = versions.map((version) => version.value)
  const first = canonicalText(winner.value)
  if (values.every((value) => canonicalText(value) === first)) return 'same'
  if (values.every((value) => kindOf(value) === 'object')) return 'fields'
  if (values.every((value) => kindOf(value) === 'list')) return 'elements'
  return 'latest'
}

/** What put the winner first: the time, by so many milliseconds over the next, or else the order of names. */
export type Lead = { by: 'time'; milliseconds: number } | { by: 'name' }

export function leadOf({ versions }: Inspection): Lead | undefined {
  const [winner, next] = versions
  if (!winner || !next) return undefined
  const milliseconds = Date.parse(winner.writtenAt) - Date.parse(next.writtenAt)
  return milliseconds > 0 ? { by: 'time', milliseconds } : { by: 'name' }
}

/** The nodes whose writes of this key a version's writer had not seen: what makes it concurrent to them. */
export function unseenBy(version: VersionView, clock: Record<string, number>): string[] {
  const nodeIds = new Set<string>()
  for (const [actor, counter] of Object.entries(clock)) {
    if (counter > (version.clock[actor] ?? 0)) nodeIds.add(nodeOfActor(actor))
  }
  return [...nodeIds]
}

/** Equal texts for equal values: fields in the order of their names. Enough to compare; not what is hashed. */
function canonicalText(value: Json): string {
  return JSON.stringify(value, (_name, field: unknown) =>
    typeof field === 'object' && field !== null && !Array.isArray(field)
      ? Object.fromEntries(Object.entries(field).sort(([a], [b]) => (a < b ? -1 : 1)))
      : field,
  )
}
