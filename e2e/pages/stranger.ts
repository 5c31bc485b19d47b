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

type Frame = ArrayBuffer | Uint8Array<ArrayBuffer> | string

const NONSENSE: Record<string, () => Frame> = {
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

interface Line {
  say(message: Message): void
  send(frame: Frame): void
  /** Resolves when a message of that type has come, now or before. */
  heard<T extends Message['type']>(type: T, number?: number): Promise<Extract<Message, { type: T }>>
  /** The types of all that has come. */
  readonly said: string[]
  readonly closed: Promise<'dropped'>
  readonly handshake: Handshake
}

/** A link with `member`, on which nothing has been said by us. */
async function dial(room: string, member: string): Promise<Line> {
  const peer = await join(room)
  const connection = peer.connect(member, { serialization: 'raw', reliable: true })
  const { heard, said } = listen(connection)
  await new Promise<void>((resolve, reject) => {
    connection.once('open', () => resolve())
    peer.once('error', reject)
  })
  const { dataChannel } = connection
  return {
    say: (message) => dataChannel.send(whole(encodeMessage(message))),
    send: (frame) => dataChannel.send(frame as string),
    heard,
    said,
    closed: new Promise((resolve) => dataChannel.addEventListener('close', () => resolve('dropped'))),
    handshake: {
      dialledBy: 'us',
      channel: await channelWith(connection.peerConnection),
      nonce: crypto.getRandomValues(new Uint8Array(NONCE_BYTES)),
      challenge: undefined,
    },
  }
}

/** How a stranger who has a member's name comes by the Proof that it sends to `member`. */
const FORGERIES: Record<string, (line: Line, room: string, otherRoom: string) => Promise<Message>> = {
  'with another code': async ({ say, heard, handshake }, room) => {
    say(helloOf(handshake))
    return answerTo(await heard('hello'), handshake, proofKey(`not ${room}`))
  },
  'that a member of another room gave for this very challenge': async (line, _, otherRoom) => {
    const { nonce } = await line.heard('hello')
    const [other = ''] = await members(otherRoom)
    const elsewhere = await dial(otherRoom, other)
    elsewhere.say({ ...helloOf(elsewhere.handshake), nonce })
    line.say(await elsewhere.heard('hello'))
    return elsewhere.heard('proof')
  },
  'that was taken before': async ({ say, heard, handshake }) => {
    if (lastProof === undefined) throw new Error('nothing was proven before')
    say({ ...helloOf(handshake), nonce: lastProof.nonce })
    await heard('hello')
    return lastProof.proof
  },
  'that is theirs, thrown back': async ({ say, heard }) => {
    const hello = await heard('hello')
    say({ ...hello, nonce: hello.nonce.map((byte) => byte ^ 1) })
    return heard('proof')
  },
}

let lastProof: { nonce: Uint8Array; proof: Message } | undefined

/** Resolves with all that was said to us, in types, once the other side closed the link; or once it let us in. */
async function prove(room: string, member: string, how: string, otherRoom: string): Promise<string[]> {
  const line = await dial(room, member)
  const { say, heard, handshake, said, closed } = line
  const forge = FORGERIES[how]
  if (forge === undefined) {
    say(helloOf(handshake))
    const proof = answerTo(await heard('hello'), handshake, proofKey(room))
    lastProof = { nonce: handshake.nonce, proof }
    say(proof)
  } else say(await forge(line, room, otherRoom))
  await Promise.race([closed, heard('intro')])
  return said
}

/**
 * Dials `member`, begins properly, waits until it has begun too and sent its root, and then says `what`, or pings.
 * Resolves with `dropped` when the other side closes the link after that, with `answered` when it answers a ping.
 */
async function harass(room: string, member: string, what: string): Promise<'dropped' | 'answered'> {
  const { say, send, heard, closed, handshake } = await dial(room, member)
  say(helloOf(handshake))
  say(answerTo(await heard('hello'), handshake, proofKey(room)))
  const nodeId = `stranger${member.slice(0, 8)}`
  say({ type: 'intro', nodeId, actor: undefined, context: [1, 2, 3, 4], live: undefined })
  await heard('root')
  send((NONSENSE[what] ?? PING)())
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

function listen(connection: DataConnection): Pick<Line, 'heard' | 'said'> {
  const messages: Message[] = []
  const said: string[] = []
  const looking = new Set<() => void>()
  connection.on('data', (data) => {
    const frame = new Uint8Array(data as ArrayBuffer)
    if (frame[0] === 0) messages.push(decodeMessage(frame.subarray(1)))
    said.push(messages.at(-1)?.type ?? '')
    for (const look of looking) look()
  })
  const heard = <T extends Message['type']>(type: T, number?: number) =>
    new Promise<Extract<Message, { type: T }>>((resolve) => {
      const look = () => {
        const found = messages.find(
          (message): message is Extract<Message, { type: T }> =>
            message.type === type &&
            (number === undefined || ('number' in message && message.number === number)),
        )
        if (found === undefined) return
        looking.delete(look)
        resolve(found)
      }
      looking.add(look)
      look()
    })
  return { heard, said }
}

const stranger = {
  members,
  harass,
  prove,
  nonsense: Object.keys(NONSENSE),
  forgeries: Object.keys(FORGERIES),
}

export type Stranger = typeof stranger
Object.assign(window, { stranger })
