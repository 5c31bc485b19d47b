/**
 * A peer of its own making: it speaks PeerJS and our protocol's first words by itself, and then says what it was
 * told to. It stands in for whoever has the room's code and a broken or hostile program.
 */
import { type DataConnection, Peer } from 'peerjs'
import { memberKey, proofKey, roomId, serverFromLocation } from '../../src/adapters/browser/room'
import { decodeMessage, encodeMessage, PROTOCOL_HIGHEST, PROTOCOL_LOWEST } from '../../src/core/gossip/codec'
import { mintMemberId } from '../../src/adapters/peerjs/member-id'
import { channelOf } from '../../src/adapters/peerjs/fingerprints'
import { frameAt } from '../../src/core/gossip/framing'
import { answerTo, type Handshake, helloOf } from '../../src/core/gossip/handshake'
import { type ChannelBinding, NONCE_BYTES } from '../../src/core/gossip/proof'
import type { Message } from '../../src/core/gossip/messages'
import type { Actor } from '../../src/core/causality/dot'
import { parseKey } from '../../src/core/store/value'

const random = { bytes: (count: number) => crypto.getRandomValues(new Uint8Array(count)) }
const whole = (message: Uint8Array) => frameAt(message, 0)
const EVENTS = encodeMessage({
  type: 'events',
  transfer: 0,
  total: 0,
  hops: 1,
  events: [
    {
      key: parseKey('chave'),
      event: {
        actor: 'stranger.1' as Actor,
        counter: 1,
        context: [],
        time: 8.64e15,
        merge: 'auto',
        value: 'planted',
      },
    },
  ],
})

const NONSENSE: Record<string, () => ArrayBuffer | Uint8Array<ArrayBuffer> | string> = {
  'an unknown message': () => whole(Uint8Array.of(200, 1, 2)),
  'an empty message': () => whole(new Uint8Array(0)),
  'random bytes': () => whole(crypto.getRandomValues(new Uint8Array(500)).map((byte) => byte | 0xe0)),
  'a second hello': () => whole(hello()),
  'events cut off': () => whole(EVENTS.subarray(0, EVENTS.length - 2)),
  'events with a byte too many': () => whole(Uint8Array.of(...EVENTS, 0)),
  'a claim of nobody’s transfer cut off': () => whole(Uint8Array.of(6, 1)),
  text: () => 'set chave valor',
  'a frame of an unknown type': () => Uint8Array.of(77, 1, 2, 3),
  'a frame too large': () => new Uint8Array(20_000),
  'a last part without a first': () => Uint8Array.of(2, 1, 2, 3),
}

const PING = () => whole(encodeMessage({ type: 'ping', number: 4_711 }))

function hello(nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES))): Uint8Array {
  return encodeMessage({
    type: 'hello',
    lowestVersion: PROTOCOL_LOWEST,
    highestVersion: PROTOCOL_HIGHEST,
    nonce,
  })
}

const peers = new Map<string, Promise<Peer>>()

function join(room: string): Promise<Peer> {
  const known = peers.get(room)
  if (known) return known
  const { host, port, path } = serverFromLocation(location.href)
  const id = mintMemberId(memberKey(room), random)
  const peer = new Peer(id, { host, port, path, key: roomId(room), config: { iceServers: [] } })
  // Whoever dials us meets silence, so that the only link that speaks is the one we dialled.
  const joined = new Promise<Peer>((resolve, reject) => {
    peer.once('open', () => resolve(peer))
    peer.once('error', reject)
  })
  peers.set(room, joined)
  return joined
}

/** All in the room but us. */
async function members(room: string): Promise<string[]> {
  const response = await fetch(`${new URL('.', location.href).pathname}${roomId(room)}/peers`)
  const ids = (await response.json()) as string[]
  const own = await peers.get(room)
  return ids.filter((id) => id !== own?.id)
}

/**
 * Dials `member`, begins properly, waits until it has begun too and sent its root, and then says `what`, or pings.
 * Resolves with `dropped` when the other side closes the link after that, with `answered` when it answers a ping.
 */
async function harass(room: string, member: string, what: string): Promise<'dropped' | 'answered'> {
  const peer = await join(room)
  const connection = peer.connect(member, { serialization: 'raw', reliable: true })
  const heard = listen(connection)
  await new Promise<void>((resolve, reject) => {
    connection.once('open', () => resolve())
    peer.once('error', reject)
  })
  const say = (message: Message) => connection.dataChannel.send(whole(encodeMessage(message)))
  const channel = await channelWith(connection.peerConnection)
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES))
  const handshake: Handshake = { dialledBy: 'us', channel, nonce, challenge: undefined }
  say(helloOf(handshake))
  const theirs = await heard('hello')
  if (theirs.type === 'hello') say(answerTo(theirs, handshake, proofKey(room)))
  const nodeId = `stranger${member.slice(0, 8)}`
  say({ type: 'intro', nodeId, actor: undefined, context: [1, 2, 3, 4], live: undefined })
  await heard('root')
  connection.dataChannel.send((NONSENSE[what] ?? PING)() as Uint8Array<ArrayBuffer>)
  const closed = new Promise<'dropped'>((resolve) => {
    connection.dataChannel.addEventListener('close', () => resolve('dropped'))
  })
  const answered = heard('pong', 4_711).then(() => 'answered' as const)
  return Promise.race([closed, answered])
}

/** The answer may show a moment after the channel that it opened. */
async function channelWith(connection: RTCPeerConnection): Promise<ChannelBinding> {
  for (;;) {
    const channel = channelOf(connection)
    if (channel !== undefined) return channel
    await new Promise((resolve) =>
      connection.addEventListener('signalingstatechange', resolve, { once: true }),
    )
  }
}

/** Resolves when a message of that type has come, now or before. */
function listen(connection: DataConnection): (type: Message['type'], number?: number) => Promise<Message> {
  const messages: Message[] = []
  let tell = () => {}
  connection.on('data', (data) => {
    const frame = new Uint8Array(data as ArrayBuffer)
    if (frame[0] === 0) messages.push(decodeMessage(frame.subarray(1)))
    tell()
  })
  return (type, number) =>
    new Promise((resolve) => {
      const look = () => {
        const found = messages.find(
          (message) =>
            message.type === type &&
            (number === undefined || ('number' in message && message.number === number)),
        )
        if (found) resolve(found)
      }
      const before = tell
      tell = () => {
        before()
        look()
      }
      look()
    })
}

const stranger = { members, harass, nonsense: Object.keys(NONSENSE) }

export type Stranger = typeof stranger
Object.assign(window, { stranger })
