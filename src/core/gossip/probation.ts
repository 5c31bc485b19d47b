/**
 * What one end of a link may send before it has proven to know the room's code: a Hello and a Proof, both short. A
 * transport asks before it keeps anything of a message, so that whoever does not know the code takes no memory.
 */
import { UNPROVEN_MESSAGE_BYTES_MAX, UNPROVEN_MESSAGES_MAX } from '../limits'

/** One direction of one link. */
export class Probation {
  #isOver = false
  #messages = 0

  /** The peer has proven itself: only the bounds of all messages are left. */
  end(): void {
    this.#isOver = true
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Whether one more message, of so many bytes, may come. If not, the link must be dropped. */
  admits(bytes: number): boolean {
    if (this.#isOver) return true
    this.#messages += 1
    return this.#messages <= UNPROVEN_MESSAGES_MAX && bytes <= UNPROVEN_MESSAGE_BYTES_MAX
  }
}
