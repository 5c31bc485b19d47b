/** The examples and tables of `docs/bytes.md`, read out of it: page and code can't drift apart. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { memberKey, proofKey, roomId } from './adapters/browser/room'
import { isMemberId, mintMemberId } from './adapters/peerjs/member-id'
import { CausalContext } from './core/causality/context'
import { type Hash128, hashText, hashToHex } from './core/causality/hash'
import type { VersionVector } from './core/causality/version-vector'
import { Reader, Writer } from './core/codec/bytes'
import { decodeMessage, encodeMessage, typeOfMessage } from './core/gossip/codec'
import { ringPlace } from './core/gossip/overlay'
import { prove, verify } from './core/gossip/proof'
import { type Element, Sketch } from './core/gossip/sketch'
import * as limits from './core/limits'
import { LiveFingerprint } from './core/store/live-fingerprint'
import { Replica } from './core/store/replica'
import type { Key } from './core/store/value'
import { type Version, versionText } from './core/store/version'

const page = readFileSync(new URL('../docs/bytes.md', import.meta.url), 'utf8')

/** `name  value` in the blocks of text; a value goes on in lines that are indented. */
const exampleByName = new Map<string, string>()
for (const [, block = ''] of page.matchAll(/```text\n([\s\S]*?)```/g)) {
  for (const [, name = '', value = ''] of block.matchAll(/^(\S+(?: \S+)*)[ \n]\s*([^\n]*(?:\n +[^\n]*)*)/gm))
    exampleByName.set(name, value.replaceAll(/\n +/g, ' '))
}

function example(name: string): string {
  const value = exampleByName.get(name)
  if (value === undefined) throw new Error(`no example '${name}' on the page`)
  return value
}

const json = (name: string) => JSON.parse(example(name)) as never
const digits = (name: string) => example(name).replaceAll(' ', '')
const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const hashOf = (hash: Hash128) => hashToHex(hash)

/** The rows of the table with this head, cell by cell. */
function table(head: string): string[][] {
  const [, rows = ''] = page.split(`${head}\n|---|---|---|\n`)
  const lines = rows.slice(0, rows.indexOf('\n\n')).split('\n')
  return lines.map((line) => line.split('|').map((cell) => cell.trim()))
}

/** As the page writes a message: blocks and hashes in digits, maps as objects, a sketch by what it is of. */
function written(name: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return hexOf(value)
  if (value instanceof Sketch) return { salt: value.salt, cells: value.cells, elements: elementsOf(value) }
  if (value instanceof Map) return written(name, Object.fromEntries(value))
  if (Array.isArray(value)) {
    const isHash = ['context', 'live', 'ghosts'].includes(name) && value.every(Number.isInteger)
    return isHash && value.length === 4
      ? hashOf(value as unknown as Hash128)
      : value.map((each) => written('', each))
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([field, each]) => [field, written(field, each)]))
}

function elementsOf(sketch: Sketch): readonly Element[] {
  const found = Sketch.difference(sketch, new Sketch(sketch.cells, sketch.salt))
  return [...(found?.theirs ?? [])].sort((a, b) => a[0] - b[0] || a[1] - b[1])
}

function writtenSketch(sketch: Sketch): string {
  const writer = new Writer()
  Sketch.write(sketch, writer)
  return hexOf(writer.bytes())
}

const versions = ['1', '2'].map((place) => ({
  place,
  key: example(`key ${place}`) as Key,
  version: json(`version ${place}`) as Version,
}))

describe('as the page says', () => {
  it.each(['Hello', 'Root', 'Rows', 'Want', 'Events', 'Claim'])('is %s, both ways', (name) => {
    const message = decodeMessage(bytesOf(digits(`bytes of ${name}`)))
    expect(written('', message)).toEqual(json(name))
    expect(hexOf(encodeMessage(message))).toBe(digits(`bytes of ${name}`))
  })

  it('are the types of the messages', () => {
    const rows = table('| Byte | Message | Fields, in order |')
    expect(rows.map(([, byte]) => Number(byte))).toEqual(rows.map((_, type) => type))
    for (const [, byte, name] of rows)
      expect(typeOfMessage(Uint8Array.of(Number(byte)))).toBe(name?.toLowerCase())
    expect(typeOfMessage(Uint8Array.of(rows.length))).toBeUndefined()
  })

  it('are the limits', () => {
    const rows = table('| | At most | Name in `src/core/limits.ts` |')
    const named = Object.fromEntries(
      rows.map(([, , most = '', name = '']) => [name.replaceAll('`', ''), Number(most.replaceAll(',', ''))]),
    )
    expect(rows.length).toBeGreaterThan(10)
    expect(limits).toMatchObject(named)
  })

  it('are the hashes of a state', () => {
    const rows = Object.entries(json('context')) as never
    expect(hashOf(CausalContext.from(rows).hash())).toBe(example('context hash'))
    for (const { place, key, version } of versions) {
      expect(versionText(key, version)).toBe(example(`text ${place}`))
      expect(hashOf(hashText(versionText(key, version)))).toBe(example(`hash ${place}`))
    }
    const live = new LiveFingerprint(new Map(versions.map(({ key, version }) => [key, [version]])))
    expect(hashOf(live.hash())).toBe(example('live'))
    const replica = new Replica(0)
    const none = new Map<never, never>()
    const ghosts = new Map<Key, VersionVector>(Object.entries(json('ghosts')) as never)
    replica.claim({ known: none, streamed: none, dead: none, ghosts })
    expect(hashOf(replica.ghostsHash())).toBe(example('ghosts hash'))
  })

  it('is a sketch, both ways', () => {
    const sketch = new Sketch(Number(example('cells')), Number(example('salt')))
    for (const element of json('elements') as Element[]) sketch.add(...element)
    expect(writtenSketch(sketch)).toBe(digits('sketch'))
    const read = Reader.decode(bytesOf(digits('sketch')), Sketch.read)
    expect(elementsOf(read)).toEqual(json('elements'))
    expect(writtenSketch(read)).toBe(digits('sketch'))
  })

  it('is what comes of a code', () => {
    const code = example('code')
    expect(roomId(code)).toBe(example('room id'))
    expect(hexOf(proofKey(code))).toBe(example('proof key'))
    const member = mintMemberId(memberKey(code), {
      bytes: (count) => Uint8Array.from({ length: count }, (_, at) => at),
    })
    expect(member).toBe(example('member'))
    expect(isMemberId(memberKey(code), example('member'))).toBe(true)
    expect(ringPlace(member)).toBe(Number(example('ring place')))
  })

  it('is a proof, both ways', () => {
    const key = bytesOf(example('proof key'))
    const [nonce, challenge] = [bytesOf(example('nonce')), bytesOf(example('challenge'))]
    const channel = { ours: example('ours'), theirs: example('theirs') }
    const prover = { role: 'dialler', nonce, challenge, channel } as const
    expect(hexOf(encodeMessage({ type: 'proof', ...prove(key, prover) }))).toBe(digits('proof'))
    const said = decodeMessage(bytesOf(digits('proof')))
    expect(said.type === 'proof' && verify(key, prover, said)).toBe('proven')
  })
})
