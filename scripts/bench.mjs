/**
 * `npm run bench`: the benchmarks in the browser, against the production build, then a large list in the page, the
 * signaling server under load, and the scale table of simulated rooms. `npm run bench -- list [--keys=100000]`,
 * `npm run bench -- signaling [--only=idle,joins]` and `npm run bench -- scale [--nodes=8,50]` are these alone; other
 * arguments go to the browser's.
 */
import { join } from 'node:path'
import { withBrowsers } from './browser.mjs'
import { buildIfStale } from './build.mjs'
import { fail, ready, root, run } from './project.mjs'

const args = process.argv.slice(2)
const [name, ...rest] = args
await ready()
if (name === undefined || !['list', 'signaling', 'scale'].includes(name)) {
  await inBrowser('e2e/bench/main.ts', args)
}
if (isWanted('list')) await inBrowser('e2e/bench/list/main.ts', rest)
if (isWanted('signaling')) {
  await buildIfStale().catch(fail)
  await measure('e2e/bench/signaling/main.ts', rest)
}
if (isWanted('scale')) await measure('src/sim/scale-table.ts', rest)

/** @param {string} part */
function isWanted(part) {
  return name === undefined || name === part
}

/** @param {string} part @param {string[]} its Arguments. */
async function inBrowser(part, its) {
  await buildIfStale().catch(fail)
  await measure(part, its, await withBrowsers())
}

/** @param {string} part @param {string[]} its Arguments. @param {NodeJS.ProcessEnv} [env] */
async function measure(part, its, env) {
  await run(process.execPath, [join(root, 'e2e/bench/run.mjs'), part, ...its], env).catch(fail)
}
