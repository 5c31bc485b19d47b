/**
 * How pages find a way to each other, by the operator's options: the STUN and TURN servers of `/config.json`. Passwords
 * for TURN are made here for a limited time, from a secret that only the two servers know, and stand in no list:
 * draft-uberti-behave-turn-rest-00, coturn's `use-auth-secret`.
 */
import { createHmac } from 'node:crypto'

/** As the browser's RTCIceServer. */
export interface IceServer {
  readonly urls: string | readonly string[]
  readonly username?: string
  readonly credential?: string
}

export interface IceOptions {
  readonly servers: readonly IceServer[]
  readonly turn?: { readonly urls: readonly string[]; readonly secret: string; readonly ttlSeconds: number }
  /** `relay`: pages reach each other over TURN alone, and so don't tell their addresses. */
  readonly policy?: 'all' | 'relay'
}

/** The part of `/config.json` that is about ICE. `refreshSeconds`: ask again after so long, what is there expires. */
export interface IceConfig {
  readonly iceServers: readonly IceServer[]
  readonly iceTransportPolicy?: 'all' | 'relay'
  readonly refreshSeconds?: number
}

export const NO_ICE: IceOptions = { servers: [] }

export function iceConfig({ servers, turn, policy }: IceOptions, nowMs: number): IceConfig {
  return {
    iceServers: turn
      ? [...servers, { urls: turn.urls, ...turnCredential(turn.secret, turn.ttlSeconds, nowMs) }]
      : servers,
    ...(policy ? { iceTransportPolicy: policy } : {}),
    ...(turn ? { refreshSeconds: Math.floor(turn.ttlSeconds / 2) } : {}),
  }
}

/** Section 2.2 of the draft: the name says until when it holds, the password is its HMAC-SHA1 under the secret. */
function turnCredential(
  secret: string,
  ttlSeconds: number,
  nowMs: number,
): { username: string; credential: string } {
  const username = `${Math.floor(nowMs / 1000) + ttlSeconds}:fofoca`
  return { username, credential: createHmac('sha1', secret).update(username).digest('base64') }
}
