/** The figures as a table in Markdown: medians, their spread, and what the goals compare. */
import { ENTRY_BYTES } from './cases'

/** Every figure of every run, by row and column. */
export type Figures = Map<string, Map<string, number[]>>

interface Row {
  readonly row: string
  readonly title: string
  readonly unit: 'ms' | 'B' | 'kB' | ''
  /** DESIGN 6, in few words. */
  readonly goal: string
}

const CHURN_LIVE_KB = (100 * ENTRY_BYTES) / 1_000

const ROWS: readonly Row[] = [
  { row: 'newcomer 10000', title: 'newcomer, 10,000 keys × 100 B', unit: 'ms', goal: '≤ 1.5 × bare, ≤ Yjs' },
  {
    row: 'newcomer 10000 bytes',
    title: `… bytes a key (key and value: ${ENTRY_BYTES})`,
    unit: 'B',
    goal: `≤ ${(1.15 * ENTRY_BYTES).toFixed(0)} B`,
  },
  { row: 'newcomer 50000', title: 'newcomer, 50,000 keys × 100 B', unit: 'ms', goal: '≤ 1.5 × bare, ≤ Yjs' },
  {
    row: 'newcomer 50000 bytes',
    title: '… bytes a key',
    unit: 'B',
    goal: `≤ ${(1.15 * ENTRY_BYTES).toFixed(0)} B`,
  },
  {
    row: 'set p50',
    title: 'one `set`, durable, seen in the other tab: p50',
    unit: 'ms',
    goal: '≤ 1.5 × bare',
  },
  { row: 'set p99', title: '… p99', unit: 'ms', goal: '≤ 1.5 × bare' },
  { row: 'burst', title: '5,000 single `set`s until the other tab has all', unit: 'ms', goal: '≤ 3 × bare' },
  {
    row: 'cold start',
    title: 'cold start, 50,000 keys, no peer',
    unit: 'ms',
    goal: '≤ 1.5 × bare, ≤ ½ Yjs',
  },
  { row: 'reconnect', title: 'reconnect, 10 differences in 50,000 keys', unit: 'ms', goal: '' },
  { row: 'reconnect bytes', title: '… bytes, both ways', unit: 'kB', goal: '≤ 4 kB' },
  { row: 'reconnect round trips', title: '… round trips', unit: '', goal: '≤ 3' },
  { row: 'memory filled', title: 'memory a key, filled', unit: 'B', goal: '≤ 3 × Map, < Yjs' },
  { row: 'memory reopened', title: '… reopened', unit: 'B', goal: '≤ 3 × Map, < Yjs' },
  {
    row: 'churn state',
    title: `state after churn (alive: ${CHURN_LIVE_KB.toFixed(1)} kB)`,
    unit: 'kB',
    goal: `≤ ${(2 * CHURN_LIVE_KB).toFixed(1)} kB`,
  },
  {
    row: 'churn records',
    title: '… on disk, records',
    unit: 'kB',
    goal: `≤ ${(4 * CHURN_LIVE_KB).toFixed(1)} kB compacted`,
  },
  { row: 'churn files', title: "… on disk, the browser's files", unit: 'kB', goal: '' },
]

export function table(figures: Figures): string {
  const lines = [
    '| | bare | Yjs | Fofoca | Fofoca / bare | Fofoca / Yjs | goal |',
    '|---|---|---|---|---|---|---|',
  ]
  for (const { row, title, unit, goal } of ROWS) {
    const byColumn = figures.get(row)
    if (byColumn === undefined) continue
    const cell = (column: string) => shown(byColumn.get(column), unit)
    const ratio = (to: string) => shownRatio(byColumn.get('fofoca'), byColumn.get(to))
    const map = byColumn.get('map')
    const beside = map === undefined ? title : `${title} (Map: ${shown(map, unit)})`
    lines.push(
      `| ${[beside, cell('bare'), cell('yjs'), cell('fofoca'), ratio('bare'), ratio('yjs'), goal].join(' | ')} |`,
    )
  }
  return lines.join('\n')
}

function shown(figures: readonly number[] | undefined, unit: Row['unit']): string {
  if (figures === undefined) return '–'
  const scale = unit === 'kB' ? 1_000 : 1
  const [least, middle, most] = [Math.min(...figures), median(figures), Math.max(...figures)].map((figure) =>
    rounded(figure / scale),
  )
  const spread = figures.length > 1 && least !== most ? ` (${least} – ${most})` : ''
  return `${middle}${unit === '' ? '' : ` ${unit}`}${spread}`
}

function shownRatio(ours: readonly number[] | undefined, theirs: readonly number[] | undefined): string {
  return ours === undefined || theirs === undefined ? '–' : (median(ours) / median(theirs)).toFixed(2)
}

/** Three digits. */
function rounded(figure: number): string {
  return figure >= 100 ? figure.toFixed(0) : String(Number(figure.toPrecision(2 + Number(figure >= 10))))
}

function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}
