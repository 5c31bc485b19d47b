/**
 * Every bound of the server, with its unit. The defaults let several hundred tabs behind one address in at once (a
 * school), and hold one hostile address to a small part of one core. An operator changes those of `Limits` by the
 * environment: see `options.ts`.
 */

/** Far above any offer of ours (about 1 kB); `ws` cuts off whoever sends more. */
export const FRAME_BYTES_MAX = 64 * 1024
/** One frame may come in this many pieces; a browser sends one. */
export const FRAGMENTS_MAX = 64
/** What is relayed has no more levels than this; an offer has three. Far more could be read, and not be written again. */
export const PAYLOAD_LEVELS_MAX = 16
export const ROOM_LENGTH_MAX = 128
export const ID_LENGTH_MAX = 64
export const TOKEN_LENGTH_MAX = 64

/** Whoever leaves this much unread is not there: held back for it would be memory without bound. */
export const UNREAD_BYTES_MAX = 1024 * 1024
/** A peer that is gone without a word is unlisted after one to two of these. */
export const PING_MS = 20_000
/** A socket that we close has this long to say goodbye in its turn. */
export const CLOSING_MS_MAX = 2_000

/** The request line and all header lines together. */
export const HEADER_BYTES_MAX = 8 * 1024
/**
 * Connections that the system holds while the server is busy, where it allows so many (`somaxconn`): as many as come
 * within seconds after a restart. Node's own 511 has the others try again after a second, or three.
 */
export const BACKLOG_MAX = 4_096

/** How long a connection is waited for that is not (yet) a socket. */
export interface Patience {
  /** From the connection, or the answer before, to the last header line. */
  readonly headersMs: number
  /** The same to the last byte of a body, which nobody here reads. */
  readonly requestMs: number
  /** From the connection to the end of TLS's handshake. */
  readonly handshakeMs: number
  /** From the request to the last byte of its answer being taken. */
  readonly answerMs: number
  /** Between two requests. */
  readonly keptMs: number
  /** How often the first two are looked at, so much longer may they last. */
  readonly lookMs: number
}

export const PATIENCE: Patience = {
  headersMs: 10_000,
  requestMs: 20_000,
  handshakeMs: 10_000,
  answerMs: 180_000, // by a phone that has 3 kB a second
  keptMs: 5_000,
  lookMs: 1_000,
}
/**
 * Longer than the proxy's own (nginx: 60 s), so that it is always the proxy that closes: one that finds a kept
 * connection closed takes the server for gone.
 */
export const KEPT_MS_BEHIND_PROXY = 75_000

/** Addresses and rooms whose use is remembered, each; beyond it the longest known that holds no socket is forgotten. */
export const ACCOUNTS_MAX = 50_000

/** Lines of log about refusals: the first of them, and then a second; what is left out is counted in the next line. */
export const REFUSALS_LOGGED: Rate = { burst: 100, perSecond: 10 }

/** A stop closes this many sockets a second, as many as come back to a server that has one core. */
export const STOPS_PER_SECOND = 500
export const STOP_MS_MAX = 10_000
/** When to come back: RFC 6455's registry says of close code 1012 "a randomized delay of 5–30 s". */
export const RETRY_SECONDS_MIN = 5
export const RETRY_SECONDS_MAX = 30

/** A bucket that holds `burst` and is filled with `perSecond`. */
export interface Rate {
  readonly burst: number
  readonly perSecond: number
}

/** What all sockets of one address, or of one room, may use together. */
export interface ShareLimits {
  readonly socketsMax: number
  /** New sockets. */
  readonly joins: Rate
  /** Sent by the clients, control frames counted. */
  readonly frames: Rate
  readonly bytes: Rate
  /** Plain HTTP: of an address all of them, of a room those for its list. */
  readonly requests: Rate
}

export interface AddressLimits extends ShareLimits {
  /** TCP connections, sockets among them; not counted behind a proxy, from whose address all of them come. */
  readonly connectionsMax: number
}

export interface Limits {
  /** Of all sockets. Nearly 10 kB each when idle. */
  readonly socketsMax: number
  /** TCP connections, sockets among them. */
  readonly connectionsMax: number
  readonly socket: { readonly frames: Rate; readonly bytes: Rate }
  readonly address: AddressLimits
  readonly room: ShareLimits
}

const KIB = 1024
const MIB = 1024 * KIB

/**
 * One tab that dials eight others sends about 15 frames and 6 kB for each, once; then a heartbeat every 5 s and a
 * request for the list every 5–10 s. One that is dialled by as many as a tab can hold (128) answers with 2,000 frames.
 */
export const LIMITS: Limits = {
  socketsMax: 10_000,
  connectionsMax: 20_000,
  socket: {
    frames: { burst: 2_000, perSecond: 50 },
    bytes: { burst: 4 * MIB, perSecond: 64 * KIB },
  },
  address: {
    connectionsMax: 4_000,
    socketsMax: 2_000,
    joins: { burst: 2_000, perSecond: 50 },
    frames: { burst: 100_000, perSecond: 2_000 },
    bytes: { burst: 64 * MIB, perSecond: 2 * MIB },
    requests: { burst: 5_000, perSecond: 250 },
  },
  // Twice what one address may: nobody alone uses up the share of all.
  room: {
    socketsMax: 1_000,
    joins: { burst: 4_000, perSecond: 100 },
    frames: { burst: 200_000, perSecond: 4_000 },
    bytes: { burst: 128 * MIB, perSecond: 4 * MIB },
    requests: { burst: 10_000, perSecond: 500 },
  },
}
