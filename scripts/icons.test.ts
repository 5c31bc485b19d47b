/** The icons that the manifest and the page name are there, and as large as they say. */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

interface Manifest {
  icons: { src: string; sizes: string; type: string; purpose: string }[]
}

const at = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url))
const { icons } = JSON.parse(at('public/manifest.webmanifest').toString()) as Manifest
const pngs = icons.filter(({ type }) => type === 'image/png')

it.each(pngs)('$src has $sizes', ({ src, sizes }) => {
  expect(sizeOf(at(`public/${src}`))).toBe(sizes)
})

it('are enough to install the page: small, large, maskable, and one for the home screens of Apple', () => {
  expect(pngs.map(({ sizes, purpose }) => `${purpose} ${sizes}`)).toEqual(
    expect.arrayContaining(['any 192x192', 'any 512x512', 'maskable 512x512']),
  )
  const apple = /rel="apple-touch-icon" href="([^"]+)"/.exec(at('src/index.html').toString())?.[1]
  expect(sizeOf(at(`public/${apple}`))).toBe('180x180')
})

/** From the header chunk of a PNG. */
function sizeOf(png: Buffer): string {
  expect(png.subarray(1, 4).toString()).toBe('PNG')
  return `${png.readUInt32BE(16)}x${png.readUInt32BE(20)}`
}
