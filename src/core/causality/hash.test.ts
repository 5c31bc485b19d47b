import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Hash128, hashText, hashToHex, hashWords, sameHash, SetFingerprint } from './hash'

/** MurmurHash3_x86_128 of bytes, after Appleby's C, in 64-bit arithmetic: slow, plain, and unlike ours. */
function reference(bytes: Uint8Array, seed = 0): string {
  const M = 0xffffffffn
  const C = [0x239b961bn, 0xab0e9789n, 0x38b34ae5n, 0xa1e38b93n]
  const rotateK = [15n, 16n, 17n, 18n]
  const rotateH = [19n, 17n, 15n, 13n]
  const adds = [0x561ccd1bn, 0x0bcaa747n, 0x96cd1c35n, 0x32ac3b17n]
  const rotl = (x: bigint, r: bigint) => ((x << r) | (x >> (32n - r))) & M
  const mixK = (k: bigint, lane: number) =>
    (rotl((k * C[lane]!) & M, rotateK[lane]!) * C[(lane + 1) % 4]!) & M
  const h = [0, 1, 2, 3].map(() => BigInt(seed))
  const whole = bytes.length - (bytes.length % 16)
  const word = (at: number, end: number) => {
    let k = 0n
    for (let byte = Math.min(at + 3, end - 1); byte >= at; byte--) k = (k << 8n) | BigInt(bytes[byte]!)
    return k
  }
  for (let at = 0; at < whole; at += 16) {
    for (let lane = 0; lane < 4; lane++) {
      h[lane] = h[lane]! ^ mixK(word(at + 4 * lane, bytes.length), lane)
      h[lane] = (rotl(h[lane]!, rotateH[lane]!) + h[(lane + 1) % 4]!) & M
      h[lane] = (h[lane]! * 5n + adds[lane]!) & M
    }
  }
  for (let lane = 3; lane >= 0; lane--) {
    const at = whole + 4 * lane
    if (at < bytes.length) h[lane] = h[lane]! ^ mixK(word(at, bytes.length), lane)
  }
  const mixAll = () => {
    h[0] = (h[0]! + h[1]! + h[2]! + h[3]!) & M
    for (let lane = 1; lane < 4; lane++) h[lane] = (h[lane]! + h[0]) & M
  }
  for (let lane = 0; lane < 4; lane++) h[lane] = h[lane]! ^ BigInt(bytes.length)
  mixAll()
  for (let lane = 0; lane < 4; lane++) {
    let x = h[lane]!
    x = ((x ^ (x >> 16n)) * 0x85ebca6bn) & M
    x = ((x ^ (x >> 13n)) * 0xc2b2ae35n) & M
    h[lane] = x ^ (x >> 16n)
  }
  mixAll()
  return h.map((lane) => lane.toString(16).padStart(8, '0')).join('')
}

const ascii = (text: string) => new TextEncoder().encode(text)
const utf16 = (text: string) => {
  const bytes = new Uint8Array(text.length * 2)
  const view = new DataView(bytes.buffer)
  for (let at = 0; at < text.length; at++) view.setUint16(2 * at, text.charCodeAt(at), true)
  return bytes
}

describe('the reference that the hash is held against', () => {
  it('gives what SMHasher verifies the C code with', () => {
    // Appleby's verification: hashes of 0, 01, 012, … with seed 256 − length, hashed all together.
    const hashes = new Uint8Array(256 * 16)
    for (let length = 0; length < 256; length++) {
      const key = Uint8Array.from({ length }, (_, at) => at)
      hashes.set(littleEndian(reference(key, 256 - length)), length * 16)
    }
    const [b0, b1, b2, b3] = littleEndian(reference(hashes))
    expect(((b0! | (b1! << 8) | (b2! << 16) | (b3! << 24)) >>> 0).toString(16)).toBe('b3ece62a')
  })

  it('gives the published hash of a sentence', () => {
    const text = 'The quick brown fox jumps over the lazy dog'
    expect(reference(ascii(text))).toBe('2f1583c3ecee2c675d7bf66ce5e91d2c')
    expect(reference(ascii(''))).toBe('0'.repeat(32))
  })

  function littleEndian(hex: string): Uint8Array {
    const bytes = new Uint8Array(16)
    const view = new DataView(bytes.buffer)
    for (let lane = 0; lane < 4; lane++)
      view.setUint32(4 * lane, Number.parseInt(hex.slice(8 * lane, 8 * lane + 8), 16), true)
    return bytes
  }
})

describe('the hash of four integers', () => {
  it('is that of their bytes, the least significant first', () => {
    const word = fc.integer({ min: 0, max: 2 ** 32 - 1 })
    const hash = new Uint32Array(4)
    fc.assert(
      fc.property(fc.tuple(word, word, word, word), word, (words, seed) => {
        const bytes = new Uint8Array(16)
        for (const [at, value] of words.entries()) new DataView(bytes.buffer).setUint32(4 * at, value, true)
        hashWords(...words, seed, hash)
        expect(hashToHex([...hash] as unknown as Hash128)).toBe(reference(bytes, seed))
      }),
    )
  })
})

describe('the hash of a text', () => {
  it('is MurmurHash3_x86_128 of its UTF-16LE bytes', () => {
    const texts = fc.oneof(fc.string({ unit: 'binary', maxLength: 70 }), fc.string({ maxLength: 70 }))
    fc.assert(
      fc.property(texts, (text) => {
        expect(hashToHex(hashText(text))).toBe(reference(utf16(text)))
      }),
      { numRuns: 1_000 },
    )
    for (let length = 0; length <= 40; length++) {
      const text = 'ção\ud83d\ude00'.repeat(9).slice(0, length)
      expect(hashToHex(hashText(text))).toBe(reference(utf16(text)))
    }
  })

  it('is compared lane by lane', () => {
    expect(sameHash([1, 2, 3, 4], [1, 2, 3, 4])).toBe(true)
    for (let lane = 0; lane < 4; lane++) {
      const other = [1, 2, 3, 4].with(lane, 9) as unknown as [number, number, number, number]
      expect(sameHash([1, 2, 3, 4], other)).toBe(false)
    }
  })
})

describe('the fingerprint of a set', () => {
  it('depends on what is in it, not on how it came there', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string()), fc.array(fc.string()), (members, passing) => {
        const one = new SetFingerprint()
        const other = new SetFingerprint()
        for (const text of members) one.add(text)
        for (const text of passing) other.add(text)
        for (const text of [...members].reverse()) other.add(text)
        for (const text of passing) other.remove(text)
        expect(other.value()).toEqual(one.value())
      }),
    )
  })
})
