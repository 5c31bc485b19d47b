/** The composition root of the page: real parts, put together. */
import { mount } from 'svelte'
import { BrowserRandom } from './adapters/browser/random'
import { followPageLife } from './adapters/browser/page-life'
import { newRoomCode, roomId, roomOfFragment } from './adapters/browser/room'
import { RoomList } from './adapters/browser/rooms'
import { openRoom, slots } from './open'
import type { KvHandle } from './runtime/kv'
import { nodeName } from './runtime/names'
import App from './ui/App.svelte'
import type { Page } from './ui/page'

/** What the operator of the server says to pages. */
interface ServerConfig {
  lobby: boolean
  iceServers: RTCIceServer[]
  iceTransportPolicy?: RTCIceTransportPolicy
  /** What is in `iceServers` expires: ask again after so long. */
  refreshSeconds?: number
}

const CONFIG_RETRY_SECONDS = 60

const random = new BrowserRandom()
const rooms = new RoomList()
// Without the server the page may still open what this browser keeps.
const server: ServerConfig = (await serverConfig()) ?? { lobby: true, iceServers: [] }
renewCredentials(server.refreshSeconds)
let open: KvHandle | undefined

const page: Page = {
  server,
  newRoomCode: () => newRoomCode(random),
  roomFromFragment: roomOfFragment,
  nodeName,
  rooms: {
    list: () => rooms.list(),
    subscribe: (listener) => rooms.subscribe(listener),
    forget: async (code) => {
      const slot = await slots.open(roomId(code))
      await slot.forget()
      rooms.forget(code)
    },
  },
  open: async (room, signal) => {
    const { iceServers, iceTransportPolicy } = server
    const policy = iceTransportPolicy ? { iceTransportPolicy } : {}
    const kv = await openRoom({ room, iceServers, ...policy, signal }, (code) => rooms.forget(code))
    open = kv
    const note = () => rooms.touch(kv.room.code, kv.size)
    note()
    kv.subscribe(note)
    return { kv, condition: () => kv.condition(), ended: kv.ended }
  },
}

followPageLife({
  suspend: () => open?.suspend(),
  resume: () => open?.resume(),
  probe: () => open?.probe(),
})
mount(App, { target: document.getElementById('app') as HTMLElement, props: { page } })

/** The list stays the same one, since open rooms hold it: links made from now on use what is in it then. */
function renewCredentials(afterSeconds: number | undefined): void {
  if (afterSeconds === undefined) return
  setTimeout(() => {
    void serverConfig().then((fresh) => {
      if (fresh) server.iceServers.splice(0, Infinity, ...fresh.iceServers)
      renewCredentials(fresh ? fresh.refreshSeconds : Math.min(afterSeconds, CONFIG_RETRY_SECONDS))
    })
  }, afterSeconds * 1000)
}

/** Undefined without the server. */
async function serverConfig(): Promise<ServerConfig | undefined> {
  try {
    const response = await fetch('./config.json', { signal: AbortSignal.timeout(3_000) })
    return (await response.json()) as ServerConfig
  } catch {
    return undefined
  }
}
