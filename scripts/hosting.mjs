/**
 * The programs that `docs/hosting.md` is tested with: nginx and coturn. One that is installed, or, as root or in CI,
 * the system's package manager, saying so. Without them a developer's machine leaves the step out, and CI fails.
 */
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { installFromSystem } from './browser.mjs'

/** The system keeps servers where an ordinary user's PATH doesn't look. */
const FOLDERS = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']

/** @typedef {(command: string) => string | undefined} Find where a program is */
/** @typedef {(name: string, found: () => string | undefined) => Promise<string | undefined>} Install a package */

/**
 * Where they are: FOFOCA_NGINX and FOFOCA_TURNSERVER. If one of them can't be had: the sentence that says so, or, in
 * CI, a rejection with it, since a step that nobody runs must not pass.
 * @param {{ find?: Find, install?: Install, ci?: boolean }} [machine]
 * @returns {Promise<{ FOFOCA_NGINX: string, FOFOCA_TURNSERVER: string } | { missing: string }>}
 */
export async function withHosting({
  find = findInstalled,
  install = installFromSystem,
  ci = Boolean(process.env['CI']),
} = {}) {
  const nginx = find('nginx') ?? (await install('nginx', () => find('nginx')))
  const turnserver = find('turnserver') ?? (await install('coturn', () => find('turnserver')))
  if (nginx && turnserver) return { FOFOCA_NGINX: nginx, FOFOCA_TURNSERVER: turnserver }
  const names = [nginx ? [] : 'nginx', turnserver ? [] : 'coturn'].flat().join(' and ')
  const missing = `the tests of docs/hosting.md need ${names}, which can be neither found nor installed here`
  if (ci) throw new Error(`With CI set nothing is left out: ${missing}.`)
  return { missing }
}

/** @type {Find} */
function findInstalled(command) {
  return FOLDERS.map((folder) => join(folder, command)).find((path) => existsSync(path))
}
