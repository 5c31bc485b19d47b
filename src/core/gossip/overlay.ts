/**
 * The overlay (DESIGN 4.6): whom of the room a node is linked with. Small rooms are a full mesh. In larger ones every
 * node has its neighbours on a ring, which keep the room in one piece whatever the dice say, and random chords, which
 * keep ways short: a random graph of degree d has a diameter of about log n / log (d − 1) (Bollobás & de la Vega,
 * *The Diameter of Random Regular Graphs*, Combinatorica 1982). Pure functions of what is known of the members.
 */
import { hashText } from '../causality/hash'
import { FULL_MESH_MEMBERS_MAX, LINKS_WANTED, LINKS_SETTLED_MAX, RING_REDIALS_MAX } from '../limits'
import type { MemberId } from './link'

/** The sizes of the overlay. The simulator makes them small, so that five tabs are a large room. */
export interface OverlaySize {
  /** Up to so many members, ourselves included, everybody is linked with everybody. */
  readonly fullMeshMembers: number
  /** Beyond that, a node dials until it has so many links … */
  readonly wanted: number
  /** … and keeps no more than so many. */
  readonly settled: number
}

export const OVERLAY: OverlaySize = {
  fullMeshMembers: FULL_MESH_MEMBERS_MAX,
  wanted: LINKS_WANTED,
  settled: LINKS_SETTLED_MAX,
}

/** What the overlay looks at of another member. */
export interface Spot {
  readonly id: MemberId
  /** On the ring: see `ringPlace`. */
  readonly place: number
  /** Signaling lists it. */
  readonly listed: boolean
  /** Its last link ended without a goodbye, or our last dial failed. */
  readonly suspect: boolean
}

/** Whom to be linked with, whatever else. */
export interface Wanted<S extends Spot> {
  readonly isFullMesh: boolean
  /** In a full mesh, everybody who is there; otherwise the nearest on the ring, one or two. */
  readonly fixed: readonly S[]
  /** Those nearer on the ring than these, who seem to be away: dialled with backoff, since they may be back. */
  readonly redials: readonly S[]
}

const RING_SIZE = 2 ** 53

/** A place on the ring, 0 … 2^53 − 1: a function of the member's id alone, so that all agree. */
export function ringPlace(id: MemberId): number {
  const [high, low] = hashText(id)
  return high * 2 ** 21 + (low >>> 11)
}

export function wantedOf<S extends Spot>(
  ourPlace: number,
  members: Iterable<S>,
  isLinked: (id: MemberId) => boolean,
  size: OverlaySize,
): Wanted<S> {
  const there: S[] = []
  const away: S[] = []
  for (const member of members) (isLinked(member.id) || member.listed ? there : away).push(member)
  const clockwise = ({ place }: Spot) => distance(ourPlace, place)
  const against = ({ place }: Spot) => distance(place, ourPlace)
  if (there.length + 1 <= size.fullMeshMembers) {
    const redials = nearest(away, clockwise, size.fullMeshMembers)
    return { isFullMesh: true, fixed: there, redials }
  }
  const isGood = (member: S) => isLinked(member.id) || !member.suspect
  const good = there.filter(isGood)
  const doubtful = [...there.filter((member) => !isGood(member)), ...away]
  const fixed = new Set<S>()
  const redials = new Set<S>()
  for (const way of [clockwise, against]) {
    const [neighbour] = nearest(good, way, 1)
    if (neighbour !== undefined) fixed.add(neighbour)
    const reach = neighbour === undefined ? RING_SIZE : way(neighbour)
    const nearer = doubtful.filter((member) => way(member) < reach)
    for (const member of nearest(nearer, way, RING_REDIALS_MAX)) redials.add(member)
  }
  return { isFullMesh: false, fixed: [...fixed], redials: [...redials] }
}

/** From one place to another, clockwise. */
function distance(from: number, to: number): number {
  return to >= from ? to - from : to - from + RING_SIZE
}

function nearest<S>(members: readonly S[], way: (member: S) => number, count: number): S[] {
  if (count !== 1) return [...members].sort((a, b) => way(a) - way(b)).slice(0, count)
  let [best] = members
  for (const member of members) if (best !== undefined && way(member) < way(best)) best = member
  return best === undefined ? [] : [best]
}
