/**
 * Finds the browsers that the tests drive, and gets a Chromium where there is none, in this order: one that is
 * installed; Playwright's own download; as root or in CI, the system's package manager. Firefox is for the smoke
 * test, and only fetched in CI, as is Chromium's headless shell, which opens a tab in half the time. What was found
 * is passed on in FOFOCA_CHROMIUM and FOFOCA_FIREFOX.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { root, run } from './project.mjs'

const CI = Boolean(process.env['CI'])
const IS_ROOT = process.getuid?.() === 0

/** Given up on sooner than Playwright would, since the package manager comes next. */
const DOWNLOAD_TIMEOUT_MS = 20_000

const PROGRAM_FILES = [
  process.env['PROGRAMFILES'],
  process.env['PROGRAMFILES(X86)'],
  process.env['LOCALAPPDATA'],
]

/** @typedef {{ commands: string[], mac: string[], windows: string[] }} Places */

/** Chromium without its window, as some systems package it: what Playwright's own download is. */
const HEADLESS_SHELL = 'chromium-headless-shell'

/** @type {Places} */
const CHROMIUM = {
  commands: [
    HEADLESS_SHELL,
    'chromium',
    'chromium-browser',
    'google-chrome',
    'google-chrome-stable',
    'microsoft-edge',
  ],
  mac: ['Chromium.app/Contents/MacOS/Chromium', 'Google Chrome.app/Contents/MacOS/Google Chrome'],
  windows: ['Google/Chrome/Application/chrome.exe', 'Microsoft/Edge/Application/msedge.exe'],
}

/** @type {Places} */
const FIREFOX = {
  commands: ['firefox-esr', 'firefox'],
  mac: ['Firefox.app/Contents/MacOS/firefox'],
  windows: ['Mozilla Firefox/firefox.exe'],
}

export const CHROMIUM_ARGS = [
  ...(IS_ROOT ? ['--no-sandbox'] : []),
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** The installed Chromium, or undefined. */
export function findChromium() {
  return process.env['FOFOCA_CHROMIUM'] ?? find(CHROMIUM)
}

function findHeadlessShell() {
  return find({ commands: [HEADLESS_SHELL], mac: [], windows: [] })
}

/** The installed Firefox, or undefined. */
export function findFirefox() {
  return process.env['FOFOCA_FIREFOX'] ?? find(FIREFOX)
}

/**
 * The environment in which the tests find their browsers. Rejects, naming the command to run, if no Chromium can be had.
 * @returns {Promise<NodeJS.ProcessEnv>}
 */
export async function withBrowsers() {
  if (CI && !process.env['FOFOCA_CHROMIUM'] && !findHeadlessShell()) {
    await installFromSystem(HEADLESS_SHELL, findHeadlessShell)
  }
  const chromium = findChromium() ?? (await download()) ?? (await installFromSystem('chromium', findChromium))
  if (!chromium) {
    throw new Error(
      'No Chromium was found, and none could be fetched. Install one: npx playwright install --with-deps chromium',
    )
  }
  const firefox = findFirefox() ?? (CI ? await installFromSystem('firefox-esr', findFirefox) : undefined)
  if (!firefox) console.log('No Firefox is installed: its smoke test is left out.')
  return { ...process.env, FOFOCA_CHROMIUM: chromium, ...(firefox ? { FOFOCA_FIREFOX: firefox } : {}) }
}

/** @param {Places} places */
function find({ commands, mac, windows }) {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const candidates = {
    darwin: mac.map((path) => join('/Applications', path)),
    win32: windows.flatMap((path) => PROGRAM_FILES.flatMap((folder) => (folder ? [join(folder, path)] : []))),
  }
  const here =
    process.platform === 'darwin' || process.platform === 'win32' ? candidates[process.platform] : []
  return [...here, ...commands.flatMap((command) => folders.map((folder) => join(folder, command)))].find(
    works,
  )
}

/** Some systems have a command of that name that only says what to install; a download may lack libraries. @param {string} path */
function works(path) {
  if (!existsSync(path)) return false
  if (process.platform === 'win32') return true // there `--version` would open a window
  return spawnSync(path, ['--version'], { timeout: 30_000 }).status === 0
}

/** Playwright's own Chromium, fetched if it isn't there yet. */
async function download() {
  const { chromium } = await import('@playwright/test')
  if (works(chromium.executablePath())) return chromium.executablePath()
  console.log("No Chromium is installed; fetching Playwright's …")
  const cli = join(root, 'node_modules/@playwright/test/cli.js')
  const env = { ...process.env, PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: String(DOWNLOAD_TIMEOUT_MS) }
  const fetched = await tried(() => run(process.execPath, [cli, 'install', 'chromium'], env))
  return fetched && works(chromium.executablePath()) ? chromium.executablePath() : undefined
}

/**
 * As root or in CI, where there is a package manager that we know.
 * @param {string} name of the package
 * @param {() => string | undefined} found
 */
export async function installFromSystem(name, found) {
  if (!(IS_ROOT || CI) || !existsSync('/usr/bin/apt-get')) return undefined
  console.log(`Installing ${name} with the system's package manager (apt-get install -y ${name}) …`)
  const [command, before] = IS_ROOT ? ['apt-get', []] : ['sudo', ['-n', 'apt-get']]
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await tried(() => run(command, [...before, 'update', '-qq'], env))
  await tried(() => run(command, [...before, 'install', '-y', '-qq', '--no-install-recommends', name], env))
  return found()
}

/** Whether it worked; why it didn't is shown, and the next way is tried. @param {() => Promise<void>} attempt */
async function tried(attempt) {
  try {
    await attempt()
    return true
  } catch (error) {
    console.log(error instanceof Error ? error.message : error)
    return false
  }
}
