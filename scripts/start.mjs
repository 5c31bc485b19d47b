/** `npm start`: installs what is missing, builds what is stale, serves app and signaling. PORT, HOST, BASE, LOBBY. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildIfStale } from './build.mjs'
import { fail, ready, root } from './project.mjs'

await ready()
await buildIfStale().catch(fail)
await import(pathToFileURL(join(root, 'dist/server/main.js')).href)
