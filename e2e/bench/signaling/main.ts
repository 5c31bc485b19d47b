/**
 * The signaling server under load, beside PeerServer under the same: `npm run bench -- signaling [--only=idle,joins]`.
 * The servers take turns, each load on a fresh process; all of it on this machine, over loopback.
 */
import { cpus, totalmem } from 'node:os'
import { root } from '../../../scripts/project.mjs'
import { type Load, LOADS } from './loads'
import { type ServerName, SERVERS, startServer } from './servers'
import { table } from './table'

export async function main(args: readonly string[], print: (text: string) => void): Promise<void> {
  const only = args
    .find((arg) => arg.startsWith('--only='))
    ?.slice('--only='.length)
    .split(',')
  const loads = LOADS.filter(({ name }) => only === undefined || only.includes(name))
  const figures = new Map(SERVERS.map((name) => [name, new Map<string, number>()] as const))
  for (const load of loads) {
    for (const name of SERVERS) await measure(load, name, figures)
  }
  const memory = Math.round(totalmem() / 2 ** 30)
  print(`${cpus().length} × ${cpus()[0]?.model.trim()}, ${memory} GiB, Node ${process.versions.node}\n`)
  print(table(figures))
}

async function measure(
  load: Load,
  name: ServerName,
  figures: ReadonlyMap<ServerName, Map<string, number>>,
): Promise<void> {
  const server = await startServer(name, root)
  const [startMs, before] = [performance.now(), process.cpuUsage()]
  try {
    for (const [row, figure] of Object.entries(await load.run(server, root))) {
      figures.get(name)?.set(row, figure)
      console.error(`${name}: ${row} ${figure.toFixed(2)}`)
    }
    const { user, system } = process.cpuUsage(before)
    const percent = (user + system) / 10 / (performance.now() - startMs)
    console.error(`${name}: the clients of “${load.name}” took ${percent.toFixed(0)} % of a core`)
  } finally {
    await server.stop()
  }
}
