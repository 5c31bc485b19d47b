/** The store on the browser's parts: what the page and embedders open rooms with. */
import { BrowserClock } from './adapters/browser/clock'
import { BrowserRandom } from './adapters/browser/random'
import { memberKey, proofKey, roomId, roomLink, serverFromLocation } from './adapters/browser/room'
import { BrowserSlots } from './adapters/browser/slots'
import { PeerJsTransport } from './adapters/peerjs/transport'
import { TransportBesideTabs } from './adapters/tabs/beside'
import { TabTransport } from './adapters/tabs/transport'
import { checkedOpenOptions } from './open-options'
import type { OpenOptions } from './runtime/contract'
import { type KvHandle, openKv } from './runtime/kv'

const clock = new BrowserClock()
const random = new BrowserRandom()

export const slots = new BrowserSlots(clock, random)

/**
 * Opens a room on this browser's disk, and links it to the room's other members. Throws `KvError`.
 * `afterForget` is called once `forget` erased the room.
 */
export async function openRoom(
  options: OpenOptions,
  afterForget: (code: string) => void = () => undefined,
): Promise<KvHandle> {
  const { code, base, nearby, signal, ...ice } = checkedOpenOptions(options, globalThis.location.href)
  const id = roomId(code)
  const links = new PeerJsTransport({
    ...serverFromLocation(base),
    roomId: id,
    memberKey: memberKey(code),
    ...ice,
    clock,
    random,
  })
  const tabs = new TabTransport({ roomId: id, clock, newSelf: () => links.self })
  const transport = nearby ? new TransportBesideTabs({ far: links, tabs, clock }) : links
  return openKv(
    {
      slots,
      transport,
      clock,
      random,
      proofKey: proofKey(code),
      roomId: id,
      afterForget,
      room: { code, link: roomLink(base, code) },
    },
    signal,
  )
}
