/** The benchmarks' blank page: one store a tab, and the steps that the cases are made of. */
import { channelLog } from './probe'
import { bare } from '../systems/bare'
import { fofoca } from '../systems/fofoca'
import { plainMap } from '../systems/map'
import type { Store, System, TabName } from '../systems/system'
import { yjs } from '../systems/yjs'
import { disk } from './disk'
import { clockOffset, post, serveTime } from './clocks'
import { entriesOf, keyOf } from './entries'

const SYSTEMS = {
  bare: bare({ commitFirst: false }),
  'bare, commit first': bare({ commitFirst: true }),
  yjs,
  fofoca,
  map: plainMap,
} satisfies Record<string, System>

export type SystemName = keyof typeof SYSTEMS

const LATENCY_KEY = 'latency/'
/** Between two sets, so that they don't meet; not a multiple of anything that ticks. */
const LATENCY_PAUSE_MS = 11

let opened: Store | undefined

const lab = {
  channelLog,
  clockOffset,
  serveTime,

  /** Resolves with the milliseconds that it took. */
  async open(system: SystemName, room: string, tab: TabName): Promise<number> {
    const from = performance.now()
    opened = await SYSTEMS[system].open(room, tab)
    return performance.now() - from
  },

  connect: () => store().connect(),
  disconnect: () => store().disconnect(),

  fill: (count: number, from = 0, prefix = 'key/') => store().setMany(entriesOf(count, from, prefix)),

  /** How many of the keys are there. */
  count(count: number, from = 0, prefix = 'key/'): number {
    let found = 0
    for (let at = from; at < from + count; at += 1)
      if (store().get(keyOf(at, prefix)) !== undefined) found += 1
    return found
  },

  /** When the last of so many keys was seen here, by this tab's clock. */
  lastSeen(count: number, prefix = 'key/'): Promise<number> {
    const last = keyOf(count - 1, prefix)
    return until(() => store().get(last) !== undefined)
  },

  /** Sets of single keys, all at once. Returns when the first began, by this tab's clock. */
  burst(count: number, prefix: string): number {
    const entries = entriesOf(count, 0, prefix)
    const from = performance.now()
    for (const [key, value] of entries) void store().set(key, value)
    return from
  },

  /** Tells the other tab of every key of the latency test that comes. */
  echo(channelName: string): void {
    const channel = new BroadcastChannel(channelName)
    store().onChange((keys) => {
      const at = performance.now()
      for (const key of keys) if (key.startsWith(LATENCY_KEY)) post(channel, { key, at })
    })
  },

  /** Milliseconds from each `set` here until the other tab had it. */
  async latencies(channelName: string, count: number, offset: number): Promise<number[]> {
    const channel = new BroadcastChannel(channelName)
    const latencies: number[] = []
    for (const [key, value] of entriesOf(count, 0, LATENCY_KEY)) {
      const seen = new Promise<number>((resolve) => {
        const listener = ({ data }: MessageEvent<{ key: string; at: number }>) => {
          if (data.key !== key) return
          channel.removeEventListener('message', listener)
          resolve(data.at - offset)
        }
        channel.addEventListener('message', listener)
      })
      const from = performance.now()
      await store().set(key, value)
      latencies.push((await seen) - from)
      await new Promise((resolve) => setTimeout(resolve, LATENCY_PAUSE_MS))
    }
    return latencies
  },

  /** Half of them new values, half of them deletes, spread over the keys. */
  async differ(count: number, of: number): Promise<void> {
    const { changed, deleted } = differences(count, of)
    await store().setMany(changed)
    await store().deleteAll(deleted)
  },

  /** When all of the differences were here. */
  same(count: number, of: number): Promise<number> {
    const { changed, deleted } = differences(count, of)
    return until(
      () =>
        changed.every(([key, value]) => store().get(key) === value) &&
        deleted.every((key) => store().get(key) === undefined),
    )
  },

  /** New values for keys that are there, so many times over. */
  async overwrite(keys: number, times: number): Promise<void> {
    for (let round = 0; round < times; round += 1) await store().setMany(entriesOf(keys, 0, 'key/', round))
  },

  async createAndDelete(count: number): Promise<void> {
    const entries = entriesOf(count, 0, 'gone/')
    await store().setMany(entries)
    await store().deleteAll(entries.map(([key]) => key))
  },

  disk,
}

export type Lab = typeof lab

declare global {
  interface Window {
    bench: Lab
  }
}
window.bench = lab

function store(): Store {
  if (opened === undefined) throw new Error('no store is open')
  return opened
}

/** Resolves with the instant at which a change made it true. */
function until(condition: () => boolean): Promise<number> {
  return new Promise((resolve) => {
    let isDone = false
    const look = () => {
      if (isDone || !condition()) return
      isDone = true
      resolve(performance.now())
    }
    store().onChange(look)
    look()
  })
}

function differences(count: number, of: number): { changed: [string, string][]; deleted: string[] } {
  const step = Math.floor(of / count)
  const numbers = Array.from({ length: count }, (_, index) => index * step + 17)
  const changed = numbers.slice(0, count / 2).flatMap((number) => entriesOf(1, number, 'key/', 2))
  return { changed, deleted: numbers.slice(count / 2).map((number) => keyOf(number)) }
}
