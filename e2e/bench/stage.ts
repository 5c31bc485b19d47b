/** Where the benchmarks play: the production build and the real server, a Chromium with a disk, blank tabs. */
import { type BrowserContext, chromium, type Page } from '@playwright/test'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'vite'
import { root } from '../../scripts/project.mjs'
import { type Server, serve } from '../../signaling/server'
import { CHROMIUM_TO_MEASURE } from '../chromium'
import type { SystemName } from './page/page'
import type { TabName } from './systems/system'

export interface Stage {
  readonly browserVersion: string
  /** A room that nobody was in before; also fit for what PeerJS calls a key. */
  newRoom(): string
  /** A blank tab with the systems loaded. */
  newTab(): Promise<Page>
  /** A tab with the room open; `openMs` is how long that took. */
  openTab(system: SystemName, room: string, tab: TabName): Promise<{ page: Page; openMs: number }>
  /** Two tabs with the room open; `a` has so many keys. */
  openPair(system: SystemName, keys: number): Promise<{ a: Page; b: Page }>
  close(): Promise<void>
}

/** With a disk of its own, emptied at the end; `built`: the app that is measured. */
export async function openStage(built = join(root, 'dist/app')): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'fofoca-bench-'))
  const app = join(folder, 'app')
  await buildPage(app)
  await cp(built, app, { recursive: true, filter: (path) => !path.endsWith('index.html') })
  const server = await serve({ port: 0, app })
  const context = await launch(join(folder, 'profile'))
  return new OpenStage(folder, server, context)
}

class OpenStage implements Stage {
  private rooms = 0

  constructor(
    private readonly folder: string,
    private readonly server: Server,
    private readonly context: BrowserContext,
  ) {}

  get browserVersion(): string {
    return this.context.browser()?.version() ?? ''
  }

  newRoom(): string {
    this.rooms += 1
    return `bench-${this.rooms}`
  }

  async newTab(): Promise<Page> {
    const page = await this.context.newPage()
    page.on('pageerror', (error) => console.error(error))
    await page.goto(`http://localhost:${this.server.port}/index.html`)
    await page.waitForFunction(() => window.bench !== undefined, undefined, { polling: 20 })
    return page
  }

  async openTab(system: SystemName, room: string, tab: TabName): Promise<{ page: Page; openMs: number }> {
    const page = await this.newTab()
    const openMs = await page.evaluate(([system, room, tab]) => window.bench.open(system, room, tab), [
      system,
      room,
      tab,
    ] as const)
    return { page, openMs }
  }

  async openPair(system: SystemName, keys: number): Promise<{ a: Page; b: Page }> {
    const room = this.newRoom()
    const { page: a } = await this.openTab(system, room, 'a')
    await a.evaluate((keys) => window.bench.fill(keys), keys)
    const { page: b } = await this.openTab(system, room, 'b')
    return { a, b }
  }

  async close(): Promise<void> {
    await this.context.close()
    await this.server.close()
    await rm(this.folder, { recursive: true, force: true })
  }
}

function launch(profile: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(profile, CHROMIUM_TO_MEASURE)
}

async function buildPage(folder: string): Promise<void> {
  await build({
    configFile: false,
    root: join(root, 'e2e/bench/page'),
    logLevel: 'error',
    build: { outDir: folder, target: 'es2022', modulePreload: false },
  })
}
