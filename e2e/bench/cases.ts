/** What is measured. Each case runs one system once and gives the figures of one or more rows of the table. */
import type { Page } from '@playwright/test'
import type { SystemName } from './page/page'
import { roundTrips } from './round-trips'
import type { Stage } from './stage'

export interface Case {
  readonly name: string
  readonly systems: readonly SystemName[]
  /** Figures by row. */
  measure(stage: Stage, system: SystemName): Promise<Readonly<Record<string, number>>>
}

const MANY = 50_000
const FEW = 10_000
const BURST = 5_000
const SETS = 300
const DIFFERENCES = 10
const SETTLED_MS = 1_500

/** Of `entries.ts`: what the keys and values themselves take. */
export const ENTRY_BYTES = 112

const TIMED: readonly SystemName[] = ['bare', 'yjs', 'fofoca']

export const CASES: readonly Case[] = [
  newcomer(FEW),
  newcomer(MANY),
  { name: 'latency', systems: ['bare, commit first', 'yjs', 'fofoca'], measure: latency },
  { name: 'burst', systems: TIMED, measure: burst },
  { name: 'cold start', systems: TIMED, measure: coldStart },
  { name: 'reconnect', systems: TIMED, measure: reconnect },
  { name: 'memory', systems: ['map', 'bare', 'yjs', 'fofoca'], measure: memory },
]

function newcomer(keys: number): Case {
  return {
    name: `newcomer ${keys}`,
    systems: TIMED,
    measure: async (stage, system) => {
      const { a, b } = await stage.openPair(system, keys)
      const seen = b.evaluate(async (keys) => {
        const at = await window.bench.lastSeen(keys)
        return { ms: at - window.bench.channelLog().openedAt, found: window.bench.count(keys) }
      }, keys)
      await link(a, b)
      const { ms, found } = await seen
      if (found !== keys) throw new Error(`${system}: ${found} of ${keys} keys came`)
      const bytes = await traffic(b)
      await closeAll(a, b)
      return { [`newcomer ${keys}`]: ms, [`newcomer ${keys} bytes`]: bytes / keys }
    },
  }
}

async function latency(stage: Stage, system: SystemName): Promise<Record<string, number>> {
  const { a, b } = await linkedPair(stage, system, 1)
  const channel = stage.newRoom()
  await b.evaluate((channel) => {
    window.bench.serveTime(`${channel} time`)
    window.bench.echo(channel)
  }, channel)
  const latencies = await a.evaluate(
    async ([channel, count]) => {
      const offset = await window.bench.clockOffset(`${channel} time`)
      return window.bench.latencies(channel, count, offset)
    },
    [channel, SETS] as const,
  )
  await closeAll(a, b)
  latencies.sort((x, y) => x - y)
  return { 'set p50': quantile(latencies, 0.5), 'set p99': quantile(latencies, 0.99) }
}

async function burst(stage: Stage, system: SystemName): Promise<Record<string, number>> {
  const { a, b } = await linkedPair(stage, system, 1)
  const channel = stage.newRoom()
  await a.evaluate((channel) => window.bench.serveTime(channel), channel)
  const offset = await b.evaluate((channel) => window.bench.clockOffset(channel), channel)
  const seen = b.evaluate(async (count) => {
    const at = await window.bench.lastSeen(count, 'burst/')
    return { at, found: window.bench.count(count, 0, 'burst/') }
  }, BURST)
  const from = await a.evaluate((count) => window.bench.burst(count, 'burst/'), BURST)
  const { at, found } = await seen
  if (found !== BURST) throw new Error(`${system}: ${found} of ${BURST} sets came`)
  await closeAll(a, b)
  return { burst: at - (from - offset) }
}

async function coldStart(stage: Stage, system: SystemName): Promise<Record<string, number>> {
  const room = stage.newRoom()
  const { page } = await stage.openTab(system, room, 'a')
  await page.evaluate((keys) => window.bench.fill(keys), MANY)
  await settle(page)
  await page.close()
  const again = await stage.openTab(system, room, 'a')
  const found = await again.page.evaluate((keys) => window.bench.count(keys), MANY)
  if (found !== MANY) throw new Error(`${system}: ${found} of ${MANY} keys were on disk`)
  await again.page.close()
  return { 'cold start': again.openMs }
}

async function reconnect(stage: Stage, system: SystemName): Promise<Record<string, number>> {
  const { a, b } = await linkedPair(stage, system, MANY)
  await b.evaluate(() => window.bench.disconnect())
  await a.evaluate(() => window.bench.disconnect())
  await a.evaluate(([count, of]) => window.bench.differ(count, of), [DIFFERENCES, MANY] as const)
  await settle(a)
  const same = b.evaluate(
    async ([count, of]) => {
      const at = await window.bench.same(count, of)
      const { frames, openedAt } = window.bench.channelLog()
      return { ms: at - openedAt, frames: [...frames] }
    },
    [DIFFERENCES, MANY] as const,
  )
  await link(a, b)
  const { ms, frames } = await same
  const bytes = await traffic(b)
  const theirs = await a.evaluate(() => window.bench.channelLog().frames)
  await closeAll(a, b)
  return { reconnect: ms, 'reconnect bytes': bytes, 'reconnect round trips': roundTrips(frames, theirs) }
}

async function memory(stage: Stage, system: SystemName): Promise<Record<string, number>> {
  const room = stage.newRoom()
  const page = await stage.newTab()
  const before = await heap(page)
  await page.evaluate(([system, room]) => window.bench.open(system, room, 'a'), [system, room] as const)
  await page.evaluate((keys) => window.bench.fill(keys), MANY)
  await settle(page)
  const filled = await heap(page)
  await page.close()
  if (system === 'map') return { 'memory filled': (filled - before) / MANY }
  const again = await stage.newTab()
  const beforeAgain = await heap(again)
  await again.evaluate(([system, room]) => window.bench.open(system, room, 'a'), [system, room] as const)
  const reopened = await heap(again)
  await again.close()
  return {
    'memory filled': (filled - before) / MANY,
    'memory reopened': (reopened - beforeAgain) / MANY,
  }
}

/** Needs a stage of its own for each system, since only the origin's whole disk can be asked for. */
export const CHURN: Case = {
  name: 'churn',
  systems: TIMED,
  measure: async (stage, system) => {
    const room = stage.newRoom()
    const { page: a } = await stage.openTab(system, room, 'a')
    const empty = await a.evaluate(() => window.bench.disk())
    await a.evaluate(() => window.bench.overwrite(100, 1_000))
    await a.evaluate(() => window.bench.createAndDelete(10_000))
    await settle(a)
    const full = await a.evaluate(() => window.bench.disk())
    const { page: b } = await stage.openTab(system, room, 'b')
    const seen = b.evaluate(() => window.bench.lastSeen(100))
    await link(a, b)
    await seen
    await settle(b)
    const state = await traffic(b)
    await closeAll(a, b)
    return {
      'churn state': state,
      'churn records': full.records - empty.records,
      'churn files': full.files - empty.files,
    }
  },
}

async function linkedPair(stage: Stage, system: SystemName, keys: number): Promise<{ a: Page; b: Page }> {
  const { a, b } = await stage.openPair(system, keys)
  const seen = b.evaluate((keys) => window.bench.lastSeen(keys), keys)
  await link(a, b)
  await seen
  await settle(b)
  return { a, b }
}

async function link(a: Page, b: Page): Promise<void> {
  await Promise.all([a, b].map((page) => page.evaluate(() => window.bench.connect())))
}

/** Until what goes on by itself after some work is done: commits, checkpoints, comparisons. */
async function settle(page: Page): Promise<void> {
  await page.waitForTimeout(SETTLED_MS)
}

/** Both ways, framing included. */
async function traffic(page: Page): Promise<number> {
  const { bytesIn, bytesOut } = await page.evaluate(() => window.bench.channelLog())
  return bytesIn + bytesOut
}

/** After garbage collection, buffers included. */
async function heap(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.enable')
  for (let round = 0; round < 3; round += 1) await session.send('HeapProfiler.collectGarbage')
  const usage = (await session.send('Runtime.getHeapUsage')) as {
    usedSize: number
    backingStorageSize?: number
  }
  await session.detach()
  return usage.usedSize + (usage.backingStorageSize ?? 0)
}

async function closeAll(...pages: readonly Page[]): Promise<void> {
  for (const page of pages) await page.close()
}

function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}
