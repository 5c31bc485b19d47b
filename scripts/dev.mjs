/** `npm run dev`: the page with hot reload, and signaling, on one port. PORT, HOST. */
import { fail, ready, root } from './project.mjs'

await ready()
const { createServer } = await import('vite')
const server = await createServer({
  configFile: `${root}/vite.config.ts`,
  server: { port: Number(process.env['PORT'] ?? 9000), strictPort: true, host: process.env['HOST'] ?? true },
})
await server.listen().catch(fail)
server.printUrls()
