/** The large list of `npm run bench`: the rest is TypeScript, which Vite reads for a Node that does not. */
import { join } from 'node:path'
import { runnerImport } from 'vite'
import { root } from '../../../scripts/project.mjs'

const { module } = await runnerImport(join(root, 'e2e/bench/list/main.ts'), { configFile: false, root })
await module.main(process.argv.slice(2), console.log)
