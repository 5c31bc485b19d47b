/**
 * `npm test`: everything that a change must pass, on a fresh clone too. `npm test -- lint unit` runs only these steps.
 * The checks that only read run side by side; their output is shown whole, one after the other.
 */
import { spawn } from 'node:child_process'
import { bin, fail, needsShell, ready, root, run } from './project.mjs'

/** @type {Record<string, string[][]>} */
const CHECKS = {
  format: [['prettier', '--check', '--cache', '--log-level', 'warn', '.']],
  lint: [['oxlint', '--quiet', '--report-unused-disable-directives-severity=error']],
  types: [
    // TypeScript outside of components too, all that tsc finds there
    ['svelte-check', '--tsconfig', './tsconfig.json', '--fail-on-warnings', '--output', 'human'],
    ['tsc', '-p', 'src/core', '--incremental', '--tsBuildInfoFile', 'node_modules/.fofoca/core.tsbuildinfo'],
  ],
  unused: [['knip', '--no-progress']],
}

/**
 * Each resolves when all is well, with the reason if it was left out.
 * @type {Record<string, () => Promise<string | undefined | void>>}
 */
const STEPS = {
  unit: () => run(bin('vitest'), ['run']),
  browser: async () => {
    const { buildIfStale } = await import('./build.mjs')
    const { withBrowsers } = await import('./browser.mjs')
    await buildIfStale()
    await run(bin('playwright'), ['test', '--config', 'e2e/playwright.config.ts'], await withBrowsers())
  },
  hosting: async () => {
    const { buildIfStale } = await import('./build.mjs')
    const { withBrowsers } = await import('./browser.mjs')
    const { withHosting } = await import('./hosting.mjs')
    const hosting = await withHosting()
    if ('missing' in hosting) return hosting.missing
    await buildIfStale()
    const env = { ...(await withBrowsers()), ...hosting }
    await run(bin('playwright'), ['test', '--config', 'e2e/hosting/playwright.config.ts'], env)
    return undefined
  },
}

const ALL = [...Object.keys(CHECKS), ...Object.keys(STEPS)]

/** @param {string[]} wanted */
async function test(wanted) {
  const unknown = wanted.find((name) => !ALL.includes(name))
  if (unknown) throw new Error(`There is no step "${unknown}"; there are: ${ALL.join(', ')}.`)
  await ready()
  await Promise.all(wanted.filter((name) => name in CHECKS).map((name) => timed(name, () => check(name))))
  for (const name of wanted) {
    const step = STEPS[name]
    if (step) await timed(name, step)
  }
}

/**
 * @param {string} name
 * @param {() => Promise<string | undefined | void>} work
 */
async function timed(name, work) {
  const startMs = performance.now()
  const leftOut = await work()
  if (leftOut) console.log(`– ${name} was NOT run: ${leftOut}`)
  else console.log(`✓ ${name} (${((performance.now() - startMs) / 1000).toFixed(1)} s)`)
}

/** @param {string} name */
async function check(name) {
  for (const [command = '', ...args] of CHECKS[name] ?? []) {
    const { code, output } = await captured(command, args)
    if (code !== 0) throw new Error(`${output.trim()}\n✗ ${name}: ${command} ${args.join(' ')}`)
  }
}

/**
 * @param {string} command
 * @param {string[]} args
 * @returns {Promise<{ code: number | null, output: string }>}
 */
function captured(command, args) {
  const program = bin(command)
  const child = spawn(program, args, { cwd: root, shell: needsShell(program) })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, output }))
  })
}

const asked = process.argv.slice(2)
await test(asked.length > 0 ? asked : ALL).catch(fail)
