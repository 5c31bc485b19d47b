import fc from 'fast-check'
import * as decoding from 'lib0/decoding'
import { expect, it } from 'vitest'
import { Malformed, Reader, Writer } from './bytes'

const CONTINUED = 0x80

function read(bytes: Uint8Array): number | undefined {
  try {
    return new Reader(bytes).uint()
  } catch (cause) {
    expect(cause).toBeInstanceOf(Malformed)
    return undefined
  }
}

/** What lib0, whose format it is, reads. */
function readByLib0(bytes: Uint8Array): number | undefined {
  try {
    const value = decoding.readVarUint(decoding.createDecoder(bytes))
    return Number.isSafeInteger(value) ? value : undefined
  } catch {
    return undefined
  }
}

it('reads every integer that can be written', () => {
  const bounds = [0, 1, 127, 128, 16_383, 16_384, 2 ** 32, Number.MAX_SAFE_INTEGER]
  for (const value of bounds) expect(read(new Writer().uint(value).bytes())).toBe(value)
  fc.assert(fc.property(fc.maxSafeNat(), (value) => read(new Writer().uint(value).bytes()) === value))
})

it('reads any bytes as lib0 does, or refuses them', () => {
  const byte = fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x7f, CONTINUED, 0xff))
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12 }), fc.array(byte, { maxLength: 12 }), (random, chosen) => {
      for (const bytes of [random, Uint8Array.from(chosen)]) expect(read(bytes)).toBe(readByLib0(bytes))
    }),
  )
})

it.each([0, 1])('refuses an integer of more bytes than a number can count, ending in %i', (last) => {
  expect(read(Uint8Array.from([...Array<number>(200).fill(CONTINUED), last]))).toBeUndefined()
})
