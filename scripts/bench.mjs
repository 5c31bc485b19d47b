/** `npm run bench`: the benchmarks in the browser, against the production build. Arguments are passed on. */
import { join } from 'node:path'
import { withBrowsers } from './browser.mjs'
import { buildIfStale } from './build.mjs'
import { fail, ready, root, run } from './project.mjs'

await ready()
await buildIfStale().catch(fail)
const bench = join(root, 'e2e/bench/run.mjs')
await run(process.execPath, [bench, ...process.argv.slice(2)], await withBrowsers()).catch(fail)
