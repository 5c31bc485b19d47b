/**
 * One line an event, `time event name=value …`, for an operator's eyes and `grep`. It never holds a room's id or a
 * member's in full, a token, or what is relayed; addresses only where the operator wants them.
 */
import { Bucket } from './bucket'
import { REFUSALS_LOGGED } from './limits'

export type LogEvent =
  | { readonly event: 'start'; readonly port: number }
  | { readonly event: 'stop'; readonly sockets: number }
  | { readonly event: 'join' | 'leave'; readonly room: string; readonly id: string; readonly address: string }
  /** Somebody is not let in, or is put out: what it did makes no sense, or is not for it. */
  | { readonly event: 'refuse'; readonly why: string; readonly room?: string; readonly address: string }
  /** The same, for it asks too much. */
  | { readonly event: 'limit'; readonly why: string; readonly room?: string; readonly address: string }

export type Log = (event: LogEvent) => void

export interface LogOptions {
  readonly addresses: boolean
  readonly write: (line: string) => void
  /** Milliseconds since 1970. */
  readonly nowMs: () => number
}

export function newLog({ addresses, write, nowMs }: LogOptions): Log {
  const refusals = new Bucket(REFUSALS_LOGGED, nowMs())
  let leftOut = 0
  return (event) => {
    const now = nowMs()
    const isRefusal = event.event === 'refuse' || event.event === 'limit'
    if (isRefusal && !refusals.take(1, now)) {
      leftOut += 1
      return
    }
    const fields: [string, string | number][] = []
    if ('port' in event) fields.push(['port', event.port])
    if ('sockets' in event) fields.push(['sockets', event.sockets])
    if ('why' in event) fields.push(['why', JSON.stringify(event.why)])
    if ('room' in event && event.room !== undefined) fields.push(['room', shortened(event.room)])
    if ('id' in event) fields.push(['id', shortened(event.id)])
    if (addresses && 'address' in event) fields.push(['address', event.address])
    if (isRefusal && leftOut > 0) {
      fields.push(['left-out', leftOut])
      leftOut = 0
    }
    const words = fields.map(([name, value]) => `${name}=${value}`)
    write([new Date(now).toISOString(), event.event, ...words].join(' '))
  }
}

/** Enough to tell a few apart, never enough to ask for one. */
function shortened(id: string): string {
  return `${id.slice(0, Math.min(6, Math.floor(id.length / 2)))}…`
}
