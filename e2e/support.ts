/**
 * What every browser test stands on: `server`, the production server in a process of its own on a free port (the one
 * of the test before, unless that stopped it), and `openTab`, which opens a room in a new tab of a context and waits
 * until its store is there.
 */
import { type BrowserContext, expect, type Page, test as base } from '@playwright/test'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../dist/server/main.js', import.meta.url))

export interface TestServer {
  /** With a slash at the end; the same after a restart. */
  readonly url: string
  /** What it printed since it was started last. */
  readonly lines: readonly string[]
  /** It was neither stopped nor sent a signal: the next test may have it, once this one's tabs are closed. */
  readonly untouched: boolean
  start(): Promise<void>
  /** As a crash would: every signaling socket is cut. Does nothing if it is stopped. */
  stop(): Promise<void>
  restart(): Promise<void>
  /** Sends the process a signal; its exit code, once it ends. */
  signal(name: NodeJS.Signals): Promise<number | null>
}

export interface Fixtures {
  server: TestServer
  /** A new tab in `context`, in `room` (a code as in the link; absent: the lobby), with `window.kv` there. */
  openTab: (context: BrowserContext, room?: string) => Promise<Page>
  /** What a test opened ends with it: its tabs would gossip on, and look for their server, beside the tests that follow. */
  tidy: void
}

let spare: TestServer | undefined

export const test = base.extend<Fixtures>({
  tidy: [
    async ({ browser }, use) => {
      await use()
      await Promise.all(browser.contexts().map((context) => context.close()))
    },
    { auto: true },
  ],
  // Playwright wants a pattern here, also an empty one.
  // oxlint-disable-next-line no-empty-pattern
  server: async ({}, use) => {
    const server = spare ?? (await startServer())
    spare = undefined
    await use(server)
    if (server.untouched) spare = server
    else await server.stop()
  },
  openTab: async ({ server }, use) => {
    await use(async (context, room) => {
      const page = await context.newPage()
      await page.goto(room === undefined ? server.url : `${server.url}#${encodeURIComponent(room)}`)
      await kvReady(page)
      return page
    })
  },
})

export { expect }

/** Resolves when `window.kv` is there: after a reload, or another room. */
export async function kvReady(page: Page): Promise<void> {
  await page.waitForFunction(() => window.kv !== undefined, undefined, { polling: 20 })
}

/** Each of the tabs is linked with as many peers as there are others, and all are in sync. */
export function inSync(...pages: readonly Page[]): Promise<void> {
  return inSyncWithin(30_000, ...pages)
}

/** As `inSync`, all of it within so many milliseconds. */
export async function inSyncWithin(timeout: number, ...pages: readonly Page[]): Promise<void> {
  const others = pages.length - 1
  const statuses = () =>
    Promise.all(
      pages.map((page) =>
        page.evaluate(() => {
          const { linked, inSync, digest } = window.kv.status()
          return { linked, inSync, digest }
        }),
      ),
    )
  await expect
    .poll(
      async () => {
        const all = await statuses()
        return all.map((each) => ({ ...each, digest: each.digest === all[0]?.digest }))
      },
      { message: 'all tabs in sync', intervals: [50, 100, 200], timeout },
    )
    .toEqual(pages.map(() => ({ linked: others, inSync: true, digest: true })))
}

/** Kills the tab's renderer: nothing of the page runs any more, no goodbye, no `pagehide`. */
export async function kill(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page)
  const crashed = page.waitForEvent('crash')
  session.send('Page.crash').catch(() => undefined) // nobody is left to answer
  await crashed
  await page.close()
}

/**
 * An address of this machine that is not loopback, as others in its network have it. On a machine that has none the
 * test is skipped, and in CI it fails: there nothing passes that wasn't run.
 */
export function outsideAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  const found = all.find(({ family, internal }) => family === 'IPv4' && !internal)
  if (found) return found.address
  const why = 'This machine has no IPv4 address but loopback, and the test needs one.'
  if (!process.env['CI']) base.skip(true, why)
  throw new Error(why)
}

/** @param env as for `npm start`: LOBBY, BASE */
export async function startServer(env: Record<string, string> = {}): Promise<TestServer> {
  let { child, url, lines } = await launch({ ...env, PORT: '0' })
  let untouched = true
  const { port } = new URL(url)
  const stop = async () => {
    untouched = false
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
  const start = async () => {
    ;({ child, url, lines } = await launch({ ...env, PORT: port }))
  }
  return {
    get url() {
      return url
    },
    get lines() {
      return lines
    },
    get untouched() {
      return untouched
    },
    start,
    stop,
    restart: async () => {
      await stop()
      await start()
    },
    signal: async (name) => {
      untouched = false
      const gone = once(child, 'exit')
      child.kill(name)
      const [code] = (await gone) as [number | null]
      return code
    },
  }
}

const running = new Set<ChildProcess>()
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')))

/** A process that doesn't outlive the tests, also where one fails before it has ended it. */
export function endedWithUs<Child extends ChildProcess>(child: Child): Child {
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

/** Resolves with the address that the server prints once it listens. */
async function launch(
  env: Record<string, string>,
): Promise<{ child: ChildProcess; url: string; lines: readonly string[] }> {
  const child = endedWithUs(
    spawn(process.execPath, [MAIN], {
      env: { ...process.env, HOST: '127.0.0.1', ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  )
  const lines: string[] = []
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout)
      .on('line', (line) => {
        lines.push(line)
        const url = /https?:\/\/\S+/.exec(line)?.[0]
        if (url) resolve(url)
      })
      .once('close', () =>
        reject(new Error('The server ended before it listened; is it built? (npm run build)')),
      )
  })
  return { child, url, lines }
}
