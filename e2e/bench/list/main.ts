/**
 * A list of 100,000 keys in the real page while much is transferred (DESIGN 6, last row): how long its main thread was
 * busy at a time, and how smoothly it scrolled. `npm run bench -- list [--keys=100000]`.
 */
import { type Browser, chromium, type Page } from '@playwright/test'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { root } from '../../../scripts/project.mjs'
import { serve } from '../../../signaling/server'
import { CHROMIUM_TO_MEASURE } from '../../chromium'
import { mark, type Task, tasksOf, TRACED } from './trace'

const KEYS = 100_000
/** Written at a time while the list is scrolled. */
const BATCH_KEYS = 5_000
const LONG_MS = 50
const WHEEL_PX = 400
const WAIT_MS_MAX = 120_000

export async function main(args: readonly string[], print: (line: string) => void): Promise<void> {
  const keys = Number(args.find((arg) => arg.startsWith('--keys='))?.slice(7) ?? KEYS)
  const server = await serve({ port: 0, app: join(root, 'dist/app') })
  const browser = await chromium.launch(CHROMIUM_TO_MEASURE)
  try {
    const url = `http://localhost:${server.port}/`
    print(`${keys.toLocaleString('en')} keys in the real page, two of them, on ${cpus().length} processors; `)
    print(
      `tasks over ${LONG_MS} ms by the clock (which counts what others had of the processors) and by their own processor time\n`,
    )
    print('| | by the clock | by processor time | frames p50, p95 |')
    print('|---|---|---|---|')
    const giver = await open(browser, url)
    await fill(giver, 0, keys, 'first')
    const newcomer = await pulled(browser, url, giver, keys, print)
    await scrolled(browser, newcomer, giver, keys, print)
  } finally {
    await browser.close()
    await server.close()
  }
}

/** A newcomer pulls all keys; done once its list has them. */
async function pulled(
  browser: Browser,
  url: string,
  giver: Page,
  keys: number,
  print: (line: string) => void,
): Promise<Page> {
  const newcomer = await open(browser, 'about:blank')
  await browser.startTracing(undefined, { categories: TRACED })
  await mark(giver, 'giver')
  await newcomer.goto(url)
  await mark(newcomer, 'newcomer')
  await listed(newcomer, keys)
  const trace = await browser.stopTracing()
  print(`| a newcomer pulls them | ${cells(tasksOf(trace, 'newcomer'))} | – |`)
  print(`| … who gives them | ${cells(tasksOf(trace, 'giver'))} | – |`)
  return newcomer
}

/** Half of the keys change and a tenth more come while somebody scrolls. */
async function scrolled(
  browser: Browser,
  reader: Page,
  writer: Page,
  keys: number,
  print: (line: string) => void,
): Promise<void> {
  const all = Math.round(keys * 1.1)
  const list = await reader.getByTestId('keys').boundingBox()
  if (list === null) throw new Error('there is no list')
  await reader.mouse.move(list.x + list.width / 2, list.y + list.height / 2)
  await browser.startTracing(undefined, { categories: TRACED })
  await mark(reader, 'reader')
  await reader.evaluate(() => {
    const gaps: number[] = []
    let last: number | undefined
    const note = (now: number) => {
      if (last !== undefined) gaps.push(now - last)
      last = now
      requestAnimationFrame(note)
    }
    requestAnimationFrame(note)
    Object.assign(window, { gaps })
  })
  const written = write(writer, keys, all).then(() => true)
  do await reader.mouse.wheel(0, WHEEL_PX)
  while (!(await Promise.race([written, Promise.resolve(false)])))
  await listed(reader, all)
  const gaps = await reader.evaluate(() => (window as unknown as { gaps: number[] }).gaps)
  const trace = await browser.stopTracing()
  print(
    `| the list, scrolled while ${(all - Math.round(keys / 2)).toLocaleString('en')} changes come | ${cells(tasksOf(trace, 'reader'))} | ${frames(gaps)} |`,
  )
}

async function write(page: Page, keys: number, all: number): Promise<void> {
  await fillInBatches(page, 0, Math.round(keys / 2), 'second')
  await fillInBatches(page, keys, all, 'first')
}

async function fillInBatches(page: Page, from: number, end: number, text: string): Promise<void> {
  for (let at = from; at < end; at += BATCH_KEYS) await fill(page, at, Math.min(BATCH_KEYS, end - at), text)
}

async function open(browser: Browser, url: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage()
  page.on('pageerror', (error) => console.error(error))
  await page.goto(url)
  if (url !== 'about:blank') await page.waitForFunction(() => window.kv !== undefined)
  return page
}

/** Keys of a hundred bytes with their values, each batch durable when this resolves. */
async function fill(page: Page, from: number, keys: number, text: string): Promise<void> {
  await page.evaluate(
    ([from, keys, text]) => {
      const entry = (_: unknown, at: number): [string, string] => [
        `key ${String(from + at).padStart(8, '0')}`,
        text.padEnd(88, '.'),
      ]
      return window.kv.setMany(Array.from({ length: keys }, entry))
    },
    [from, keys, text] as const,
  )
}

/** Until the page's own list has so many keys. */
async function listed(page: Page, keys: number): Promise<void> {
  await page.waitForFunction(
    (digits) =>
      document.querySelector('[data-testid=key-count]')?.textContent?.replaceAll(/\D/g, '') === digits,
    String(keys),
    { polling: 200, timeout: WAIT_MS_MAX },
  )
}

function cells(tasks: readonly Task[]): string {
  const cell = (times: number[]) =>
    `${times.filter((ms) => ms > LONG_MS).length}, at most ${Math.max(0, ...times).toFixed(0)} ms`
  return `${cell(tasks.map(({ clockMs }) => clockMs))} | ${cell(tasks.map(({ cpuMs }) => cpuMs))}`
}

function frames(gaps: readonly number[]): string {
  const sorted = [...gaps].sort((a, b) => a - b)
  const at = (part: number) => (sorted[Math.floor(sorted.length * part)] ?? 0).toFixed(0)
  return `${at(0.5)} ms, ${at(0.95)} ms`
}
