/**
 * Starts the server from the environment: PORT (9000), HOST (every interface), BASE (/), LOBBY (on; `off` hides it),
 * and says where it can be reached.
 */
import { networkInterfaces } from 'node:os'
import { fileURLToPath } from 'node:url'
import { type Server, serve } from './server'

const PORT_DEFAULT = 9000

const { PORT, HOST, BASE, LOBBY } = process.env
const base = `/${BASE ?? ''}/`.replace(/\/+/g, '/')

async function main(): Promise<void> {
  const port = PORT === undefined || PORT === '' ? PORT_DEFAULT : Number(PORT)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    return fail(`PORT must be 0–65535, not "${PORT}".`)
  try {
    const server = await serve({
      port,
      ...(HOST ? { host: HOST } : {}),
      app: fileURLToPath(new URL('../app', import.meta.url)),
      base,
      lobby: LOBBY !== 'off',
    })
    announce(server)
    stopOnSignal(server)
  } catch (error) {
    fail(explain(error, port))
  }
}

function announce({ port }: Server): void {
  const local = HOST && HOST !== '0.0.0.0' && HOST !== '::' ? HOST : 'localhost'
  console.log(`Fofoca runs.\n\n  On this device    ${address(local, port)}`)
  if (local === 'localhost' && HOST !== 'localhost') {
    for (const other of addressesForOthers()) console.log(`  On other devices  ${address(other, port)}`)
  }
  console.log('\nCtrl+C stops it; tabs that are linked go on without it.')
}

function address(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}${base}`
}

function addressesForOthers(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  return all.filter(({ family, internal }) => family === 'IPv4' && !internal).map((found) => found.address)
}

function stopOnSignal(server: Server): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.close())
}

function explain(error: unknown, port: number): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE') {
    return `Port ${port} is taken by another program. Stop that one, or choose another port: PORT=${port + 1} npm start`
  }
  if (code === 'EACCES')
    return `This user may not open port ${port}. Choose one above 1023: PORT=9000 npm start`
  if (code === 'EADDRNOTAVAIL') return `HOST=${HOST} is no address of this device.`
  return `The server could not start: ${String(error)}`
}

function fail(message: string): void {
  console.error(message)
  process.exitCode = 1
}

await main()
