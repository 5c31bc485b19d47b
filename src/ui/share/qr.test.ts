import jsQR from 'jsqr'
import { describe, expect, it } from 'vitest'
import { QUIET_ZONE_MODULES, qrDrawing, type QrDrawing } from './qr'

const LINK = 'https://fofoca.example/app/#7k2m-q9xd-4f8a-w3tn-hc5e-2rvp-b6yj'

describe('the QR code of a link', () => {
  it.each([LINK, 'http://localhost:9000/#lobby', `${LINK}${'%F0%9F%A6%A6'.repeat(64)}`, 'http://h/#praça'])(
    'is read as that very link: %s',
    (link) => {
      expect(read(qrDrawing(link) as QrDrawing)).toBe(link)
    },
  )

  it('has a quiet zone of four modules on each side', () => {
    const { size, path } = qrDrawing(LINK) as QrDrawing
    const pixels = rastered({ size, path }, 1)
    const dark = (x: number, y: number) => pixels[(y * size + x) * 4] === 0
    const places = Array.from({ length: size }, (_, place) => place)
    const darkest = (of: (place: number) => boolean) => places.filter(of)
    const columns = darkest((x) => places.some((y) => dark(x, y)))
    const rows = darkest((y) => places.some((x) => dark(x, y)))
    for (const used of [columns, rows]) {
      expect(used[0]).toBe(QUIET_ZONE_MODULES)
      expect(used.at(-1)).toBe(size - 1 - QUIET_ZONE_MODULES)
    }
  })

  it('is none for what no QR code holds', () => {
    expect(qrDrawing('x'.repeat(2_331))).toBeDefined()
    expect(qrDrawing('x'.repeat(3_000))).toBeUndefined()
  })
})

function read(drawing: QrDrawing): string | undefined {
  const scale = 4
  return jsQR(rastered(drawing, scale), drawing.size * scale, drawing.size * scale)?.data
}

/** RGBA, `scale` pixels a module. */
function rastered({ size, path }: QrDrawing, scale: number): Uint8ClampedArray {
  const width = size * scale
  const pixels = new Uint8ClampedArray(width * width * 4).fill(255)
  for (const [, x, y, length] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let row = Number(y) * scale; row < (Number(y) + 1) * scale; row++) {
      for (let column = Number(x) * scale; column < (Number(x) + Number(length)) * scale; column++) {
        pixels.fill(0, (row * width + column) * 4, (row * width + column) * 4 + 3)
      }
    }
  }
  return pixels
}
