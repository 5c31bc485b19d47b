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
const PARTS = { list: 'list/run.mjs', signaling: 'signaling/run.mjs', scale: 'scale.mjs' }

if (name === undefined || !(name in PARTS)) await measure('run.mjs', args)
for (const [part, script] of Object.entries(PARTS)) {
  if (name === undefined || name === part) await measure(script, rest)
}

/** @param {string} script @param {string[]} its Arguments. */
async function measure(script, its) {
  await buildIfStale().catch(fail)
  await run(process.execPath, [join(root, 'e2e/bench', script), ...its], await withBrowsers()).catch(fail)
}
