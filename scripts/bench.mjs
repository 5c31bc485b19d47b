/**
 * `npm run bench`: the benchmarks in the browser, against the production build, then the signaling server under load,
 * and then the scale table of simulated rooms. `npm run bench -- signaling [--only=idle,joins]` and
 * `npm run bench -- scale [--nodes=8,50]` are these alone; other arguments go to the browser's.
 */
import { join } from 'node:path'
import { withBrowsers } from './browser.mjs'
import { buildIfStale } from './build.mjs'
import { fail, ready, root, run } from './project.mjs'

const args = process.argv.slice(2)
const [name, ...rest] = args
await ready()
if (name !== 'scale' && name !== 'signaling') {
  await buildIfStale().catch(fail)
  await run(process.execPath, [join(root, 'e2e/bench/run.mjs'), ...args], await withBrowsers()).catch(fail)
}
if (name === undefined || name === 'signaling') {
  await buildIfStale().catch(fail)
  await run(process.execPath, [join(root, 'e2e/bench/signaling/run.mjs'), ...rest]).catch(fail)
}
if (name === undefined || name === 'scale') {
  await run(process.execPath, [join(root, 'e2e/bench/scale.mjs'), ...rest]).catch(fail)
}
