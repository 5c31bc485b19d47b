/** Clocks name actors, people know nodes: `nodeId.incarnation` is one writing life of a node. */

export function nodeOfActor(actor: string): string {
  const dot = actor.lastIndexOf('.')
  return dot < 0 ? actor : actor.slice(0, dot)
}

export interface ClockRow {
  actor: string
  nodeId: string
  counter: number
  /** 1 for the first actor of a node in this clock, 2 for the next: shown only where there are several. */
  life: number
}

/** A clock in a fixed order, so that bars keep their place while counters grow. */
export function clockRows(clock: Record<string, number>): ClockRow[] {
  const lives = new Map<string, number>()
  return Object.keys(clock)
    .sort()
    .map((actor) => {
      const nodeId = nodeOfActor(actor)
      const life = (lives.get(nodeId) ?? 0) + 1
      lives.set(nodeId, life)
      return { actor, nodeId, counter: clock[actor] ?? 0, life }
    })
}

/** The share of a bar's length that a counter takes, 0…1: in proportion while counters are small, by digits when they are large. */
export function barShare(counter: number, counterMax: number): number {
  if (counter <= 0 || counterMax <= 0) return 0
  return counterMax <= 32 ? counter / counterMax : Math.log1p(counter) / Math.log1p(counterMax)
}
