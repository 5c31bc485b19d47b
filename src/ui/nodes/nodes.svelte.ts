/** Names and colours of nodes, for every place that shows one. */
import { createContext } from 'svelte'
import { huesApart, nodeHue } from './node-hue'

export interface NodeLook {
  id: string
  name: string
  hue: number
  /** Two letters, for where there is no room for the name. */
  initials: string
}

export class Nodes {
  readonly #nameOf: (nodeId: string) => string
  readonly #lookById = new Map<string, NodeLook>()
  /** As one string, so that nothing is drawn anew while the same nodes are there. */
  readonly #present: string
  readonly #hueById: ReadonlyMap<string, number>

  /** @param present the ids of this node and its peers; nodes that are not among them keep the colour that is theirs by id */
  constructor(nameOf: (nodeId: string) => string, present: () => readonly string[]) {
    this.#nameOf = nameOf
    this.#present = $derived([...new Set(present())].sort().join('\n'))
    this.#hueById = $derived(
      huesApart(
        this.#present === '' ? [] : this.#present.split('\n').map((id) => ({ id, name: nameOf(id) })),
      ),
    )
  }

  look(id: string): NodeLook {
    const look = this.#usual(id)
    const hue = this.#hueById.get(id) ?? look.hue
    return hue === look.hue ? look : { ...look, hue }
  }

  #usual(id: string): NodeLook {
    const known = this.#lookById.get(id)
    if (known) return known
    const name = this.#nameOf(id)
    const [first = '', second = ''] = name.split('-')
    const look = { id, name, hue: nodeHue(id, name), initials: first.slice(0, 1) + second.slice(0, 1) }
    this.#lookById.set(id, look)
    return look
  }
}

export const [useNodes, provideNodes] = createContext<Nodes>()
