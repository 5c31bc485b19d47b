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

/** Why a version's own value is what is shown: its time, by so many milliseconds over the next, the order of names, or its size. */
export type Win = { by: 'time'; milliseconds: number } | { by: 'name' } | { by: 'greatest' } | { by: 'least' }

/** Undefined for a version that lost, and for all of them where what they say was joined, or is the same. */
export function winOf(inspection: Inspection, version: VersionView): Win | undefined {
  switch (outcomeOf(inspection)) {
    case 'latest':
      return version.winner ? leadOf(inspection) : undefined
    case 'max':
      return isShown(version, inspection) ? { by: 'greatest' } : undefined
    case 'min':
      return isShown(version, inspection) ? { by: 'least' } : undefined
    default:
      return undefined
  }
}

function leadOf({ versions: [latest, next] }: Inspection): Win {
  const milliseconds = latest && next ? Date.parse(latest.writtenAt) - Date.parse(next.writtenAt) : 0
  return milliseconds > 0 ? { by: 'time', milliseconds } : { by: 'name' }
}

function isShown(version: VersionView, { value }: Inspection): boolean {
  return canonicalText(version.value) === canonicalText(value)
}

/** The latest version's policy says what becomes of them all, and is not what every write asks for. */
export function decides(inspection: Inspection, version: VersionView): boolean {
  return version.winner && ['union', 'max', 'min'].includes(outcomeOf(inspection))
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
