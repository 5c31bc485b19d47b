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

/** Degrees on the OKLCH circle from which two nodes' colours are told apart at a glance. */
const APART_DEGREES = 28

/**
 * The hues of nodes that are in a room together, so that no two look the same while there is room on the circle.
 * A function of who is there, so that every tab sees the same. A node whose name says its colour comes first, then by
 * id; whoever is too near to one before takes the nearest hue that is free, or the freest where none is. So somebody
 * who comes or goes changes the colour of those only who collide.
 */
export function huesApart(nodes: readonly { id: string; name: string }[]): Map<string, number> {
  const inOrder = nodes.toSorted(
    (a, b) => Number(saysColor(b.name)) - Number(saysColor(a.name)) || (a.id < b.id ? -1 : 1),
  )
  const hueById = new Map<string, number>()
  const taken = new Set<number>()
  for (const { id, name } of inOrder) {
    const hue = freeHue(nodeHue(id, name), taken)
    taken.add(hue)
    hueById.set(id, hue)
  }
  return hueById
}

function freeHue(wanted: number, taken: ReadonlySet<number>): number {
  const room = (hue: number) => Math.min(360, ...[...taken].map((other) => degreesBetween(hue, other)))
  if (room(wanted) >= APART_DEGREES) return wanted
  const nearestFirst = HUES.toSorted((a, b) => degreesBetween(a, wanted) - degreesBetween(b, wanted))
  const free = nearestFirst.find((hue) => room(hue) >= APART_DEGREES)
  if (free !== undefined) return free
  return [wanted, ...nearestFirst].reduce((best, hue) => (room(hue) > room(best) ? hue : best))
}

function saysColor(name: string): boolean {
  return (name.split('-')[0] ?? '') in HUE_BY_COLOR_WORD
}

export function degreesBetween(a: number, b: number): number {
  const turn = Math.abs(a - b) % 360
  return Math.min(turn, 360 - turn)
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return h >>> 0
}
