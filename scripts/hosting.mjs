/**
 * The programs that `docs/hosting.md` is tested with: nginx and coturn. One that is installed, or, as root or in CI,
 * the system's package manager, saying so. Without them the step is left out, saying that too.
 */
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { installFromSystem } from './browser.mjs'

/** The system keeps servers where an ordinary user's PATH doesn't look. */
const FOLDERS = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']

/**
 * Where they are: FOFOCA_NGINX and FOFOCA_TURNSERVER. Undefined if one of them can't be had.
 * @returns {Promise<{ FOFOCA_NGINX: string, FOFOCA_TURNSERVER: string } | undefined>}
 */
export async function withHosting() {
  const nginx = find('nginx') ?? (await installFromSystem('nginx', () => find('nginx')))
  const turnserver = find('turnserver') ?? (await installFromSystem('coturn', () => find('turnserver')))
  if (nginx && turnserver) return { FOFOCA_NGINX: nginx, FOFOCA_TURNSERVER: turnserver }
  const missing = [nginx ? [] : 'nginx', turnserver ? [] : 'coturn'].flat().join(' and ')
  console.log(`No ${missing} is installed: the tests of docs/hosting.md are left out.`)
  return undefined
}

/** @param {string} command */
function find(command) {
  return FOLDERS.map((folder) => join(folder, command)).find((path) => existsSync(path))
}
