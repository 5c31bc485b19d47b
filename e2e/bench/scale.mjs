/** The scale table of `npm run bench`: the simulator is TypeScript, which Vite reads for a Node that does not. */
import { join } from 'node:path'
import { runnerImport } from 'vite'
import { root } from '../../scripts/project.mjs'

const { module } = await runnerImport(join(root, 'src/sim/scale-table.ts'), { configFile: false, root })
module.main(process.argv.slice(2), console.log)
