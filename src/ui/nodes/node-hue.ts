/**
 * One colour for each node, everywhere: a hue on the OKLCH circle; the style sheet gives lightness
 * and chroma for light and dark. A node whose name begins with a colour wears that colour, any
 * other one by its id. Hues near red are left out: red is only for "not saved".
 */
const HUE_BY_COLOR_WORD: Record<string, number> = {
  copper: 48,
  apricot: 56,
  orange: 58,
  bronze: 62,
  tawny: 64,
  amber: 74,
  honey: 80,
  gold: 88,
  golden: 88,
  sand: 92,
  lemon: 102,
  olive: 112,
  lime: 124,
  moss: 130,
  green: 145,
  fern: 142,
  emerald: 155,
  jade: 163,
  mint: 170,
  teal: 186,
  aqua: 198,
  turquoise: 192,
  lagoon: 205,
  cyan: 212,
  sky: 228,
  azure: 240,
  blue: 255,
  cobalt: 262,
  indigo: 276,
  iris: 288,
  violet: 298,
  lilac: 306,
  purple: 308,
  plum: 322,
  orchid: 328,
  magenta: 338,
  fuchsia: 342,
  pink: 350,
  rose: 356,
}

const HUES = [50, 75, 100, 125, 145, 165, 188, 210, 232, 256, 278, 300, 322, 345] as const

export function nodeHue(nodeId: string, name: string): number {
  const word = name.split('-')[0] ?? ''
  return HUE_BY_COLOR_WORD[word] ?? HUES[hash(nodeId) % HUES.length] ?? HUES[0]
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return h >>> 0
}
