/**
 * The armour of our own page, and of all that the server answers, as headers. Pages that embed the store are not
 * touched: a policy binds only the documents that it comes with.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

/** A name or address with or without a port, and nothing that could end a directive. */
const HOST = /^(?:[\w.-]{1,253}|\[[\da-f:.]{2,45}\])(?::\d{1,5})?$/i

/** Svelte puts templates into the document through this policy, and nobody else may by any. */
const TRUSTED_TYPES = 'svelte-trusted-html'

/** On every file, beside the armour of every answer. */
export function setPageHeaders({ headers: { host } }: IncomingMessage, response: ServerResponse): void {
  response.setHeader('content-security-policy', contentSecurityPolicy(host))
}

/** The page draws on nothing but its own files, and speaks to nobody but this server (and, over WebRTC, its peers). */
export function contentSecurityPolicy(host: string | undefined): string {
  // Not every browser takes 'self' to mean WebSockets too.
  const sockets = host !== undefined && HOST.test(host) ? ` ws://${host} wss://${host}` : ''
  return [
    `default-src 'none'`,
    `script-src 'self'`,
    `style-src 'self'`,
    `img-src 'self'`,
    `manifest-src 'self'`,
    `worker-src 'self'`,
    `connect-src 'self'${sockets}`,
    `base-uri 'none'`,
    `form-action 'none'`,
    `frame-ancestors 'none'`,
    `require-trusted-types-for 'script'`,
    `trusted-types ${TRUSTED_TYPES}`,
  ].join('; ')
}

/** What a page that was broken into still can't ask the user for. */
const PERMISSIONS = [
  'camera',
  'display-capture',
  'geolocation',
  'gyroscope',
  'accelerometer',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'usb',
]
  .map((name) => `${name}=()`)
  .join(', ')

/** On every answer: whoever opens one as a page finds nothing in it that runs, and frames it nowhere. */
export const ARMOUR: ReadonlyMap<string, string> = new Map([
  ['content-security-policy', `default-src 'none'; frame-ancestors 'none'`],
  ['referrer-policy', 'no-referrer'],
  ['x-content-type-options', 'nosniff'],
  ['x-frame-options', 'DENY'], // `frame-ancestors`, for browsers that don't know it
  ['cross-origin-opener-policy', 'same-origin'],
  ['permissions-policy', PERMISSIONS],
])
