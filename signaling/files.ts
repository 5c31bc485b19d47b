/**
 * The built app, read once, compressed once, and served from memory: a request names one of these files exactly or none,
 * so that no path leads out of the folder, a new build can replace it at any time, and nothing of a request reaches the
 * file system.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { extname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Handler } from './routes'

const TYPE_BY_EXTENSION: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.ts': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
}

/** Only what gets so much smaller is sent compressed: text does, pictures are compressed already. */
const GZIP_RATIO_MAX = 0.9

interface File {
  readonly identity: Representation
  readonly gzip: Representation | undefined
}

/** A file as it is sent (RFC 9110, 8). */
interface Representation {
  readonly body: Buffer
  readonly headers: Readonly<Record<string, string>>
}

/** Answers GET and HEAD for a file of `folder`, leaves all else to `next`. Throws if the folder can't be read. */
export function files(folder: string): Handler {
  const fileByPath = new Map<string, File>()
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const place = join(entry.parentPath, entry.name)
    const path = place.slice(folder.length).replaceAll('\\', '/').replace(/^\/*/, '/')
    fileByPath.set(path, fileOf(path, readFileSync(place)))
  }
  return (request, response, next) => {
    const [path = ''] = (request.url ?? '').split('?', 1)
    const file = fileByPath.get(path.endsWith('/') ? `${path}index.html` : path)
    if (!file) return next()
    if (file.gzip !== undefined) response.appendHeader('vary', 'accept-encoding')
    const { body, headers } = (acceptsGzip(request) && file.gzip) || file.identity
    const isKnown = knows(request, headers['etag'])
    response.writeHead(isKnown ? 304 : 200, headers)
    response.end(isKnown || request.method === 'HEAD' ? undefined : body)
  }
}

/** Hashed names never change and are kept for good; everything else is asked for again, and mostly answered with 304. */
function fileOf(path: string, body: Buffer): File {
  const headers = {
    'content-type': TYPE_BY_EXTENSION[extname(path)] ?? 'application/octet-stream',
    'cache-control': path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
  }
  const gzipped = gzipSync(body, { level: 9 })
  return {
    identity: representationOf(body, headers),
    gzip:
      gzipped.length <= body.length * GZIP_RATIO_MAX
        ? representationOf(gzipped, { ...headers, 'content-encoding': 'gzip' })
        : undefined,
  }
}

function representationOf(body: Buffer, headers: Readonly<Record<string, string>>): Representation {
  const etag = `"${createHash('sha256').update(body).digest('base64url')}"`
  return { body, headers: { ...headers, 'content-length': String(body.length), etag } }
}

/** Compared weakly: proxies that compress anew weaken a tag (RFC 9110, 13.1.2). Tags of ours have no comma. */
function knows({ headers }: IncomingMessage, etag: string | undefined): boolean {
  const tags = headers['if-none-match']?.split(',') ?? []
  return tags.some((tag) => ['*', etag].includes(tag.trim().replace(/^W\//, '')))
}

/** `gzip` is named, and not refused by a weight of 0 (RFC 9110, 12.5.3). */
function acceptsGzip({ headers }: IncomingMessage): boolean {
  const codings = headers['accept-encoding']?.split(',') ?? []
  return codings.some((coding) => /^\s*gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/i.test(coding))
}
