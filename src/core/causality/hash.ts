/**
 * 128-bit fingerprints of sets, kept incrementally: the sum, modulo 2^32 in each of four lanes, of the hashes of
 * the members, so that adding and removing one costs one hash (Bellare & Micciancio, *A New Paradigm for
 * Collision-Free Hashing*, EUROCRYPT 1997: AdHash; here against accidents only, see DESIGN 4.4).
 *
 * The hash is MurmurHash3_x86_128 (Austin Appleby, public domain) of the text in UTF-16LE. It is ours because
 * no maintained package offers 128 bits in plain JavaScript below a microsecond, which a newcomer's 50,000
 * entries need; a cryptographic hash costs five times as much and buys nothing against insiders, who may write.
 */
export type Hash128 = readonly [number, number, number, number]

const C1 = 0x239b961b
const C2 = 0xab0e9789
const C3 = 0x38b34ae5
const C4 = 0xa1e38b93

/** The four lanes of the last `hashText`, as unsigned 32-bit integers: no array a hash, for the hot path's sake. */
const lanes = new Uint32Array(4)

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits))
}

function finalMix(word: number): number {
  let mixed = word
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}

function hashIntoLanes(text: string): void {
  let h1 = 0
  let h2 = 0
  let h3 = 0
  let h4 = 0
  const length = text.length
  const blocksEnd = length - (length % 8)
  let at = 0
  for (; at < blocksEnd; at += 8) {
    const k1 = text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16)
    const k2 = text.charCodeAt(at + 2) | (text.charCodeAt(at + 3) << 16)
    const k3 = text.charCodeAt(at + 4) | (text.charCodeAt(at + 5) << 16)
    const k4 = text.charCodeAt(at + 6) | (text.charCodeAt(at + 7) << 16)
    h1 ^= Math.imul(rotate(Math.imul(k1, C1), 15), C2)
    h1 = (Math.imul((rotate(h1, 19) + h2) | 0, 5) + 0x561ccd1b) | 0
    h2 ^= Math.imul(rotate(Math.imul(k2, C2), 16), C3)
    h2 = (Math.imul((rotate(h2, 17) + h3) | 0, 5) + 0x0bcaa747) | 0
    h3 ^= Math.imul(rotate(Math.imul(k3, C3), 17), C4)
    h3 = (Math.imul((rotate(h3, 15) + h4) | 0, 5) + 0x96cd1c35) | 0
    h4 ^= Math.imul(rotate(Math.imul(k4, C4), 18), C1)
    h4 = (Math.imul((rotate(h4, 13) + h1) | 0, 5) + 0x32ac3b17) | 0
  }
  const tail = [0, 0, 0, 0]
  for (let unit = 0; at < length; at++, unit++) {
    tail[unit >> 1] = (tail[unit >> 1] as number) | (text.charCodeAt(at) << (unit % 2 === 0 ? 0 : 16))
  }
  h4 ^= Math.imul(rotate(Math.imul(tail[3] as number, C4), 18), C1)
  h3 ^= Math.imul(rotate(Math.imul(tail[2] as number, C3), 17), C4)
  h2 ^= Math.imul(rotate(Math.imul(tail[1] as number, C2), 16), C3)
  h1 ^= Math.imul(rotate(Math.imul(tail[0] as number, C1), 15), C2)
  finish(h1, h2, h3, h4, length * 2)
}

/** The end of a hash over so many bytes, into the lanes. */
function finish(end1: number, end2: number, end3: number, end4: number, bytes: number): void {
  let h1 = end1 ^ bytes
  let h2 = end2 ^ bytes
  let h3 = end3 ^ bytes
  let h4 = end4 ^ bytes
  h1 = (h1 + h2 + h3 + h4) | 0
  h2 = (h2 + h1) | 0
  h3 = (h3 + h1) | 0
  h4 = (h4 + h1) | 0
  h1 = finalMix(h1)
  h2 = finalMix(h2)
  h3 = finalMix(h3)
  h4 = finalMix(h4)
  h1 = (h1 + h2 + h3 + h4) | 0
  lanes[0] = h1
  lanes[1] = h2 + h1
  lanes[2] = h3 + h1
  lanes[3] = h4 + h1
}

/** The hash of four 32-bit integers under a seed, which is one as well, into `hash`. */
export function hashWords(a: number, b: number, c: number, d: number, seed: number, hash: Uint32Array): void {
  let h1 = seed ^ Math.imul(rotate(Math.imul(a, C1), 15), C2)
  h1 = (Math.imul((rotate(h1, 19) + seed) | 0, 5) + 0x561ccd1b) | 0
  let h2 = seed ^ Math.imul(rotate(Math.imul(b, C2), 16), C3)
  h2 = (Math.imul((rotate(h2, 17) + seed) | 0, 5) + 0x0bcaa747) | 0
  let h3 = seed ^ Math.imul(rotate(Math.imul(c, C3), 17), C4)
  h3 = (Math.imul((rotate(h3, 15) + seed) | 0, 5) + 0x96cd1c35) | 0
  let h4 = seed ^ Math.imul(rotate(Math.imul(d, C4), 18), C1)
  h4 = (Math.imul((rotate(h4, 13) + h1) | 0, 5) + 0x32ac3b17) | 0
  finish(h1, h2, h3, h4, 16)
  hash[0] = lanes[0] as number
  hash[1] = lanes[1] as number
  hash[2] = lanes[2] as number
  hash[3] = lanes[3] as number
}

export function hashText(text: string): Hash128 {
  hashIntoLanes(text)
  return [lanes[0] as number, lanes[1] as number, lanes[2] as number, lanes[3] as number]
}

/** Lower-case hex, 32 digits; orders hashes too. */
export function hashToHex(hash: Hash128): string {
  return hash.map((lane) => lane.toString(16).padStart(8, '0')).join('')
}

export function sameHash(a: Hash128, b: Hash128): boolean {
  return a[0] === b[0] && a[1] === b[1] && a[2] === b[2] && a[3] === b[3]
}

/** The fingerprint of a set of texts; order of adding and removing does not matter. */
export class SetFingerprint {
  private readonly sum = new Uint32Array(4)

  add(text: string): void {
    hashIntoLanes(text)
    for (let lane = 0; lane < 4; lane++) this.sum[lane] = (this.sum[lane] as number) + (lanes[lane] as number)
  }

  /** Of a text that was hashed before. */
  addHash(hash: Hash128): void {
    for (let lane = 0; lane < 4; lane++) this.sum[lane] = (this.sum[lane] as number) + (hash[lane] as number)
  }

  remove(text: string): void {
    hashIntoLanes(text)
    for (let lane = 0; lane < 4; lane++) this.sum[lane] = (this.sum[lane] as number) - (lanes[lane] as number)
  }

  value(): Hash128 {
    return [...this.sum] as unknown as Hash128
  }
}
