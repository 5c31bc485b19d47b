/**
 * The walls of the house that the linter cannot see: which folder may import which, and which packages (DESIGN 3).
 * `ui → runtime → core`, `adapters → runtime/ports, core`; core knows no clock; and no text becomes markup: no `{@html}`.
 * Run as a test, `house.test.ts`.
 */
import { readFileSync } from 'node:fs'
import { dirname, join, normalize, relative, sep } from 'node:path'
import ts from 'typescript'

/**
 * What a folder of `src` may import beside itself: prefixes of paths in `src`, and packages.
 * A folder that isn't here is free (`sim` plays the whole world; what lies in `src` itself puts all together).
 * @type {Record<string, { paths: string[], packages?: string[] }>}
 */
const MAY_IMPORT = {
  core: { paths: [], packages: ['lib0', 'canonicalize', '@noble/hashes'] },
  runtime: { paths: ['core/'] },
  adapters: { paths: ['core/', 'runtime/ports'] },
  ui: { paths: ['core/', 'runtime/'] },
}

/**
 * @param {string} source the folder that the paths in MAY_IMPORT are relative to
 * @param {string} file
 * @returns {string[]} one sentence for each wall that the file breaks
 */
export function broken(source, file) {
  const path = posix(relative(source, file))
  const whole = readFileSync(file, 'utf8')
  return [
    ...brokenImports(path, whole),
    ...(path.endsWith('.svelte') && /\{\s*@html\b/.test(whole)
      ? [`${path} must not make markup of text: no {@html}`]
      : []),
  ]
}

/** @param {string} path @param {string} whole */
function brokenImports(path, whole) {
  const folder = path.split('/')[0] ?? ''
  const rule = MAY_IMPORT[folder]
  if (!rule || isTest(path)) return []
  const text = scriptOf(path, whole)
  const allowed = [`${folder}/`, ...rule.paths]
  const imports = ts.preProcessFile(text, true, true).importedFiles.map((imported) => imported.fileName)
  const badImports = imports.filter((name) => {
    if (!name.startsWith('.')) return rule.packages !== undefined && !rule.packages.includes(packageOf(name))
    const target = posix(normalize(join(dirname(path), name)))
    return !allowed.some((prefix) => target.startsWith(prefix))
  })
  return [
    ...badImports.map((name) => `${path} must not import '${name}'`),
    ...(folder === 'core' && readsWallClock(text)
      ? [`${path} must not read the clock: 'now' is an argument`]
      : []),
  ]
}

/** `new Date()` and `Date()`; `new Date(time)` only formats. (`Date.now` is the linter's.) @param {string} text */
function readsWallClock(text) {
  let found = false
  /** @param {ts.Node} node */
  const visit = (node) => {
    const calls = ts.isNewExpression(node) || ts.isCallExpression(node)
    if (calls && ts.isIdentifier(node.expression) && node.expression.text === 'Date') {
      found ||= ts.isCallExpression(node) || !node.arguments?.length
    }
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile('it.ts', text, ts.ScriptTarget.Latest))
  return found
}

/** A component's scripts; a module as it is. @param {string} path @param {string} text */
function scriptOf(path, text) {
  if (!path.endsWith('.svelte')) return text
  return [...text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map((match) => match[1]).join('\n')
}

/** @param {string} name */
function packageOf(name) {
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/')
}

/** Tests, and the suites and tools that only tests use, may reach across. @param {string} path */
function isTest(path) {
  return /\.(test|contract|fixtures)\.ts$/.test(path)
}

/** @param {string} path */
function posix(path) {
  return path.split(sep).join('/')
}
