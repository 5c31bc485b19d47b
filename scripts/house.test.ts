/** The walls stand: first that every rule fails on a violation, then that the house breaks none. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { broken } from './house.mjs'

const project = fileURLToPath(new URL('..', import.meta.url))

let places: string[] = []
afterEach(() => {
  for (const place of places) rmSync(place, { recursive: true })
  places = []
})

/** A project of one file. */
function houseWith(path: string, text: string): string {
  const place = mkdtempSync(join(tmpdir(), 'house-'))
  places.push(place)
  mkdirSync(dirname(join(place, path)), { recursive: true })
  writeFileSync(join(place, path), text)
  return place
}

describe('imports', () => {
  it.each([
    ['src/core/a.ts', `import { x } from '../runtime/x'`],
    ['src/core/store/a.ts', `export { x } from '../../adapters/x'`],
    ['src/core/a.ts', `const x = await import('../ui/x')`],
    ['src/core/a.ts', `import type { X } from '../runtime/x'`],
    ['src/core/a.ts', `import { openDB } from 'idb'`],
    ['src/core/a.ts', `import { readFileSync } from 'node:fs'`],
    ['src/core/a.ts', `export const at = new Date()`],
    ['src/core/a.ts', `export const at = Date()`],
    ['src/runtime/a.ts', `import { x } from '../adapters/x'`],
    ['src/runtime/a.ts', `import { x } from '../ui/x'`],
    ['src/adapters/a.ts', `import { x } from '../runtime/driver'`],
    ['src/adapters/idb/a.ts', `import { x } from '../../ui/x'`],
    ['src/ui/a.ts', `import { x } from '../adapters/x'`],
    ['src/ui/A.svelte', `<script lang="ts">import { x } from '../adapters/x'</script>`],
    ['src/ui/a.ts', `import { x } from '../main'`],
  ])('refuses in %s: %s', (path, text) => {
    const place = houseWith(path, text)
    expect(broken(join(place, 'src'), join(place, path))).toHaveLength(1)
  })

  it.each([
    ['src/core/store/a.ts', `import { x } from '../limits'; import * as y from 'lib0/encoding'`],
    ['src/core/a.ts', `export const text = (time: number) => new Date(time).toISOString()`],
    ['src/runtime/a.ts', `import { x } from '../core/x'; import { y } from './y'`],
    ['src/adapters/idb/a.ts', `import { x } from '../../runtime/ports'; import { openDB } from 'idb'`],
    ['src/ui/A.svelte', `<script lang="ts">import { x } from '../runtime/contract'</script>`],
    ['src/main.ts', `import { x } from './adapters/x'`],
  ])('allows in %s: %s', (path, text) => {
    const place = houseWith(path, text)
    expect(broken(join(place, 'src'), join(place, path))).toEqual([])
  })
})

describe('markup', () => {
  it.each([
    ['src/ui/parts/A.svelte', '<p>{@html text}</p>'],
    ['src/A.svelte', '<p>{ @html text }</p>'],
  ])('refuses in %s: %s', (path, text) => {
    const place = houseWith(path, text)
    expect(broken(join(place, 'src'), join(place, path))).toEqual([
      expect.stringContaining('no {@html}') as string,
    ])
  })

  it('allows what names it, and other tags', () => {
    const place = houseWith('src/ui/A.svelte', '<!-- no @html --> {@render children()} {@const html = 1}')
    expect(broken(join(place, 'src'), join(place, 'src/ui/A.svelte'))).toEqual([])
  })
})

it('the linter keeps clock, randomness, timers and the browser out of core', () => {
  const violations = [
    'export const x = Date.now()',
    'export const x = Math.random()',
    'setTimeout(() => undefined, 1)',
    'export const x = performance.now()',
    'export const x = crypto.getRandomValues(new Uint8Array(1))',
    'export const x = window.name',
    'export const x = globalThis.name',
  ]
  const place = houseWith('src/core/fine.ts', 'export const x = 1\n')
  for (const [at, text] of violations.entries())
    writeFileSync(join(place, `src/core/bad${at}.ts`), `${text}\n`)
  copyFileSync(join(project, '.oxlintrc.json'), join(place, '.oxlintrc.json'))
  const oxlint = join(project, 'node_modules/oxlint/bin/oxlint')
  const run = spawnSync(process.execPath, [oxlint, '-c', '.oxlintrc.json', '-f', 'unix', '.'], {
    cwd: place,
    encoding: 'utf8',
  })
  const refused = run.stdout.split('\n').filter((line) => /no-restricted-(globals|properties)/.test(line))
  const files = refused.map((line) => /(\w+)\.ts:/.exec(line)?.[1] ?? '')
  expect(files.toSorted()).toEqual(violations.map((_, at) => `bad${at}`))
  expect(run.status).toBe(1)
})

it('no wall of the house is broken', () => {
  const source = join(project, 'src')
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(ts|svelte)$/.test(path))
    .map((path) => join(source, path))
  expect(files.length).toBeGreaterThan(0)
  expect(files.flatMap((file) => broken(source, file))).toEqual([])
})
