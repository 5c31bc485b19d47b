/**
 * `npm run bench`: the benchmarks in the browser, against the production build, and then the scale table of simulated
 * rooms. `npm run bench -- scale [--nodes=8,50]` is the scale table alone; other arguments go to the browser's.
 */
import { join } from 'node:path'
import { withBrowsers } from './browser.mjs'
import { buildIfStale } from './build.mjs'
import { fail, ready, root, run } from './project.mjs'

const args = process.argv.slice(2)
await ready()
if (args[0] !== 'scale') {
  await buildIfStale().catch(fail)
  await run(process.execPath, [join(root, 'e2e/bench/run.mjs'), ...args], await withBrowsers()).catch(fail)
}
if (args.length === 0 || args[0] === 'scale') {
  await run(process.execPath, [join(root, 'e2e/bench/scale.mjs'), ...args.slice(1)]).catch(fail)
}
