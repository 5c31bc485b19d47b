/** The simulator as one module of plain JavaScript, for what runs it outside of the tests. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'vite'
import { root } from './project.mjs'

/**
 * Builds a module for Node, and writes it under a name of its own. Returns its address.
 * @param {string} path in the project
 * @param {string} name
 * @param {import('vite').Plugin[]} [plugins]
 * @returns {Promise<string>}
 */
export async function buildModule(path, name, plugins = []) {
  const built = await build({
    configFile: false,
    root,
    logLevel: 'error',
    plugins,
    build: { ssr: join(root, path), write: false, minify: false, target: 'node20' },
  })
  if (Array.isArray(built) || !('output' in built)) throw new Error('one module was to be built')
  const place = join(root, 'node_modules/.fofoca')
  await mkdir(place, { recursive: true })
  const file = join(place, `${name}.mjs`)
  await writeFile(file, built.output[0].code)
  return pathToFileURL(file).href
}

/**
 * Builds `src/sim/soak.ts`, with these plugins, and writes it under a name of its own. Returns its address.
 * @param {string} name
 * @param {import('vite').Plugin[]} [plugins]
 * @returns {Promise<string>}
 */
export function buildSimulator(name, plugins = []) {
  return buildModule('src/sim/soak.ts', `simulator-${name}`, plugins)
}
