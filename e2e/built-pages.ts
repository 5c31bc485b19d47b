/**
 * `pages/*.html`, built. Once in each of Playwright's processes, and not as a fixture of such a process: the tests
 * that have one get processes, and browsers, of their own.
 */
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const PAGES = fileURLToPath(new URL('pages', import.meta.url))

let built: Promise<string> | undefined

/** The folder that they are in; it is gone when the process ends. */
export function builtPages(): Promise<string> {
  built ??= buildPages()
  return built
}

async function buildPages(): Promise<string> {
  const outDir = await mkdtemp(join(tmpdir(), 'fofoca-pages-'))
  process.once('exit', () => rmSync(outDir, { recursive: true }))
  const input = ['slots.html', 'transport.html'].map((name) => join(PAGES, name))
  await build({
    configFile: false,
    root: PAGES,
    logLevel: 'error',
    build: { outDir, target: 'es2022', rolldownOptions: { input } },
  })
  return outDir
}
