/** What is measured of a room of so many nodes, with 100 keys; the figures of DESIGN 6. */
import { type Peer, Room, type RoomOptions, type Traced } from './scale'

export const KEYS = 100

/** Nodes come one after the other, so many milliseconds apart. */
const JOIN_EVERY_MS = 20
const WRITERS = 10

export interface Spread {
  /** Copies of a write that a node gets, the writer left out. */
  readonly copies: number
  /** The part of the nodes that it reached. */
  readonly reached: number
  readonly hops: { readonly p50: number; readonly p99: number; readonly max: number }
  readonly reachedMs: { readonly p50: number; readonly p99: number; readonly max: number }
  /** Sent by a node for one write, payload of links. */
  readonly bytesANode: number
  /** Of computing, for one write. */
  readonly cpuMsANode: number
}

export interface Rest {
  readonly bytesANodeAMinute: number
  readonly rootsANodeAMinute: number
  readonly othersANodeAMinute: number
  readonly cpuMsANodeAMinute: number
}

/** A room in which so many nodes have come together. */
export function gathered(nodes: number, options: RoomOptions): Room {
  const room = new Room(options)
  for (let at = 0; at < nodes; at++) room.timeline.at(at * JOIN_EVERY_MS, () => room.join())
  room.run(nodes * JOIN_EVERY_MS + 15_000)
  return room
}

/** Makes the keys, and lets the trees of the writers grow. Returns these. */
export function warmedUp(room: Room, { keys = KEYS, writers = WRITERS, rounds = 3 } = {}): Peer[] {
  const chosen = room.peers.slice(0, writers)
  for (let key = 0; key < keys; key++) room.write(chosen[key % chosen.length] as Peer, `key ${key}`)
  for (let round = 0; round < rounds; round++) {
    for (const writer of chosen) {
      room.run(300)
      room.write(writer, `key ${round}`)
    }
  }
  if (room.until(() => room.isConverged(), 60_000) === undefined) throw new Error('the room did not converge')
  room.run(3_000)
  return chosen
}

export function spreadOf(room: Room, writers: readonly Peer[], writes: number): Spread {
  room.startCounting()
  const traced: Traced[] = []
  for (let at = 0; at < writes; at++) {
    traced.push(room.write(writers[at % writers.length] as Peer, `key ${at % KEYS}`))
    room.run(500)
  }
  room.run(3_000)
  const others = room.up().length - 1
  const hops = sorted(
    traced.flatMap(({ hopsByPeer }) => [...hopsByPeer.values()].filter((count) => count > 0)),
  )
  const copies = traced.reduce((sum, trace) => sum + trace.copies, 0)
  return {
    copies: copies / writes / others,
    reached: hops.length / writes / others,
    hops: quantiles(hops),
    reachedMs: quantiles(sorted(traced.flatMap(({ msByPeer }) => [...msByPeer.values()]))),
    bytesANode: mean(room.up(), ({ bytesSent }) => bytesSent) / writes,
    cpuMsANode: mean(room.up(), ({ stepMs }) => stepMs) / writes,
  }
}

/** What goes on while nothing happens. */
export function restOf(room: Room, seconds: number): Rest {
  room.run(3_000)
  room.startCounting()
  room.run(seconds * 1_000)
  const aMinute = (count: (peer: Peer) => number) => (mean(room.up(), count) * 60) / seconds
  return {
    bytesANodeAMinute: aMinute(({ bytesSent }) => bytesSent),
    rootsANodeAMinute: aMinute(({ rootsSent }) => rootsSent),
    othersANodeAMinute: aMinute(({ othersSent }) => othersSent),
    cpuMsANodeAMinute: aMinute(({ stepMs }) => stepMs),
  }
}

/** Half of the nodes vanish while one of the others writes: ms until the rest is whole. */
export function vanishedHalfMs(room: Room): number {
  room.vanish(room.peers.filter((_, at) => at % 4 < 2)) // some of either side
  room.write(room.up()[0] as Peer, 'key 0')
  return healedMs(room)
}

/** Two halves are apart for a minute and write on: ms until they are whole, from when they can be. */
export function partedMs(room: Room): number {
  room.cut()
  room.run(30_000)
  for (const writer of room.up().slice(0, WRITERS)) room.write(writer, 'key 0')
  room.run(30_000)
  if (room.isConnected()) throw new Error('two halves that are apart are connected')
  room.heal()
  return healedMs(room)
}

/** In one piece, equal, and nobody with fewer links than half of what it is to have. */
function healedMs(room: Room): number {
  const linksMin = Math.min(4, room.up().length - 1)
  const isWhole = () =>
    room.isConnected() && room.up().every(({ degree }) => degree >= linksMin) && room.isConverged()
  return room.until(isWhole, 180_000) ?? Number.POSITIVE_INFINITY
}

export interface Newcomer {
  readonly seconds: number
  /** For each key and value of so many bytes. */
  readonly bytesAKey: number
  readonly dataBytesAKey: number
  /** Of the writes that went on, how late they reached everybody who was there. */
  readonly writesMs: { readonly p50: number; readonly p99: number; readonly max: number }
}

/** Among so many nodes, one comes that has nothing, while ten writes a second go on. */
export function newcomer(nodes: number, keys: number, seed: number): Newcomer {
  const valueBytes = 100
  const room = gathered(nodes, { seed })
  room.writeMany(room.peers[0] as Peer, keys, valueBytes)
  if (room.until(() => room.isConverged(), 120_000) === undefined)
    throw new Error('the room did not converge')
  room.run(3_000)
  room.startCounting()
  const others = room.up()
  const peer = room.join()
  const from = room.now
  const traced: Traced[] = []
  const holdsAll = () => peer.node.replica.entries().size >= keys
  while (!holdsAll() && room.now - from < 60_000) {
    traced.push(
      room.write(others[traced.length % nodes] as Peer, `written meanwhile ${traced.length % KEYS}`),
    )
    room.until(holdsAll, 100, 10)
  }
  const seconds = holdsAll() ? (room.now - from) / 1_000 : Number.POSITIVE_INFINITY
  room.run(3_000)
  return {
    seconds,
    bytesAKey: room.peers.reduce((sum, { bytesSent }) => sum + bytesSent, 0) / keys,
    dataBytesAKey: valueBytes + `key ${keys}`.length,
    writesMs: quantiles(
      sorted(traced.flatMap(({ msByPeer }) => others.map((other) => msByPeer.get(other) ?? 0))),
    ),
  }
}

function quantiles(values: readonly number[]): { p50: number; p99: number; max: number } {
  const at = (part: number) => values[Math.min(values.length - 1, Math.floor(values.length * part))] ?? 0
  return { p50: at(0.5), p99: at(0.99), max: values.at(-1) ?? 0 }
}

function sorted(values: number[]): number[] {
  return values.sort((a, b) => a - b)
}

function mean(peers: readonly Peer[], count: (peer: Peer) => number): number {
  return peers.reduce((sum, peer) => sum + count(peer), 0) / peers.length
}
