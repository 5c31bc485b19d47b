/** What `open` is given, looked at before anything is done. Callers in JavaScript may pass anything. */
import { parseRoomCode, serverFromLocation } from './adapters/browser/room'
import { KvError } from './core/errors'
import type { OpenOptions } from './runtime/contract'
import { checkedOptions, signalOption } from './runtime/options'

interface CheckedOpenOptions {
  code: string
  /** The page's, or the server's base: a web address. */
  base: URL
  /** The caller's own list, which may be renewed. */
  iceServers: RTCIceServer[]
  iceTransportPolicy: RTCIceTransportPolicy
  nearby: boolean
  signal: AbortSignal | undefined
}

/** `page` is the page's address. Throws `bad-option`. */
export function checkedOpenOptions(options: OpenOptions, page: string): CheckedOpenOptions {
  const { room, server, iceServers = [], iceTransportPolicy = 'all', nearby = true } = checkedOptions(options)
  const code = parseRoomCode(room)
  const base = serverBase(server, page)
  if (!Array.isArray(iceServers)) throw new KvError('bad-option', 'iceServers: not a list')
  if (iceTransportPolicy !== 'all' && iceTransportPolicy !== 'relay')
    throw new KvError('bad-option', 'iceTransportPolicy: neither all nor relay')
  if (typeof nearby !== 'boolean') throw new KvError('bad-option', 'nearby: not true or false')
  return { code, base, iceServers, iceTransportPolicy, nearby, signal: signalOption(options) }
}

function serverBase(server: string | URL | undefined, page: string): URL {
  if (server !== undefined && typeof server !== 'string' && !(server instanceof URL))
    throw new KvError('bad-option', 'server: not an address')
  if (!URL.canParse(server ?? '.', page))
    throw new KvError('bad-option', `server: not an address: '${String(server)}'`)
  const base = new URL(server ?? '.', page)
  serverFromLocation(base) // throws for what is not http
  return base
}
