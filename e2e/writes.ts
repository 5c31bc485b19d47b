/** Writes in the page, and the oracle that tells what has to be alive after them. */
import type { Kv } from '../src/runtime/contract'

/** One write as its own tab saw it: what it covered, and for a put its dot. */
export interface Write {
  key: string
  dot?: [actor: string, counter: number]
  clock: Record<string, number>
}

/** In the page: sets and deletes of own and of shared keys, five under way at a time. Resolves when all are saved. */
export async function writeMany({
  seed,
  tab,
  count,
}: {
  seed: number
  tab: number
  count: number
}): Promise<Write[]> {
  const kv: Kv = window.kv
  const done: Write[] = []
  let pending: Promise<unknown>[] = []
  let state = seed
  const below = (bound: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
  for (let at = 0; at < count; at += 1) {
    const key = below(2) === 0 ? `shared ${below(12)}` : `tab ${tab} ${below(8)}`
    const before = kv.inspect(key)
    if (before && below(3) === 0) {
      pending.push(kv.delete(key))
      done.push({ key, clock: before.clock })
    } else {
      pending.push(kv.set(key, { seed, at }))
      const version = kv.inspect(key)?.versions[0]
      if (version) done.push({ key, dot: version.dot, clock: version.clock })
    }
    if (pending.length === 5) {
      await Promise.all(pending)
      pending = []
    }
  }
  await Promise.all(pending)
  return done
}

/** The oracle: alive are exactly the puts that no other write to their key had seen. */
export function liveOf(writes: readonly Write[]): Record<string, string[]> {
  const live: Record<string, string[]> = {}
  const keys = [...new Set(writes.map(({ key }) => key))].sort(byCodeUnit)
  for (const key of keys) {
    const ofKey = writes.filter((write) => write.key === key)
    const alive = ofKey.flatMap((put) => {
      const [actor, counter] = put.dot ?? []
      if (actor === undefined || counter === undefined) return []
      const seen = ofKey.some((other) => other !== put && (other.clock[actor] ?? 0) >= counter)
      return seen ? [] : [`${actor} ${counter}`]
    })
    if (alive.length > 0) live[key] = alive.sort(byCodeUnit)
  }
  return live
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** In the page: the dots of all that is alive. */
export function dotsByKey(): Record<string, string[]> {
  const dots: Record<string, string[]> = {}
  for (const key of window.kv.keys()) {
    dots[key] = (window.kv.inspect(key)?.versions ?? []).map(({ dot }) => dot.join(' '))
    dots[key].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  }
  return dots
}
