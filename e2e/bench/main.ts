/**
 * The benchmarks of DESIGN 6, in one run: Fofoca beside a bare data channel and beside Yjs over the same, in real
 * tabs. `npm run bench -- [--runs=5] [--only=newcomer,burst]`.
 */
import { cpus, totalmem } from 'node:os'
import { CASES, type Case, CHURN } from './cases'
import type { SystemName } from './page/page'
import { openStage, type Stage } from './stage'
import { type Figures, table } from './table'

const RUNS = 5

export async function main(args: readonly string[]): Promise<void> {
  const runs = Number(option(args, 'runs') ?? RUNS)
  const only = option(args, 'only')?.split(',')
  const isWanted = ({ name }: Case) => only === undefined || only.some((part) => name.startsWith(part))
  const figures: Figures = new Map()
  const stage = await openStage()
  try {
    console.log(`${machine(stage)}; medians of ${runs} runs, the systems in turn (least – most)\n`)
    for (const each of CASES.filter(isWanted)) {
      for (let run = 0; run < runs; run += 1) {
        for (const system of each.systems) await measure(each, stage, system, figures)
      }
    }
  } finally {
    await stage.close()
  }
  if (isWanted(CHURN)) {
    for (const system of CHURN.systems) {
      const own = await openStage()
      try {
        await measure(CHURN, own, system, figures)
      } finally {
        await own.close()
      }
    }
  }
  console.log(table(figures))
}

async function measure(
  { name, measure }: Case,
  stage: Stage,
  system: SystemName,
  figures: Figures,
): Promise<void> {
  const measured = await measure(stage, system)
  const words = Object.entries(measured).map(([row, figure]) => `${row} ${figure.toFixed(1)}`)
  console.error(`${name}, ${system}: ${words.join(', ')}`)
  for (const [row, figure] of Object.entries(measured)) {
    const byColumn = figures.get(row) ?? new Map<string, number[]>()
    const column = system === 'bare, commit first' ? 'bare' : system
    byColumn.set(column, [...(byColumn.get(column) ?? []), figure])
    figures.set(row, byColumn)
  }
}

function option(args: readonly string[], name: string): string | undefined {
  return args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3)
}

function machine(stage: Stage): string {
  const memory = Math.round(totalmem() / 2 ** 30)
  return `${cpus().length} × ${cpus()[0]?.model.trim()}, ${memory} GiB, Chromium ${stage.browserVersion}`
}
