/** PeerServer, as its own command starts it, but for the limits that this load would meet: PORT is where it listens. */
import { PeerServer } from 'peer'

PeerServer({
  host: '127.0.0.1',
  port: Number(process.env['PORT']),
  allow_discovery: true, // lists, of everybody on the server: it knows no rooms
  concurrent_limit: 10_000, // 5,000 by default; ours too has 10,000
  proxied: true,
})
