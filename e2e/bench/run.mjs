/** Runs one part of `npm run bench`: the parts are TypeScript, which Vite reads for a Node that does not. */
import { join } from 'node:path'
import { runnerImport } from 'vite'
import { root } from '../../scripts/project.mjs'

const [part = '', ...args] = process.argv.slice(2)
const { module } = await runnerImport(join(root, part), { configFile: false, root })
await module.main(args, console.log)
