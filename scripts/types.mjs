/** Writes the declarations of `/kv.js` beside it: `kv.d.ts`, and under `types/` the files that it speaks of, and no others. */
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
  const modules = new Set([join(root, 'src/kv.ts')])
  for (const module of modules) {
    program.emit(program.getSourceFile(module), (path, text) => {
      ts.sys.writeFile(path, text)
      for (const { fileName } of ts.preProcessFile(text).importedFiles) {
        const { resolvedModule } = ts.resolveModuleName(
          fileName,
          module,
          program.getCompilerOptions(),
          ts.sys,
        )
        if (resolvedModule && !resolvedModule.isExternalLibraryImport)
          modules.add(resolvedModule.resolvedFileName)
      }
    })
  }
  writeFileSync(join(app, 'kv.d.ts'), `export * from './types/kv'\n`)
}
