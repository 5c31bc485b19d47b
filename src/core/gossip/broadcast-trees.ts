/**
 * Which links carry whose events: one spanning tree a writer, made by pruning, as in Plumtree (Leitão, Pereira &
 * Rodrigues, *Epidemic Broadcast Trees*, SRDS 2007, section 3), which has one tree for all and so longer ways. An
 * actor's events go on every link until the peer says that it had them already.
 *
 * A link on which duplicates come is pruned unless it is the parent, the one on which the latest news came: two
 * links that overtake each other would else both be pruned, and the node be left out of the tree until it misses
 * something. The fastest way is taken unless another is shorter by some links (section 3.8), since every link is one
 * that may break. What is remembered is bounded; what is forgotten costs duplicates, and nothing else.
 */
import type { Actor } from '../causality/dot'
import { BROADCAST_TREES_MAX, SHORTER_HOPS_MIN } from '../limits'
import type { LinkId } from './link'

interface Tree {
  parent: LinkId | undefined
  /** Links between the writer and here, by the parent. */
  hops: number
  /** They had our news: to these we only announce. */
  readonly lazy: Set<LinkId>
  /** We had their news: these only announce. */
  readonly pruned: Set<LinkId>
}

export class BroadcastTrees {
  /** The least recently used first. */
  private readonly treeByActor = new Map<Actor, Tree>()
  /** The one used last, which many events in a row are of. */
  private last: { actor: Actor; tree: Tree } | undefined

  /** The link brought an event of the actor that was new, and had come over so many links. */
  fresh(actor: Actor, link: LinkId, hops: number): void {
    const tree = this.used(actor)
    if (tree.parent === undefined || !tree.pruned.has(link)) tree.parent = link
    if (tree.parent === link) tree.hops = hops
  }

  /**
   * The link brought one that was there. Returns the link to prune, if any: this one, or the parent if this way is
   * shorter by `SHORTER_HOPS_MIN`.
   */
  duplicate(actor: Actor, link: LinkId, hops: number): LinkId | undefined {
    const tree = this.used(actor)
    const { parent } = tree
    if (parent === link || tree.pruned.has(link)) return undefined
    const isBetter = parent === undefined || hops + SHORTER_HOPS_MIN <= tree.hops
    if (isBetter) {
      tree.parent = link
      tree.hops = hops
    }
    const worse = isBetter ? parent : link
    if (worse !== undefined) tree.pruned.add(worse)
    return worse
  }

  /** The peer does not want the actor's events on this link. */
  onPrune(actor: Actor, link: LinkId): void {
    this.used(actor).lazy.add(link)
  }

  /** The peer wants them again. */
  onGraft(actor: Actor, link: LinkId): void {
    this.treeByActor.get(actor)?.lazy.delete(link)
  }

  /** We want them again. */
  graft(actor: Actor, link: LinkId): void {
    this.treeByActor.get(actor)?.pruned.delete(link)
  }

  /** To be announced on this link, not pushed. */
  isLazy(actor: Actor, link: LinkId): boolean {
    return this.treeByActor.get(actor)?.lazy.has(link) ?? false
  }

  /** The link ended. Returns, by link, the actors whose parent it was, and who are to be grafted there. */
  ended(link: LinkId): Map<LinkId, Actor[]> {
    const orphans = new Map<LinkId, Actor[]>()
    for (const [actor, tree] of this.treeByActor) {
      tree.lazy.delete(link)
      tree.pruned.delete(link)
      if (tree.parent !== link) continue
      tree.parent = undefined
      for (const other of tree.pruned) {
        const actors = orphans.get(other)
        if (actors === undefined) orphans.set(other, [actor])
        else actors.push(actor)
      }
      tree.pruned.clear()
    }
    return orphans
  }

  clear(): void {
    this.treeByActor.clear()
    this.last = undefined
  }

  get size(): number {
    return this.treeByActor.size
  }

  private used(actor: Actor): Tree {
    if (this.last?.actor === actor) return this.last.tree
    const tree = this.treeByActor.get(actor) ?? {
      parent: undefined,
      hops: 0,
      lazy: new Set(),
      pruned: new Set(),
    }
    this.treeByActor.delete(actor)
    this.treeByActor.set(actor, tree)
    if (this.treeByActor.size > BROADCAST_TREES_MAX) {
      const [oldest] = this.treeByActor.keys()
      this.treeByActor.delete(oldest as Actor)
    }
    this.last = { actor, tree }
    return tree
  }
}
