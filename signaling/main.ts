/** Starts the server from the environment (see `options.ts`), and says where it can be reached. */
import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { fileURLToPath } from 'node:url'
import { newLog } from './log'
import { OptionError, type Options, parseOptions } from './options'
import { type Server, serve, type Tls } from './server'

async function main(): Promise<void> {
  let options: Options | undefined
  try {
    options = parseOptions(process.env)
    const { tlsFiles } = options
    const server = await serve({
      ...options,
      app: fileURLToPath(new URL('../app', import.meta.url)),
      log: options.log
        ? newLog({ addresses: options.logAddresses, write: console.log, nowMs: Date.now })
        : () => undefined,
      ...(tlsFiles ? { tls: readTls(tlsFiles) } : {}),
    })
    announce(server, options)
    listenToSignals(server, options)
  } catch (error) {
    console.error(explain(error, options))
    process.exitCode = 1
  }
}

function announce({ port }: Server, { host, base, tlsFiles }: Options): void {
  const address = (name: string) =>
    `${tlsFiles ? 'https' : 'http'}://${name.includes(':') ? `[${name}]` : name}:${port}${base}`
  const local = host && host !== '0.0.0.0' && host !== '::' ? host : 'localhost'
  console.log(`Fofoca runs.\n\n  On this device    ${address(local)}`)
  if (local === 'localhost' && host !== 'localhost') {
    for (const other of addressesForOthers()) console.log(`  On other devices  ${address(other)}`)
  }
  console.log('\nCtrl+C stops it; tabs that are linked go on without it.')
}

function addressesForOthers(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  return all.filter(({ family, internal }) => family === 'IPv4' && !internal).map((found) => found.address)
}

/** The second SIGINT or SIGTERM ends it at once. SIGHUP reads a renewed certificate. */
function listenToSignals(server: Server, { tlsFiles }: Options): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.close())
  if (!tlsFiles) return
  process.on('SIGHUP', () => {
    try {
      server.renewTls(readTls(tlsFiles))
    } catch (error) {
      console.error(`The certificate could not be read again, and the old one stays: ${String(error)}`)
    }
  })
}

function readTls({ cert, key }: NonNullable<Options['tlsFiles']>): Tls {
  return { cert: readFileSync(cert), key: readFileSync(key) }
}

function explain(error: unknown, options: Options | undefined): string {
  if (error instanceof OptionError) return error.message
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const { port = 0, host } = options ?? {}
  if (code === 'EADDRINUSE') {
    return `Port ${port} is taken by another program. Stop that one, or choose another port: PORT=${port + 1} npm start`
  }
  if (code === 'EACCES' && port < 1024)
    return `This user may not open port ${port}. Choose one above 1023: PORT=9000 npm start`
  if (code === 'EADDRNOTAVAIL') return `HOST=${host} is no address of this device.`
  return `The server could not start: ${String(error)}`
}

await main()
