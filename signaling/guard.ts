/** What every request meets first, plain or for a socket: whose it is, whether its page may, and whether there is room. */
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { addressOf, shareOf } from './address'
import { Gate } from './gate'
import { type Limits, LIMITS, RETRY_SECONDS_MAX, RETRY_SECONDS_MIN } from './limits'
import type { Log } from './log'

export interface GuardOptions {
  readonly limits?: Limits
  /** How many proxies of the operator's own append to X-Forwarded-For; 0: that header is anybody's word. */
  readonly proxies?: number
  /** The pages that may use this server; absent: all. */
  readonly origins?: readonly string[]
  readonly log?: Log
}

export class Guard {
  readonly gate: Gate
  readonly log: Log
  readonly #proxies: number
  readonly #origins: ReadonlySet<string> | undefined

  constructor({ limits = LIMITS, proxies = 0, origins, log = () => undefined }: GuardOptions = {}) {
    this.gate = new Gate(limits, () => performance.now())
    this.log = log
    this.#proxies = proxies
    this.#origins = origins && new Set(origins)
  }

  /** A new TCP connection: counted for its address, or cut. Behind a proxy that is the proxy's own work. */
  connection(socket: Socket): void {
    if (this.#proxies > 0) return
    const address = socket.remoteAddress ?? ''
    const place = this.gate.connect(shareOf(address))
    if (typeof place !== 'string') return void socket.once('close', place)
    this.log({ event: 'limit', why: place, address })
    socket.destroy()
  }

  /** For the log. */
  address(request: IncomingMessage): string {
    return addressOf(request, this.#proxies)
  }

  /** What limits are counted by. */
  share(request: IncomingMessage): string {
    return shareOf(this.address(request))
  }

  /** Whose pages may read the answer, as `access-control-allow-origin` says it; undefined: no other origin's. */
  allowedOrigin({ headers: { origin } }: IncomingMessage): string | undefined {
    if (!this.#origins) return '*'
    return origin !== undefined && this.#origins.has(origin) ? origin : undefined
  }
}

/** Seconds, another each time, so that those who were sent away together don't come back together. */
export function retryAfterSeconds(fraction = Math.random()): number {
  return RETRY_SECONDS_MIN + Math.floor(fraction * (RETRY_SECONDS_MAX - RETRY_SECONDS_MIN + 1))
}
