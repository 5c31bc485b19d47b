/** Signaling inside Vite's development server, so that the page finds it where it finds it in production. */
import type { Plugin } from 'vite'
import { Broker } from './broker'
import { Guard } from './guard'
import { NO_ICE } from './ice'
import { routes } from './routes'
import { signalingQuery } from './server'
import { openSockets } from './sockets'

export function signaling(): Plugin {
  return {
    name: 'fofoca-signaling',
    configureServer({ httpServer, middlewares }) {
      const broker = new Broker()
      const guard = new Guard()
      const sockets = openSockets(broker, guard)
      middlewares.use(routes(broker, guard, { lobby: true, ice: NO_ICE }))
      httpServer?.on('upgrade', (request, socket, head) => {
        const query = signalingQuery(request, '/')
        if (query) sockets.upgrade(request, socket, head, query)
      })
      httpServer?.on('close', () => void sockets.close())
    },
  }
}
