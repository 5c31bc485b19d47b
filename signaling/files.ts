/**
 * The built app, read once and served from memory: a request names one of these files exactly or none, so that no path
 * leads out of the folder, a new build can replace it at any time, and nothing of a request reaches the file system.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
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

interface File {
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
    const isKnown = request.headers['if-none-match'] === file.headers['etag']
    response.writeHead(isKnown ? 304 : 200, file.headers)
    response.end(isKnown || request.method === 'HEAD' ? undefined : file.body)
  }
}

/** Hashed names never change and are kept for good; everything else is asked for again, and mostly answered with 304. */
function fileOf(path: string, body: Buffer): File {
  return {
    body,
    headers: {
      'content-type': TYPE_BY_EXTENSION[extname(path)] ?? 'application/octet-stream',
      'content-length': String(body.length),
      'cache-control': path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      etag: `"${createHash('sha256').update(body).digest('base64url')}"`,
    },
  }
}
