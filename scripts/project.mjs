/** What every npm command begins with: this folder, the right Node, and the packages of the lockfile. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

const NODE_MIN = [20, 19]

/** Says it plainly if this Node is too old, and installs what is missing or of another version than in the lockfile. */
export async function ready() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const [majorMin = 0, minorMin = 0] = NODE_MIN
  if (major < majorMin || (major === majorMin && minor < minorMin)) {
    fail(`Fofoca needs Node ${NODE_MIN.join('.')} or later; this is ${process.versions.node}.`)
  }
  if (installed()) return
  console.log('Installing packages (npm ci) …')
  await npm(['ci', '--include=dev', '--no-audit', '--no-fund']).catch(fail)
}

/**
 * Whether `node_modules` holds the versions of the lockfile: npm keeps its own account there. What this platform may
 * leave out (optional) is not looked for.
 */
function installed() {
  const account = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(account)) return false
  const there = packagesIn(account)
  return Object.entries(packagesIn(join(root, 'package-lock.json'))).every(
    ([path, { version, optional, devOptional }]) =>
      path === '' || optional || devOptional || there[path]?.version === version,
  )
}

/**
 * @param {string} lockfile
 * @returns {Record<string, { version?: string, optional?: boolean, devOptional?: boolean }>}
 */
function packagesIn(lockfile) {
  return JSON.parse(readFileSync(lockfile, 'utf8')).packages
}

/** npm as it runs us, or the one in the PATH. @param {string[]} args */
function npm(args) {
  const self = process.env['npm_execpath']
  return self?.endsWith('.js') ? run(process.execPath, [self, ...args]) : run('npm', args)
}

/**
 * Runs a program in this folder, its output shown, and resolves when it ended well.
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<void>}
 */
export function run(command, args, env = process.env) {
  const child = spawn(command, args, { cwd: root, env, stdio: 'inherit', shell: needsShell(command) })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      if (code === 0) resolve()
      else reject(new Error(`${command} ${args[0] ?? ''} ended with ${signal ?? `exit code ${code}`}`))
    })
  })
}

/** On Windows, what npm installs as a command is a `.cmd`, which only a shell starts. @param {string} command */
export function needsShell(command) {
  return process.platform === 'win32' && !command.endsWith('.exe')
}

/** A command of an installed package. @param {string} name */
export function bin(name) {
  return join(root, 'node_modules', '.bin', name)
}

/**
 * Ends the process with this as its last word.
 * @param {unknown} reason
 * @returns {never}
 */
export function fail(reason) {
  console.error(reason instanceof Error ? reason.message : reason)
  process.exit(1)
}
