/** Runs what `docs/hosting.md` says, word by word, but for the ports and paths that a test must choose itself. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from '@playwright/test'
import { endedWithUs } from '../support'

const DOCUMENT = readFileSync(fileURLToPath(new URL('../../docs/hosting.md', import.meta.url)), 'utf8')

/** The configuration whose first line is `# title`, with what must differ here in its place. */
export function documented(title: string, replacements: Readonly<Record<string, string>>): string {
  const [, found] =
    new RegExp('```\\w+\\n(# ' + title.replaceAll('.', '\\.') + '\\n[^]*?)```').exec(DOCUMENT) ?? []
  if (found === undefined) throw new Error(`docs/hosting.md has no configuration “${title}”`)
  let text = found
  for (const [from, to] of Object.entries(replacements)) {
    expect(text, `docs/hosting.md, ${title}`).toContain(from)
    text = text.replaceAll(from, to)
  }
  return text
}

/** The variables of a documented command. */
export function environmentOf(command: string): Record<string, string> {
  return Object.fromEntries(
    [...command.matchAll(/(?<=\s)([A-Z_]+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]),
  )
}

export interface Program {
  stop(): Promise<void>
}

/** As it is packaged: one file for the program, which includes the site's. */
export async function startNginx(site: string, port: number): Promise<Program> {
  const folder = mkdtempSync(join(tmpdir(), 'nginx-'))
  writeFileSync(join(folder, 'site.conf'), site)
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  )
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; master_process off; pid ${folder}/pid; error_log stderr crit;
     ${documented('/etc/nginx/nginx.conf, beside http', {})}
     http { ${paths.join(' ')} include ${folder}/site.conf; }`,
  )
  return started('FOFOCA_NGINX', ['-p', folder, '-c', join(folder, 'nginx.conf')], port, '127.0.0.1', folder)
}

export async function startTurnServer(text: string, port: number, address: string): Promise<Program> {
  const folder = mkdtempSync(join(tmpdir(), 'turn-'))
  const here = [`listening-ip=${address}`, `relay-ip=${address}`, 'log-file=stdout', `pidfile=${folder}/pid`]
  writeFileSync(join(folder, 'turnserver.conf'), [text, ...here, `userdb=${folder}/db`, ''].join('\n'))
  return started('FOFOCA_TURNSERVER', ['-c', join(folder, 'turnserver.conf')], port, address, folder)
}

export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

/** Resolves when it listens. */
async function started(
  variable: string,
  args: readonly string[],
  port: number,
  address: string,
  folder: string,
): Promise<Program> {
  const command = process.env[variable]
  if (!command) throw new Error(`${variable} is not set: run npm test -- hosting`)
  const child = endedWithUs(spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] }))
  const gone = once(child, 'exit')
  await expect
    .poll(() => listens(port, address), { message: `${command} listens`, intervals: [50] })
    .toBe(true)
  return {
    stop: async () => {
      child.kill('SIGKILL')
      await gone
      rmSync(folder, { recursive: true })
    },
  }
}

function listens(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host })
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
