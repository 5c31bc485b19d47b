/** Messages to bytes and back. Decoding is total: a message, or `Malformed`. */
import { readBatch, writeBatch } from '../codec/batch'
import { Malformed, Reader, Writer } from '../codec/bytes'
import type { Actor } from '../causality/dot'
import type { Hash128 } from '../causality/hash'
import type { VersionVector } from '../causality/version-vector'
import { DOTS_SHOWN_MAX, NODE_ID_LENGTH_MAX } from '../limits'
import type { Key } from '../store/value'
import type { ClaimMessage, KeyedEvent, Knowledge, Message, StateHashes, Want } from './messages'
import { NONCE_BYTES, PROOF_BYTES } from './proof'
import { Sketch } from './sketch'
import { readSummary, writeSummary } from './summary'

/** Protocol versions that this build speaks. */
export const PROTOCOL_LOWEST = 1
export const PROTOCOL_HIGHEST = 1

/** First bytes of a link, for ever the same: they tell a Fofoca of any version from anything else. */
const MAGIC = 0x464f464f // "FOFO"

const TYPES = [
  'hello',
  'intro',
  'root',
  'rows',
  'want',
  'events',
  'claim',
  'ping',
  'pong',
  'bye',
  'part',
  'prune',
  'have',
  'graft',
  'twin',
  'proof',
  'retry',
  'outline',
  'inquiry',
  'differing',
] as const
const HASH_BYTES = 16
const FAREWELLS = ['left', 'offline', 'surplus'] as const

/** What a message that we encoded begins with. */
export function typeOfMessage(message: Uint8Array): Message['type'] {
  return TYPES[message[0] as number] as Message['type']
}

export function encodeMessage(message: Message): Uint8Array {
  const writer = new Writer().byte(TYPES.indexOf(message.type))
  writeBody(writer, message)
  return writer.bytes()
}

function writeBody(writer: Writer, message: Message): void {
  switch (message.type) {
    case 'hello':
      writer.uint(MAGIC).uint(message.lowestVersion).uint(message.highestVersion).block(message.nonce)
      return
    case 'proof':
      writer.block(message.bound).block(message.unbound)
      return
    case 'intro':
      writer.text(message.nodeId).flag(message.actor !== undefined)
      if (message.actor !== undefined) writer.text(message.actor)
      writeState(writer, message)
      return
    case 'root':
      writeState(writer, message)
      writer.flag(message.yours !== undefined)
      if (message.yours !== undefined) writeKnowledge(writer, message.yours)
      return
    case 'rows':
    case 'differing':
      writer.uint(message.token).rows(message.rows)
      return
    case 'outline':
      Sketch.write(message.sketch, writer.uint(message.token))
      return
    case 'inquiry':
      writer.uint(message.token).uint(message.rows === undefined ? 0 : message.rows.length + 1)
      for (const hash of message.rows ?? []) writer.hash(hash)
      return
    case 'want':
      writeWant(writer, message)
      return
    case 'events':
      writer.uint(message.transfer).uint(message.total).uint(message.hops)
      writeBatch(writer, message.events)
      return
    case 'claim':
      writeClaim(writer, message)
      return
    case 'retry':
      writer.uint(message.transfer)
      return
    case 'ping':
    case 'pong':
      writer.uint(message.number)
      return
    case 'twin':
      writer.text(message.member)
      return
    case 'bye':
      writer.byte(FAREWELLS.indexOf(message.why))
      return
    case 'part':
      writer.uint(message.index).flag(message.last).block(message.bytes)
      return
    case 'prune':
      writeActors(writer, message.actors)
      return
    case 'have':
      writer.rows(message.rows)
      return
    case 'graft':
      writeActors(writer, message.actors)
      writer.rows(message.rows)
  }
}

/** Throws `Malformed`. */
export function decodeMessage(bytes: Uint8Array): Message {
  return Reader.decode(bytes, (reader) => {
    const type = TYPES[reader.byte()]
    if (type === undefined) throw new Malformed('an unknown message')
    return readBody(reader, type)
  })
}

function readBody(reader: Reader, type: Message['type']): Message {
  switch (type) {
    case 'hello': {
      if (reader.uint() !== MAGIC) throw new Malformed('not a Fofoca')
      const [lowestVersion, highestVersion] = [reader.uint(), reader.uint()]
      const nonce = reader.blockOf(NONCE_BYTES)
      reader.tail() // later versions may say more
      return { type, lowestVersion, highestVersion, nonce }
    }
    case 'proof':
      return { type, bound: reader.blockOf(PROOF_BYTES), unbound: reader.blockOf(PROOF_BYTES) }
    case 'intro':
      return {
        type,
        nodeId: readNodeId(reader),
        actor: reader.flag() ? reader.actor() : undefined,
        ...readState(reader),
      }
    case 'root':
      return {
        type,
        ...readState(reader),
        yours: reader.flag() ? readKnowledge(reader) : undefined,
      }
    case 'rows':
    case 'differing':
      return { type, token: reader.uint(), rows: reader.rows() }
    case 'outline':
      return { type, token: reader.uint(), sketch: Sketch.read(reader) }
    case 'inquiry':
      return { type, token: reader.uint(), rows: readInquired(reader) }
    case 'want':
      return readWant(reader)
    case 'events':
      return {
        type,
        transfer: reader.uint(),
        total: reader.uint(),
        hops: reader.uint(),
        events: readEvents(reader),
      }
    case 'claim':
      return readClaim(reader)
    case 'retry':
      return { type, transfer: reader.uint() }
    case 'ping':
    case 'pong':
      return { type, number: reader.uint() }
    case 'twin':
      return { type, member: reader.text() }
    case 'bye': {
      const why = FAREWELLS[reader.byte()]
      if (why === undefined) throw new Malformed('an unknown farewell')
      return { type, why }
    }
    case 'part':
      return { type, index: reader.uint(), last: reader.flag(), bytes: reader.block() }
    case 'prune':
      return { type, actors: readActors(reader) }
    case 'have':
      return { type, rows: reader.rows() }
    case 'graft':
      return { type, actors: readActors(reader), rows: reader.rows() }
  }
}

function readEvents(reader: Reader): readonly KeyedEvent[] {
  const events: KeyedEvent[] = []
  readBatch(reader, (key, event) => {
    if ('dropped' in event) throw new Malformed('an effect among events')
    events.push({ key, event })
  })
  return events
}

function writeActors(writer: Writer, actors: readonly Actor[]): void {
  writer.uint(actors.length)
  for (const actor of actors) writer.text(actor)
}

function readActors(reader: Reader): Actor[] {
  const actors: Actor[] = []
  for (let left = reader.count(4); left > 0; left--) actors.push(reader.actor())
  return actors
}

function readNodeId(reader: Reader): string {
  const nodeId = reader.text()
  if (!/^[a-z0-9]+$/.test(nodeId) || nodeId.length > NODE_ID_LENGTH_MAX) {
    throw new Malformed('a node id that is not well-formed')
  }
  return nodeId
}

function writeState(writer: Writer, { context, live }: StateHashes): void {
  writer.hash(context).flag(live !== undefined)
  if (live !== undefined) writer.hash(live)
}

function readState(reader: Reader): StateHashes {
  return { context: reader.hash(), live: reader.flag() ? reader.hash() : undefined }
}

function readInquired(reader: Reader): Hash128[] | undefined {
  const count = reader.uint() - 1
  if (count < 0) return undefined
  if (count * HASH_BYTES > reader.left) throw new Malformed('a count beyond the end')
  return Array.from({ length: count }, () => reader.hash())
}

function writeKnowledge(writer: Writer, { row, ghosts, latest }: Knowledge): void {
  writer.intervals(row).uint(ghosts).uint(latest.length)
  for (const { counter, content } of latest) writer.uint(counter).uint32(content)
}

function readKnowledge(reader: Reader): Knowledge {
  const row = reader.intervals()
  const ghosts = reader.uint()
  const count = reader.count(5)
  if (count > DOTS_SHOWN_MAX) throw new Malformed('more dots shown than are asked for')
  const latest = Array.from({ length: count }, () => ({
    counter: reader.counter(),
    content: reader.uint32(),
  }))
  return { row, ghosts, latest }
}

function writeWant(writer: Writer, message: Want): void {
  writer.uint(message.token).uint(message.transfer).rows(message.want).hash(message.ghosts)
  writeSummary(writer, message.summary)
}

function readWant(reader: Reader): Want {
  const token = reader.uint()
  const transfer = reader.uint()
  const want = reader.rows()
  const ghosts = reader.hash()
  return { type: 'want', token, transfer, want, summary: readSummary(reader), ghosts }
}

function writeClaim(writer: Writer, message: ClaimMessage): void {
  writer.uint(message.transfer).rows(message.known).uint(message.events).rows(message.dead)
  writer.uint(message.ghosts === undefined ? 0 : message.ghosts.size + 1)
  for (const [key, vector] of message.ghosts ?? []) writer.text(key).vector(vector)
}

function readClaim(reader: Reader): ClaimMessage {
  const transfer = reader.uint()
  const known = reader.rows()
  const events = reader.uint()
  const dead = reader.rows()
  const count = reader.uint()
  if (count === 0) return { type: 'claim', transfer, known, events, dead, ghosts: undefined }
  const ghosts = new Map<Key, VersionVector>()
  for (let left = count - 1; left > 0; left--) ghosts.set(reader.key(), reader.vector())
  return { type: 'claim', transfer, known, events, dead, ghosts }
}
