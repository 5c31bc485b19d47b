/**
 * `npm run soak`: hours of simulation, until something is wrong or the time is over.
 *
 *     npm run soak -- --hours 3          for so long (1 hour unless told otherwise)
 *     npm run soak -- --seeds 200000     so many seeds
 *     npm run soak -- --from 1           beginning with this seed (otherwise with one that is new each time)
 *     npm run soak -- --workers 1        in so many processes (otherwise one for each processor)
 *     npm run soak -- --seed 7           this seed alone, with all that is said
 *     npm run soak -- fuzz --inputs 1000000      the fuzzers in its place (--from as above)
 *     npm run soak -- --seed 7 --keep 3,17,20    only these of its actions
 *
 * Ctrl-C ends it once the seeds that are under way are through, and shows what was counted; a second one at once.
 */
import { fork } from 'node:child_process'
import { rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { fileURLToPath } from 'node:url'
import { fail, ready } from './project.mjs'

/** Seeds that a worker runs before it tells how far it is. */
const SEEDS_A_ROUND = 50
const PROGRESS_MS = 5_000

/** As first argument: this process is one of the workers. */
const WORK = '--work'

/** How a run is ended by hand. */
const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM'])

/** @typedef {import('../src/sim/soak').Tally} Tally */
/** @typedef {{ tally: Tally, report?: string, cpuMs: number }} Answer */

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      inputs: { type: 'string', default: '1000000' },
      hours: { type: 'string' },
      seeds: { type: 'string' },
      from: { type: 'string' },
      workers: { type: 'string' },
      seed: { type: 'string' },
      keep: { type: 'string' },
    },
  })
  await ready()
  if (positionals[0] === 'fuzz') {
    const { runFuzzers } = await import('./fuzz.mjs')
    const from = values.from === undefined ? Date.now() : number(values.from, '--from')
    return runFuzzers(from, number(values.inputs, '--inputs'))
  }
  const { buildSimulator } = await import('./simulator.mjs')
  const address = await buildSimulator(`soak-${process.pid}`)
  process.once('exit', () => rmSync(fileURLToPath(address)))
  if (values.seed !== undefined) {
    const { replay } = await import(address)
    const kept = values.keep?.split(',').map((text) => number(text, '--keep'))
    console.log(await replay(number(values.seed, '--seed'), kept))
    return
  }
  const seeds = values.seeds === undefined ? Number.POSITIVE_INFINITY : number(values.seeds, '--seeds')
  const hours =
    values.hours === undefined
      ? values.seeds === undefined
        ? 1
        : Number.POSITIVE_INFINITY
      : number(values.hours, '--hours')
  const from = values.from === undefined ? Date.now() : number(values.from, '--from')
  const workers = values.workers === undefined ? availableParallelism() : number(values.workers, '--workers')
  process.exitCode = await soak(address, { from, seeds, workers, until: Date.now() + hours * 3_600_000 })
}

/**
 * @param {string} text
 * @param {string} option
 */
function number(text, option) {
  const value = Number(text)
  if (text === '' || !Number.isFinite(value) || value < 0)
    throw new Error(`${option} takes a number, not "${text}".`)
  return value
}

/**
 * @param {string} address
 * @param {{ from: number, seeds: number, workers: number, until: number }} plan
 * @returns {Promise<number>} the exit code
 */
async function soak(address, { from, seeds, workers, until }) {
  const start = Date.now()
  const { emptyTally, addTally } = await import(address)
  /** @type {Tally} */
  const total = emptyTally()
  let cpuMs = 0
  let next = from
  let wrong = ''
  const ending = new AbortController()
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (ending.signal.aborted) process.exit(1)
      ending.abort()
    })
  }
  const show = () => console.log(progress(total, cpuMs, Date.now() - start))
  console.log(`seeds from ${from}, ${workers} at a time`)
  const timer = setInterval(show, PROGRESS_MS)
  await Promise.all(
    Array.from({ length: workers }, async () => {
      const worker = fork(fileURLToPath(import.meta.url), [WORK, address])
      while (wrong === '' && !ending.signal.aborted && next < from + seeds && Date.now() < until) {
        const count = Math.min(SEEDS_A_ROUND, from + seeds - next)
        const first = next
        next += count
        const answer = await ask(worker, { from: first, count })
        addTally(total, answer.tally)
        cpuMs += answer.cpuMs
        if (answer.report !== undefined) wrong ||= answer.report
      }
      worker.disconnect()
    }),
  )
  clearInterval(timer)
  show()
  for (const [kind, times] of Object.entries(total.deeds).sort(([a], [b]) => (a < b ? -1 : 1)))
    console.log(`${String(times).padStart(12)} ${kind}`)
  for (const [memo, times] of Object.entries(total.memos))
    console.log(`${String(times).padStart(12)} seeds with a memory of ${memo} deletes`)
  console.log(`${String(total.disorderly).padStart(12)} seeds with messages twice or out of order`)
  console.log(`${String(total.strange).padStart(12)} seeds with a stranger`)
  if (ending.signal.aborted) console.log('ended before its time')
  console.log(wrong === '' ? 'no violation' : wrong)
  return wrong === '' ? 0 : 1
}

/**
 * @param {import('node:child_process').ChildProcess} worker
 * @param {{ from: number, count: number }} round
 * @returns {Promise<Answer>}
 */
function ask(worker, round) {
  return new Promise((resolve, reject) => {
    const onExit = () => reject(new Error('A worker ended before its round was over.'))
    worker.once('exit', onExit)
    worker.once('message', (/** @type {Answer} */ answer) => {
      worker.off('exit', onExit)
      resolve(answer)
    })
    worker.send(round)
  })
}

/**
 * @param {Tally} total
 * @param {number} cpuMs
 * @param {number} ms
 */
function progress({ seeds, events, faults, states, healedMsMax }, cpuMs, ms) {
  const perSecond = (seeds / ms) * 1_000
  return `${seconds(ms)}: ${seeds} seeds (${perSecond.toFixed(0)} a second; CPU ${seconds(cpuMs)}), ${events} events, ${faults} faults, ${states} states looked at, equal within ${Math.round(healedMsMax)} ms`
}

/** @param {number} ms */
function seconds(ms) {
  return `${Math.round(ms / 1_000)} s`
}

/** @param {string} address */
async function work(address) {
  const simulator = await import(address)
  for (const signal of SIGNALS) process.on(signal, () => undefined) // it is told by what it is not given any more
  process.on('message', (/** @type {{ from: number, count: number }} */ { from, count }) => {
    const before = process.cpuUsage()
    void simulator.soak(from, count).then(async (/** @type {Tally & { wrong?: number }} */ tally) => {
      const report = tally.wrong === undefined ? undefined : await simulator.reportOf(tally.wrong)
      const { user, system } = process.cpuUsage(before)
      process.send?.({ tally, report, cpuMs: (user + system) / 1_000 })
    })
  })
}

const [first, address = ''] = process.argv.slice(2)
await (first === WORK ? work(address) : main()).catch(fail)
