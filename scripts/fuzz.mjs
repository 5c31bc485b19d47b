/** `npm run soak -- fuzz`: good messages, requests, files and records, changed, until something breaks. */
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { buildModule } from './simulator.mjs'

/**
 * @param {number} from the first seed
 * @param {number} inputs
 */
export async function runFuzzers(from, inputs) {
  const address = await buildModule('src/fuzz/fuzz.ts', `fuzz-${process.pid}`)
  process.once('exit', () => rmSync(fileURLToPath(address)))
  /** @type {typeof import('../src/fuzz/fuzz')} */
  const { fuzz } = await import(address)
  console.log(`seeds from ${from}`)
  const start = Date.now()
  let shownAt = start
  const { byTarget, heapGrowthBytes, ...tally } = await fuzz(from, inputs, {
    progress: ({ inputs, heapGrowthBytes }) => {
      if (Date.now() - shownAt < 5_000) return
      shownAt = Date.now()
      const seconds = Math.round((shownAt - start) / 1_000)
      console.log(`${seconds} s: ${inputs} inputs, ${mib(heapGrowthBytes)} more in the heap`)
    },
  })
  for (const [name, { taken, refused }] of Object.entries(byTarget))
    console.log(`${String(taken + refused).padStart(12)} ${name}: ${taken} taken, ${refused} refused`)
  console.log(
    `${String(tally.inputs).padStart(12)} inputs, nothing broke, ${mib(heapGrowthBytes)} more in the heap`,
  )
}

/** @param {number} bytes */
function mib(bytes) {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`
}
