/** What the servers are put under, and what is seen of them meanwhile. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as passed } from 'node:timers/promises'
import { address, type Client, connect } from './client'
import type { Measured, Usage } from './servers'

/** Rows of the table: milliseconds, bytes, percent of one core. */
export type Figures = Readonly<Record<string, number>>

export interface Load {
  readonly name: 'idle' | 'joins' | 'room' | 'flood'
  run(server: Measured, root: string): Promise<Figures>
}

export const IDLE_CLIENTS = 5_000
export const JOINS_PER_SECOND = 500
export const ROOM_MEMBERS = 200
const MEMBERS_OF_A_ROOM = 5
const CLIENTS_OF_AN_ADDRESS = 5
const TRIES_MAX = 5
const IDLE_MS = 22_000 // more than the time between the server's own pings
const JOINS_MS = 12_000
const STAY_MS = 2_000
const RELAYS_PER_SECOND = 1_000
const LISTS_PER_SECOND = 40 // 200 tabs that ask every 5 s
const ROOM_MS = 8_000
const FLOOD_MS = 8_000
const FLOODED_PAIRS = 10
const FLOODED_RELAYS_PER_SECOND = 200
const TICK_MS = 10
const PAYLOAD = 'x'.repeat(1_000) // an offer of a data channel

export const LOADS: readonly Load[] = [
  { name: 'idle', run: idle },
  { name: 'joins', run: joins },
  { name: 'room', run: room },
  { name: 'flood', run: flood },
]

/** Many clients who do nothing but beat. Memory is over what the process had before the first came. */
async function idle(server: Measured): Promise<Figures> {
  const before = await server.usage()
  const clients: Client[] = []
  let next = 0
  await paced(JOINS_PER_SECOND, (IDLE_CLIENTS / JOINS_PER_SECOND) * 1_000, async () => {
    const number = next++
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const client = newcomer(server, number)
      try {
        await client.opened
        client.beat()
        return void clients.push(client)
      } catch {
        client.close() // a busy system resets a few; a page would come again too
      }
    }
  })
  if (clients.length !== IDLE_CLIENTS) throw new Error(`only ${clients.length} clients were let in`)
  const from = await server.usage()
  await passed(IDLE_MS)
  const to = await server.usage()
  for (const client of clients) client.close()
  return {
    'idle rss': to.rssBytes,
    'idle rss over start': to.rssBytes - before.rssBytes,
    'idle cpu': percent(from, to),
  }
}

/** Each stays for a while and is gone: sustained. */
async function joins(server: Measured): Promise<Figures> {
  const latencies: number[] = []
  const refusals: unknown[] = []
  let number = 0
  let lastMs = 0
  const from = await server.usage()
  await paced(JOINS_PER_SECOND, JOINS_MS, async () => {
    const client = newcomer(server, number++)
    try {
      latencies.push(await client.opened)
      lastMs = performance.now()
      await passed(STAY_MS)
    } catch (error) {
      refusals.push(error)
    }
    client.close()
  })
  const to = await server.usage()
  if (refusals.length > 0)
    console.error(`${refusals.length} joins refused; the first: ${String(refusals[0])}`)
  return {
    'joins a second': latencies.length / (Math.max(JOINS_MS, lastMs - from.atMs) / 1_000),
    'joins p50': quantile(latencies, 0.5),
    'joins p99': quantile(latencies, 0.99),
    'joins cpu': percent(from, to, JOINS_MS),
  }
}

/** One large room: its list, and frames between any two. */
async function room(server: Measured): Promise<Figures> {
  const members = await gathered(server, 'a-large-room', ROOM_MEMBERS)
  const relays = relaysAmong(members)
  const lists: number[] = []
  const from = await server.usage()
  await Promise.all([
    paced(RELAYS_PER_SECOND, ROOM_MS, () => {
      const number = Math.floor(Math.random() * members.length)
      const step = 1 + Math.floor(Math.random() * (members.length - 1))
      return relays.send(number, (number + step) % members.length)
    }),
    paced(LISTS_PER_SECOND, ROOM_MS, async () => {
      const startMs = performance.now()
      const response = await fetch(`http://127.0.0.1:${server.port}/${server.key('a-large-room')}/peers`, {
        headers: { 'x-forwarded-for': address(lists.length) },
      })
      const ids = (await response.json()) as string[]
      if (ids.length !== ROOM_MEMBERS) throw new Error(`${ids.length} are listed`)
      lists.push(performance.now() - startMs)
    }),
  ])
  const to = await server.usage()
  for (const member of members) member.close()
  return {
    'room list p50': quantile(lists, 0.5),
    'room list p99': quantile(lists, 0.99),
    'room relay p50': quantile(relays.latencies, 0.5),
    'room relay p99': quantile(relays.latencies, 0.99),
    'room relayed': relays.latencies.length / (ROOM_MS / 1_000),
    'room cpu': percent(from, to),
  }
}

/** Pairs who speak to each other, before and while somebody floods the room that they are in. */
async function flood(server: Measured, root: string): Promise<Figures> {
  const members = await gathered(server, 'a-flooded-room', 2 * FLOODED_PAIRS)
  const speak = async () => {
    const relays = relaysAmong(members)
    let turn = 0
    await paced(FLOODED_RELAYS_PER_SECOND, FLOOD_MS, () => {
      const first = 2 * (turn++ % FLOODED_PAIRS)
      return relays.send(first, first + 1)
    })
    return relays.latencies
  }
  const calm = await speak()
  const query = new URLSearchParams({
    key: server.key('a-flooded-room'),
    id: 'flooder',
    token: 'flooder',
    version: '1.5.5',
  })
  const url = `ws://127.0.0.1:${server.port}/peerjs?${query.toString()}`
  const before = await server.usage()
  const flooder = fork(join(root, 'e2e/bench/signaling/flooder.mjs'), [url])
  await passed(1_000)
  const from = await server.usage()
  const flooded = await speak()
  const to = await server.usage()
  flooder.send('sent')
  const [{ frames, putOut, refused }] = (await once(flooder, 'message')) as [
    { frames: number; putOut: number; refused: number },
  ]
  const gone = once(flooder, 'exit')
  flooder.kill('SIGKILL')
  await gone
  for (const member of members) member.close()
  return {
    'flood calm p50': quantile(calm, 0.5),
    'flood calm p99': quantile(calm, 0.99),
    'flood p50': quantile(flooded, 0.5),
    'flood p99': quantile(flooded, 0.99),
    'flood arrived': (100 * flooded.length) / ((FLOODED_RELAYS_PER_SECOND * FLOOD_MS) / 1_000),
    'flood frames a second': frames / ((FLOOD_MS + 1_000) / 1_000),
    'flood put out': putOut,
    'flood refused': refused,
    'flood cpu': percent(from, to),
    'flood rss': to.rssBytes - before.rssBytes,
  }
}

function newcomer(server: Measured, number: number): Client {
  return connect(
    server,
    `room-${Math.floor(number / MEMBERS_OF_A_ROOM)}`,
    address(Math.floor(number / CLIENTS_OF_AN_ADDRESS)),
  )
}

async function gathered(server: Measured, room: string, count: number): Promise<Client[]> {
  const members = Array.from({ length: count }, (_, number) => connect(server, room, address(number)))
  await Promise.all(members.map(({ opened }) => opened))
  return members
}

/** Measures from one member's send to the other's receipt, both in this process. */
function relaysAmong(members: readonly Client[]) {
  const latencies: number[] = []
  const sentMsByNumber = new Map<number, { atMs: number; arrived: () => void }>()
  let next = 0
  for (const member of members) {
    member.onFrame = ({ payload }) => {
      const { number } = payload as { number: number }
      const sent = sentMsByNumber.get(number)
      if (!sent) return
      sentMsByNumber.delete(number)
      latencies.push(performance.now() - sent.atMs)
      sent.arrived()
    }
  }
  return {
    latencies,
    /** Resolves when it has arrived, or after a second without it. */
    send: async (from: number, to: number) => {
      const number = next++
      const arrived = new Promise<void>((resolve) =>
        sentMsByNumber.set(number, { atMs: performance.now(), arrived: resolve }),
      )
      members[from]?.send({ type: 'OFFER', dst: members[to]?.id, payload: { number, sdp: PAYLOAD } })
      await Promise.race([arrived, passed(1_000, undefined, { ref: false })])
    },
  }
}

/** Begins `work` so often, whatever the time it takes, and resolves when the last is done. */
async function paced(perSecond: number, forMs: number, work: () => Promise<void>): Promise<void> {
  const begun: Promise<void>[] = []
  const begin = () => {
    const one = work()
    one.catch(() => undefined) // thrown at the end, with the others
    begun.push(one)
  }
  const startMs = performance.now()
  for (let elapsedMs = 0; elapsedMs < forMs; elapsedMs = performance.now() - startMs) {
    const due = Math.floor((Math.min(elapsedMs, forMs) / 1_000) * perSecond)
    while (begun.length < due) begin()
    await passed(TICK_MS)
  }
  while (begun.length < Math.floor((forMs / 1_000) * perSecond)) begin()
  await Promise.all(begun)
}

/** Of one core, over the time between the two, or over the time that the work was given in. */
function percent(from: Usage, to: Usage, overMs = to.atMs - from.atMs): number {
  return (100 * (to.cpuMs - from.cpuMs)) / overMs
}

function quantile(figures: readonly number[], fraction: number): number {
  const sorted = figures.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))] ?? Number.NaN
}
