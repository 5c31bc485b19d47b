/**
 * Every pair of text and ground that the page uses, for every hue that a node may have, by day and by night: at least
 * 4.5 : 1 (WCAG 2.2, 1.4.3). The colours are read from `tokens.css`.
 */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const CONTRAST_MIN = 4.5
const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8')
const HUES = Array.from({ length: 72 }, (_, index) => index * 5)

/** Text, and what it stands on: `a / b` is `a`, half transparent, on `b`. */
const PAIRS: [text: string, ground: string][] = [
  ...['ground', 'sheet', 'sunk', 'raised', 'hover', 'chosen'].flatMap((ground): [string, string][] => [
    ['ink', ground],
    ['ink-soft', ground],
  ]),
  ...['ground', 'sheet', 'raised', 'chosen', 'sunk'].map((ground): [string, string] => ['accent', ground]),
  ['on-accent', 'accent'],
  ['on-accent', 'accent-hover'],
  ['ground', 'ink'],
  ['red', 'red-soft'],
  ['red', 'ground'],
  ...['sheet', 'raised', 'sunk', 'node-soft', 'node-faint / sheet'].map((ground): [string, string] => [
    'node',
    ground,
  ]),
  ['ink-soft', 'node-faint / sheet'],
  ['on-node', 'node'],
]

for (const [scheme, at] of [
  ['light', 0],
  ['dark', 1],
] as const) {
  it.each(PAIRS)(`${scheme}: %s on %s is read with ease, whatever the hue`, (text, ground) => {
    const worst = HUES.map((hue) => ({ hue, contrast: contrast(rgb(text, at, hue), rgb(ground, at, hue)) }))
      .toSorted((a, b) => a.contrast - b.contrast)
      .at(0)!
    expect(worst.contrast, `hue ${worst.hue}`).toBeGreaterThanOrEqual(CONTRAST_MIN)
  })
}

type Rgb = readonly [number, number, number]

/** Linear sRGB, 0…1. */
function rgb(name: string, scheme: 0 | 1, hue: number): Rgb {
  const [over, under] = name.split(' / ') as [string, string?]
  const value = new RegExp(`--${over}: light-dark\\((oklch\\([^;]*\\)), (oklch\\([^;]*\\))\\);`).exec(css)
  if (!value) throw new Error(`tokens.css has no --${over}`)
  const numbers = value[scheme + 1]!.replace(/var\(--(?:my-)?hue\)/, String(hue))
    .match(/[\d.]+/g)!
    .map(Number)
  const [l = 0, c = 0, h = 0, alpha = 1] = numbers
  const color = fromOklch(l, c, h)
  if (alpha === 1 || under === undefined) return color
  const below = rgb(under, scheme, hue)
  return color.map((part, at) => linear(alpha * encoded(part) + (1 - alpha) * encoded(below[at]!))) as never
}

/** Björn Ottosson, *A perceptual color space for image processing*, 2020; clipped to sRGB. */
function fromOklch(lightness: number, chroma: number, hue: number): Rgb {
  const a = chroma * Math.cos((hue * Math.PI) / 180)
  const b = chroma * Math.sin((hue * Math.PI) / 180)
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  const parts = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ]
  return parts.map((part) => Math.min(1, Math.max(0, part))) as never
}

function contrast(a: Rgb, b: Rgb): number {
  const [light, dark] = [luminance(a), luminance(b)].toSorted((x, y) => y - x) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

function luminance([r, g, b]: Rgb): number {
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function encoded(part: number): number {
  return part <= 0.0031308 ? 12.92 * part : 1.055 * part ** (1 / 2.4) - 0.055
}

function linear(part: number): number {
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
}
