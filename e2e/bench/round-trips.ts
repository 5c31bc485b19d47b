/**
 * Round trips as causality has them, not as the clock does: a frame is one one-way later than the latest that its
 * sender had received. The channel is ordered, so the n-th frame sent is the n-th received on the other side.
 */
type Frames = readonly ('s' | 'r')[]

/** Until the last frame that `ours` holds. */
export function roundTrips(ours: Frames, theirs: Frames): number {
  const [us, them] = [side(ours), side(theirs)]
  for (let moved = true; moved;) {
    moved = false
    for (const [side, other] of [
      [us, them],
      [them, us],
    ] as const) {
      for (; side.at < side.frames.length; side.at += 1, moved = true) {
        if (side.frames[side.at] === 's') side.sent.push(side.depth + 1)
        else {
          const depth = other.sent[side.received]
          if (depth === undefined) break
          side.received += 1
          side.depth = Math.max(side.depth, depth)
        }
      }
    }
  }
  return us.depth / 2
}

function side(frames: Frames): {
  frames: Frames
  at: number
  depth: number
  sent: number[]
  received: number
} {
  return { frames, at: 0, depth: 0, sent: [], received: 0 }
}
