/**
 * One colour for each node, everywhere: a hue on the OKLCH circle; the style sheet gives lightness
 * and chroma for light and dark. A node whose name begins with a colour wears that colour, any
 * other one by its id. Hues near red are left out: red is only for "not saved".
 */
const HUE_BY_COLOR_WORD: Record<string, number> = {
  coral: 44,
  topaz: 60,
  amber: 74,
  golden: 88,
  sandy: 92,
  sunny: 98,
  olive: 112,
  jade: 163,
  teal: 190,
  azure: 240,
  indigo: 276,
  lilac: 306,
  ruby: 342,
  rosy: 350,
  scarlet: 358,
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
