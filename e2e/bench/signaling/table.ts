/** The figures of both servers as a table in Markdown. */
import { IDLE_CLIENTS, JOINS_PER_SECOND, ROOM_MEMBERS } from './loads'
import type { ServerName } from './servers'

export type FiguresByServer = ReadonlyMap<ServerName, ReadonlyMap<string, number>>

interface Row {
  readonly row: string
  readonly title: string
  readonly unit: 'ms' | 'MB' | '%' | ''
  readonly goal: string
}

const ROWS: readonly Row[] = [
  {
    row: 'idle rss',
    title: `${IDLE_CLIENTS.toLocaleString('en')} idle clients: memory of the process`,
    unit: 'MB',
    goal: '≤ 150 MB',
  },
  { row: 'idle rss over start', title: '… of it, over its start', unit: 'MB', goal: '' },
  { row: 'idle cpu', title: '… CPU, heartbeats and all', unit: '%', goal: '' },
  {
    row: 'joins a second',
    title: `joins a second (asked: ${JOINS_PER_SECOND})`,
    unit: '',
    goal: `${JOINS_PER_SECOND}`,
  },
  { row: 'joins p50', title: '… from the first packet to `OPEN`: p50', unit: 'ms', goal: '' },
  { row: 'joins p99', title: '… p99', unit: 'ms', goal: '' },
  { row: 'joins cpu', title: '… CPU', unit: '%', goal: '≤ 100 %: one core' },
  { row: 'room list p50', title: `a room of ${ROOM_MEMBERS}: its list, p50`, unit: 'ms', goal: '' },
  { row: 'room list p99', title: '… p99', unit: 'ms', goal: '' },
  { row: 'room relay p50', title: '… a frame from one to another, p50', unit: 'ms', goal: '' },
  { row: 'room relay p99', title: '… p99', unit: 'ms', goal: '' },
  { row: 'room relayed', title: '… frames relayed a second', unit: '', goal: '' },
  { row: 'room cpu', title: '… CPU', unit: '%', goal: '' },
  { row: 'flood calm p50', title: 'pairs in a calm room: a frame, p50', unit: 'ms', goal: '' },
  { row: 'flood calm p99', title: '… p99', unit: 'ms', goal: '' },
  { row: 'flood p50', title: '… beside a client that floods: p50', unit: 'ms', goal: '' },
  { row: 'flood p99', title: '… p99', unit: 'ms', goal: '' },
  { row: 'flood arrived', title: '… frames that arrived within a second', unit: '%', goal: '100 %' },
  { row: 'flood frames a second', title: '… frames that the flooder sent a second', unit: '', goal: '' },
  { row: 'flood put out', title: '… times that it was put out', unit: '', goal: '' },
  { row: 'flood refused', title: '… times that it was not let in again', unit: '', goal: '' },
  { row: 'flood cpu', title: '… CPU', unit: '%', goal: '' },
  { row: 'flood rss', title: '… memory that the flood cost', unit: 'MB', goal: '' },
]

export function table(figures: FiguresByServer): string {
  const names = [...figures.keys()]
  const shown = ROWS.filter(({ row }) => names.some((name) => figures.get(name)?.has(row)))
  return [
    `| | ${names.join(' | ')} | goal |`,
    `|---|${names.map(() => '---|').join('')}---|`,
    ...shown.map(({ row, title, unit, goal }) => {
      const cells = names.map((name) => cell(figures.get(name)?.get(row), unit))
      return `| ${[title, ...cells, goal].join(' | ')} |`
    }),
  ].join('\n')
}

function cell(figure: number | undefined, unit: Row['unit']): string {
  if (figure === undefined) return '–'
  return `${rounded(unit === 'MB' ? figure / 1_000_000 : figure)}${unit === '' ? '' : ` ${unit}`}`
}

/** Three digits. */
function rounded(figure: number): string {
  return Math.abs(figure) >= 100 ? figure.toFixed(0) : String(Number(figure.toPrecision(3)))
}
