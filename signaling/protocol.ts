/**
 * What PeerJS 1.5.5 and this server say to each other, decoded once, here: past this file nothing is unknown.
 * A client connects to `<base>peerjs?key=&id=&token=&version=`; its `key` is our room.
 */

import { ID_LENGTH_MAX, PAYLOAD_LEVELS_MAX, ROOM_LENGTH_MAX, TOKEN_LENGTH_MAX } from './limits'

const ROOM = /^[\w-]+$/
const TOKEN = /^[\w-]+$/
/** The pattern that the PeerJS client itself demands of an id. */
const ID = /^[A-Za-z0-9]+(?:[ _-][A-Za-z0-9]+)*$/

/** Who connects. The token proves that a later socket with the same id is the same tab. */
export interface Hello {
  readonly room: string
  readonly id: string
  readonly token: string
}

const RELAYED = ['OFFER', 'ANSWER', 'CANDIDATE', 'LEAVE'] as const
export type RelayedType = (typeof RELAYED)[number]

/** Relay `payload` to `dst`, with the sender's own id as `src`. */
export interface RelayedFrame {
  readonly type: RelayedType
  readonly dst: string
  readonly payload: unknown
}

/** What a member may say. Whatever else is in its frame, a `src` above all, is left behind here. */
export type ClientFrame =
  | RelayedFrame
  /** The member goes: without `dst` a LEAVE speaks to the server. */
  | { readonly type: 'LEAVE'; readonly dst?: undefined }
  /** Nothing to do; the client sends one every 5 s. */
  | { readonly type: 'HEARTBEAT' }

/** What the server says; the client's duty in each is PeerJS's own. */
export type ServerFrame =
  /** You are listed now. */
  | { readonly type: 'OPEN' }
  /** Another tab holds this id: the client gives up its Peer. */
  | { readonly type: 'ID-TAKEN'; readonly payload: { readonly msg: string } }
  /** The hello made no sense: the client gives up its Peer. */
  | { readonly type: 'ERROR'; readonly payload: { readonly msg: string } }
  /** `src` was not there when you called: the client reports `peer-unavailable`. */
  | { readonly type: 'EXPIRE'; readonly src: string; readonly dst: string }
  | (RelayedFrame & { readonly src: string })

/** The hello in the query, or what is wrong with it, in words for the developer on the other side. */
export function parseHello(query: URLSearchParams): Hello | { readonly wrong: string } {
  const room = query.get('key') ?? ''
  const id = query.get('id') ?? ''
  const token = query.get('token') ?? ''
  if (!isRoom(room)) return { wrong: `key must be 1–${ROOM_LENGTH_MAX} of A–Z a–z 0–9 _ -` }
  if (!isId(id))
    return { wrong: `id must be 1–${ID_LENGTH_MAX} letters and digits, single "-", "_" or " " between` }
  if (token.length > TOKEN_LENGTH_MAX || !TOKEN.test(token)) {
    return { wrong: `token must be 1–${TOKEN_LENGTH_MAX} of A–Z a–z 0–9 _ -` }
  }
  return { room, id, token }
}

export function isRoom(text: string): boolean {
  return text.length <= ROOM_LENGTH_MAX && ROOM.test(text)
}

function isId(text: string): boolean {
  return text.length <= ID_LENGTH_MAX && ID.test(text)
}

/** The frame in `text`; undefined if it is none. Never throws. */
export function parseFrame(text: string): ClientFrame | undefined {
  const raw = parseJson(text)
  if (typeof raw !== 'object' || raw === null) return undefined
  const { type, dst, payload } = raw as { type?: unknown; dst?: unknown; payload?: unknown }
  if (type === 'HEARTBEAT') return { type }
  if (type === 'LEAVE' && (dst === undefined || dst === null)) return { type }
  const relayed = RELAYED.find((name) => name === type)
  if (!relayed || typeof dst !== 'string' || !isId(dst) || !hasLevels(payload, PAYLOAD_LEVELS_MAX))
    return undefined
  return { type: relayed, dst, payload }
}

/** Whether nothing in it lies deeper than so many levels. */
function hasLevels(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return levels > 0 && Object.values(value).every((inner) => hasLevels(inner, levels - 1))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
