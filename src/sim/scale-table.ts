/**
 * The scale table of `npm run bench -- scale`, in Markdown: rooms of 2 to 500 nodes, our broadcast beside flooding over
 * the same overlay and, while that is possible, a full mesh.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { OverlaySize } from '../core/gossip/overlay'
import { type WriteCost, writeCosts } from './write-cost'
import type { RoomOptions } from './scale'
import {
  gathered,
  KEYS,
  newcomer,
  partedMs,
  restOf,
  spreadOf,
  vanishedHalfMs,
  warmedUp,
} from './scale-measures'

const SIZES = [2, 8, 50, 200, 500]
const WRITES = 40
const IDLE_SECONDS = 60
const NEWCOMER_KEYS = 50_000
const FULL_MESH_NODES_MAX = 50
const FEW_ACTORS = 4
const MANY_ACTORS = 4_000

const FULL_MESH: OverlaySize = {
  fullMeshMembers: Number.POSITIVE_INFINITY,
  wanted: Number.POSITIVE_INFINITY,
  settled: Number.POSITIVE_INFINITY,
}

const WAYS: readonly {
  readonly name: string
  readonly nodesMax: number
  readonly options: Partial<RoomOptions>
}[] = [
  { name: 'Fofoca', nodesMax: Number.POSITIVE_INFINITY, options: {} },
  { name: 'flooding', nodesMax: Number.POSITIVE_INFINITY, options: { floods: true } },
  { name: 'full mesh', nodesMax: FULL_MESH_NODES_MAX, options: { overlay: FULL_MESH } },
]

const COLUMNS = [
  'nodes',
  'way',
  'links a node',
  'copies a node',
  'hops p50 / p99 / most',
  'ms to 50 / 99 / 100 %',
  'bytes a node a write',
  'idle: bytes a node a minute',
  'half gone: whole after',
  'parted, healed: whole after',
  'memory a node',
  'CPU a node: a write, an idle minute',
]

/** Rows are handed over as they are ready. */
export function main(args: readonly string[], print: (line: string) => void): void {
  const only = args.find((arg) => arg.startsWith('--nodes='))?.slice('--nodes='.length)
  const sizes = only === undefined ? SIZES : only.split(',').map(Number)
  print(
    `${KEYS} keys; virtual time, one way over a link 10 – 65 ms and 10 MB/s; memory and CPU with the simulator's\n`,
  )
  print(row(COLUMNS))
  print(row(COLUMNS.map(() => '---')))
  for (const nodes of sizes) {
    for (const { name, nodesMax, options } of WAYS) {
      if (nodes <= nodesMax) print(row(measured(nodes, name, { seed: nodes, ...options })))
    }
  }
  if (only !== undefined) return
  const { seconds, bytesAKey, dataBytesAKey, writesMs } = newcomer(8, NEWCOMER_KEYS, 8)
  print(
    `\nA newcomer among 8 nodes has ${NEWCOMER_KEYS.toLocaleString('en')} keys after ${seconds.toFixed(1)} s, for ` +
      `${bytesAKey.toFixed(0)} bytes a key (key and value: ${dataBytesAKey}), all nodes together; ten writes a second ` +
      `go on and reach a node after ${ms(writesMs.p50)}, 99 % after ${ms(writesMs.p99)}, all after ${ms(writesMs.max)}.`,
  )
  const [few, many] = writeCosts([FEW_ACTORS, MANY_ACTORS]) as [WriteCost, WriteCost]
  print(
    `\nWhere ${MANY_ACTORS.toLocaleString('en')} have written, a write takes ${many.writeUs.toFixed(1)} µs and applying ` +
      `it ${many.applyUs.toFixed(1)} µs: ${(many.writeUs / few.writeUs).toFixed(2)} and ` +
      `${(many.applyUs / few.applyUs).toFixed(2)} times what they take where ${FEW_ACTORS} have.`,
  )
}

function measured(nodes: number, name: string, options: RoomOptions): string[] {
  const heapBefore = heapBytes()
  const room = gathered(nodes, options)
  const degrees = room.peers.map(({ degree }) => degree)
  const writers = warmedUp(room)
  const memory = (heapBytes() - heapBefore) / nodes
  const { copies, hops, reachedMs, bytesANode, cpuMsANode } = spreadOf(room, writers, WRITES)
  const { bytesANodeAMinute, cpuMsANodeAMinute } = restOf(room, IDLE_SECONDS)
  const gone = nodes < 4 ? undefined : vanishedHalfMs(room)
  room.run(60_000)
  const parted = nodes < 4 ? undefined : partedMs(room)
  return [
    String(nodes),
    name,
    range(Math.min(...degrees), Math.max(...degrees)),
    copies.toFixed(2),
    `${hops.p50} / ${hops.p99} / ${hops.max}`,
    `${reachedMs.p50.toFixed(0)} / ${reachedMs.p99.toFixed(0)} / ${reachedMs.max.toFixed(0)}`,
    bytesANode.toFixed(0),
    bytesANodeAMinute.toFixed(0),
    seconds(gone),
    seconds(parted),
    memory < 0 ? '–' : `${(memory / 1_000).toFixed(0)} kB`, // less than what the heap varies by itself
    `${cpuMsANode.toFixed(2)} ms, ${cpuMsANodeAMinute.toFixed(1)} ms`,
  ]
}

function heapBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed
}

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
const range = (least: number, most: number) => (least === most ? String(least) : `${least} – ${most}`)
const ms = (value: number) => `${value.toFixed(0)} ms`
const seconds = (value: number | undefined) => (value === undefined ? '–' : `${(value / 1_000).toFixed(1)} s`)
