/** Names and colours of nodes, for every place that shows one. */
import { createContext } from 'svelte'
import { nodeHue } from './node-hue'

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

  constructor(nameOf: (nodeId: string) => string) {
    this.#nameOf = nameOf
  }

  look(id: string): NodeLook {
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
