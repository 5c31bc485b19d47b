/** What a page's main thread did, from Chromium's own trace: its tasks by the clock, and by their processor time. */
import type { Page } from '@playwright/test'

export const TRACED = ['toplevel', 'blink.user_timing']

export interface Task {
  readonly clockMs: number
  /** Less where other processes had the processor meanwhile. */
  readonly cpuMs: number
}

interface TraceEvent {
  readonly name: string
  readonly ph: string
  readonly pid: number
  readonly tid: number
  /** Microseconds. */
  readonly dur?: number
  readonly tdur?: number
}

/** By which the page's thread is known in a trace that runs. */
export async function mark(page: Page, name: string): Promise<void> {
  await page.evaluate((name) => performance.mark(name), name)
}

/** The tasks of the thread that a page marked. */
export function tasksOf(trace: Buffer, name: string): Task[] {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] }
  const marked = traceEvents.find((event) => event.name === name)
  if (marked === undefined) throw new Error(`no page marked itself as ${name} in the trace`)
  const isTask = ({ name, ph, pid, tid }: TraceEvent) =>
    ph === 'X' && pid === marked.pid && tid === marked.tid && name.endsWith('RunTask')
  return traceEvents
    .filter(isTask)
    .map(({ dur = 0, tdur = 0 }) => ({ clockMs: dur / 1_000, cpuMs: tdur / 1_000 }))
}
