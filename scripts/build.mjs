/**
 * Builds `dist/app` (the page and `/kv.js` with its types) and `dist/server`, if their sources changed since the last
 * time; run as a command, in any case. Whether they changed is told by their content, since git knows no times.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { fail, ready, root } from './project.mjs'

const dist = join(root, 'dist')
const stamp = join(dist, 'sources.sha256')

/** What the build is made of. */
const SOURCES = [
  'src',
  'public',
  'signaling',
  'scripts/build.mjs',
  'scripts/types.mjs',
  'vite.config.ts',
  'svelte.config.js',
  'tsconfig.json',
  'package.json',
  'package-lock.json',
]

export async function buildIfStale() {
  const there = existsSync(join(dist, 'app')) && existsSync(join(dist, 'server')) && existsSync(stamp)
  if (there && readFileSync(stamp, 'utf8') === hashOfSources()) return
  console.log('Building …')
  await build()
}

/** Built beside and then moved into place, so that a build that fails, or two at once, leave a whole one. */
async function build() {
  const { build: bundle } = await import('vite')
  const { writeTypes } = await import('./types.mjs')
  const hash = hashOfSources()
  const fresh = join(dist, `building-${process.pid}`)
  try {
    await bundle({
      configFile: join(root, 'vite.config.ts'),
      logLevel: 'warn',
      build: { outDir: join(fresh, 'app') },
    })
    await bundle({
      configFile: false,
      root,
      logLevel: 'warn',
      build: {
        ssr: 'signaling/main.ts',
        outDir: join(fresh, 'server'),
        target: 'node20',
        copyPublicDir: false,
        rolldownOptions: { output: { entryFileNames: 'main.js' } },
      },
    })
    writeTypes(join(fresh, 'app'))
    for (const part of ['app', 'server']) {
      rmSync(join(dist, part), { recursive: true, force: true })
      renameSync(join(fresh, part), join(dist, part))
    }
    writeFileSync(stamp, hash)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

function hashOfSources() {
  const hash = createHash('sha256')
  for (const path of SOURCES.flatMap(filesIn)) {
    hash
      .update(`${path}\n`)
      .update(readFileSync(join(root, path)))
      .update('\n')
  }
  return hash.digest('hex')
}

/** @param {string} path of a file or folder @returns {string[]} its files, sorted, tests left out */
function filesIn(path) {
  const place = join(root, path)
  if (!existsSync(place) || path.endsWith('.test.ts')) return []
  if (!statSync(place).isDirectory()) return [path]
  return readdirSync(place)
    .toSorted()
    .flatMap((name) => filesIn(`${path}/${name}`))
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await ready()
  await build().catch(fail)
}
