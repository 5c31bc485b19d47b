/**
 * The operator's options, read from the environment once. `docs/hosting.md` explains each; one that makes no sense
 * stops the server with a sentence that names it, rather than being left out in silence.
 */
import { type Limits, LIMITS, type Rate, type ShareLimits } from './limits'
import type { ServeOptions } from './server'

export type Environment = Readonly<Record<string, string | undefined>>

/** An option that makes no sense; the message is for the operator. */
export class OptionError extends Error {}

export interface Options extends Omit<ServeOptions, 'app' | 'log' | 'pingMs' | 'tls'> {
  readonly base: string
  readonly log: boolean
  readonly logAddresses: boolean
  /** Paths of PEM files. */
  readonly tlsFiles?: { readonly cert: string; readonly key: string }
}

const PORT_DEFAULT = 9000

/** Throws `OptionError`. A variable that is empty is as good as none. */
export function parseOptions(environment: Environment): Options {
  const { HOST, BASE, ORIGINS, TLS_CERT, TLS_KEY } = environment
  if (Boolean(TLS_CERT) !== Boolean(TLS_KEY)) throw new OptionError('TLS_CERT and TLS_KEY go together.')
  return {
    port: whole('PORT', environment, PORT_DEFAULT, { max: 65_535 }),
    ...(HOST ? { host: HOST } : {}),
    base: `/${BASE ?? ''}/`.replace(/\/+/g, '/'),
    lobby: isOn('LOBBY', environment, true),
    log: isOn('LOG', environment, true),
    logAddresses: isOn('LOG_ADDRESSES', environment, false),
    proxies: proxies(environment),
    ...(ORIGINS ? { origins: ORIGINS.split(',').map(origin) } : {}),
    ...(TLS_CERT && TLS_KEY ? { tlsFiles: { cert: TLS_CERT, key: TLS_KEY } } : {}),
    limits: limits(environment),
  }
}

function limits(environment: Environment): Limits {
  const share = (name: 'ADDRESS' | 'ROOM', standard: ShareLimits): ShareLimits => ({
    socketsMax: whole(`${name}_SOCKETS_MAX`, environment, standard.socketsMax),
    joins: rate(`${name}_JOINS`, environment, standard.joins),
    frames: rate(`${name}_FRAMES`, environment, standard.frames),
    bytes: rate(`${name}_BYTES`, environment, standard.bytes),
    requests: rate(`${name}_REQUESTS`, environment, standard.requests),
  })
  return {
    socketsMax: whole('SOCKETS_MAX', environment, LIMITS.socketsMax),
    connectionsMax: whole('CONNECTIONS_MAX', environment, LIMITS.connectionsMax),
    socket: {
      frames: rate('SOCKET_FRAMES', environment, LIMITS.socket.frames),
      bytes: rate('SOCKET_BYTES', environment, LIMITS.socket.bytes),
    },
    address: share('ADDRESS', LIMITS.address),
    room: share('ROOM', LIMITS.room),
  }
}

/** TRUST_PROXY: on (one), or how many proxies stand in front. */
function proxies(environment: Environment): number {
  const text = environment['TRUST_PROXY']?.toLowerCase()
  if (text === 'on') return 1
  return text === 'off' ? 0 : whole('TRUST_PROXY', environment, 0, { max: 10 })
}

function isOn(name: string, environment: Environment, standard: boolean): boolean {
  const text = environment[name]?.toLowerCase()
  if (!text) return standard
  if (text !== 'on' && text !== 'off') throw new OptionError(`${name} must be on or off, not "${text}".`)
  return text === 'on'
}

function whole(
  name: string,
  environment: Environment,
  standard: number,
  { max = Number.MAX_SAFE_INTEGER } = {},
): number {
  const text = environment[name]
  if (!text) return standard
  const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (!(number <= max))
    throw new OptionError(`${name} must be a whole number from 0 to ${max}, not "${text}".`)
  return number
}

/** `burst,perSecond`, as in ADDRESS_JOINS=2000,50. */
function rate(name: string, environment: Environment, standard: Rate): Rate {
  const text = environment[name]
  if (!text) return standard
  const [, burst, perSecond] = /^(\d{1,15}),(\d{1,15}(?:\.\d{1,3})?)$/.exec(text) ?? []
  if (burst === undefined || perSecond === undefined)
    throw new OptionError(
      `${name} must be two numbers, all at once and then a second: ${name}=${standard.burst},${standard.perSecond}`,
    )
  return { burst: Number(burst), perSecond: Number(perSecond) }
}

function origin(text: string): string {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined
  if (!url || url.origin === 'null' || url.pathname !== '/' || url.search || url.hash)
    throw new OptionError(
      `ORIGINS must be a list like https://a.example,https://b.example:8443; "${text}" is no origin.`,
    )
  return url.origin
}
