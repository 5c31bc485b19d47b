/** `npm run dev`: the page with hot reload, and signaling, on one port. PORT, HOST. */
import { join } from 'node:path'
import { fail, ready, root } from './project.mjs'

await ready()
const { createServer, runnerImport } = await import('vite')
/** @type {{ module: typeof import('../signaling/dev') }} */
const { module } = await runnerImport(join(root, 'signaling/dev.ts'), { configFile: false })
const server = await createServer({
  configFile: join(root, 'vite.config.ts'),
  plugins: [module.signaling()],
  server: { port: Number(process.env['PORT'] ?? 9000), strictPort: true, host: process.env['HOST'] ?? true },
})
await server.listen().catch(fail)
server.printUrls()
