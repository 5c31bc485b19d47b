/**
 * The operator's options, read from the environment once. `docs/hosting.md` explains each; one that makes no sense
 * stops the server with a sentence that names it, rather than being left out in silence.
 */
import type { IceOptions, IceServer } from './ice'
import { type Limits, LIMITS, type Rate, type ShareLimits } from './limits'
import type { ServeOptions } from './server'

export type Environment = Readonly<Record<string, string | undefined>>

/** An option that makes no sense; the message is for the operator. */
export class OptionError extends Error {}

export interface Options extends Omit<ServeOptions, 'app' | 'log' | 'patience' | 'pingMs' | 'tls'> {
  readonly base: string
  readonly log: boolean
  readonly logAddresses: boolean
  /** Paths of PEM files. */
  readonly tlsFiles?: { readonly cert: string; readonly key: string }
}

const PORT_DEFAULT = 9000
const TURN_TTL_SECONDS_DEFAULT = 24 * 3600
const TURN_TTL_SECONDS_MAX = 7 * 24 * 3600

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
    ice: ice(environment),
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
    address: {
      ...share('ADDRESS', LIMITS.address),
      connectionsMax: whole('ADDRESS_CONNECTIONS_MAX', environment, LIMITS.address.connectionsMax),
    },
    room: share('ROOM', LIMITS.room),
  }
}

/** STUN and TURN: lists of addresses. ICE_SERVERS: a list as RTCPeerConnection takes it, in JSON. */
function ice(environment: Environment): IceOptions {
  const { STUN, TURN, TURN_SECRET, ICE_SERVERS, ICE_TRANSPORT_POLICY } = environment
  if (Boolean(TURN) !== Boolean(TURN_SECRET))
    throw new OptionError(
      'TURN and TURN_SECRET go together; TURN servers with a fixed password go to ICE_SERVERS.',
    )
  const policy = (['all', 'relay'] as const).find((name) => name === ICE_TRANSPORT_POLICY)
  if (ICE_TRANSPORT_POLICY && !policy)
    throw new OptionError(`ICE_TRANSPORT_POLICY must be all or relay, not "${ICE_TRANSPORT_POLICY}".`)
  const ttlSeconds = whole('TURN_TTL_SECONDS', environment, TURN_TTL_SECONDS_DEFAULT, {
    min: 2,
    max: TURN_TTL_SECONDS_MAX,
  })
  return {
    servers: [
      ...(STUN ? [{ urls: addresses('STUN', STUN, /^stuns?:[^\s/]+$/) }] : []),
      ...iceServers(ICE_SERVERS),
    ],
    ...(TURN && TURN_SECRET
      ? { turn: { urls: addresses('TURN', TURN, /^turns?:[^\s/]+$/), secret: TURN_SECRET, ttlSeconds } }
      : {}),
    ...(policy ? { policy } : {}),
  }
}

function addresses(name: string, text: string, pattern: RegExp): string[] {
  const urls = text.split(',').map((url) => url.trim())
  const wrong = urls.find((url) => !pattern.test(url))
  if (wrong !== undefined)
    throw new OptionError(
      `${name} must be a list like ${name.toLowerCase()}:host.example:3478; "${wrong}" is none.`,
    )
  return urls
}

function iceServers(text: string | undefined): IceServer[] {
  if (!text) return []
  const wrong = new OptionError('ICE_SERVERS must be JSON: [{"urls": …, "username": …, "credential": …}, …]')
  let raw: unknown
  try {
    raw = JSON.parse(text)
  } catch {
    throw wrong
  }
  if (!Array.isArray(raw) || !raw.every(isIceServer)) throw wrong
  return raw
}

function isIceServer(raw: unknown): raw is IceServer {
  if (typeof raw !== 'object' || raw === null) return false
  const { urls, username, credential } = raw as Record<string, unknown>
  const all: unknown[] = Array.isArray(urls) ? urls : [urls]
  return (
    all.length > 0 &&
    all.every((url) => typeof url === 'string' && /^(?:stun|turn)s?:[^\s/]+$/.test(url)) &&
    [username, credential].every((text) => text === undefined || typeof text === 'string')
  )
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
  { min = 0, max = Number.MAX_SAFE_INTEGER } = {},
): number {
  const text = environment[name]
  if (!text) return standard
  const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (!(number >= min && number <= max))
    throw new OptionError(`${name} must be a whole number from ${min} to ${max}, not "${text}".`)
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
