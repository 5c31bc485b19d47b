/** Writes the declarations of `/kv.js` beside it: `kv.d.ts`, and what it speaks of under `types/`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { root } from './project.mjs'

/** @param {string} app the folder of the built app */
export function writeTypes(app) {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path))
  const { options } = ts.parseJsonConfigFileContent(
    { ...config, include: [], files: ['src/kv.ts'] },
    ts.sys,
    root,
  )
  const program = ts.createProgram([join(root, 'src/kv.ts')], {
    ...options,
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    rootDir: join(root, 'src'),
    outDir: join(app, 'types'),
  })
  program.emit()
  writeFileSync(join(app, 'kv.d.ts'), `export * from './types/kv'\n`)
}
