/** The servers that are measured, each in a process of its own, with their production defaults. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as passed } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'

export type ServerName = 'PeerServer' | 'Fofoca'
export const SERVERS: readonly ServerName[] = ['PeerServer', 'Fofoca']

/** What a process has used since it began. */
export interface Usage {
  readonly rssBytes: number
  /** Of all its threads. */
  readonly cpuMs: number
  readonly atMs: number
}

export interface Measured {
  readonly name: ServerName
  readonly port: number
  /** PeerJS's `key`: PeerServer has one for all. */
  key(room: string): string
  usage(): Promise<Usage>
  stop(): Promise<void>
}

const READY_MS_MAX = 10_000

/**
 * Resolves when it listens. The proxy is the benchmark itself, which says where each client comes from, so that one
 * machine can be many addresses, and the limits of each are the server's defaults.
 */
export async function startServer(name: ServerName, root: string): Promise<Measured> {
  const port = await freePort()
  const program = name === 'Fofoca' ? 'dist/server/main.js' : 'e2e/bench/signaling/peer-server.mjs'
  const probe = pathToFileURL(join(root, 'e2e/bench/signaling/probe.mjs')).href
  const child = spawn(process.execPath, ['--import', probe, join(root, program)], {
    env: { ...process.env, HOST: '127.0.0.1', PORT: String(port), TRUST_PROXY: 'on' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const gone = once(child, 'exit')
  const key = (room: string) => (name === 'Fofoca' ? room : 'peerjs')
  await listens(child, `http://127.0.0.1:${port}/${key('a-room')}/peers`)
  return {
    name,
    port,
    key,
    usage: () => usageOf(child),
    stop: async () => {
      child.kill('SIGKILL')
      await gone
    },
  }
}

async function usageOf(child: ChildProcess): Promise<Usage> {
  child.send('usage')
  const [{ rssBytes, cpu }] = (await once(child, 'message')) as [{ rssBytes: number; cpu: NodeJS.CpuUsage }]
  return { rssBytes, cpuMs: (cpu.user + cpu.system) / 1_000, atMs: performance.now() }
}

async function listens(child: ChildProcess, url: string): Promise<void> {
  const untilMs = performance.now() + READY_MS_MAX
  while (performance.now() < untilMs && child.exitCode === null) {
    const response = await fetch(url).catch(() => undefined)
    await response?.arrayBuffer()
    if (response?.ok) return
    await passed(20)
  }
  throw new Error(`${child.spawnargs.join(' ')} does not listen`)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
