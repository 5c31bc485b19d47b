/** How much goes on a link at a time. The simulator makes it small, so that little data takes many frames. */
import { BATCH_BYTES, LINK_BACKLOG_BYTES_MAX, PART_BYTES, TRANSFER_WINDOW_BYTES } from '../limits'
import type { Sketching } from './summary'

export interface Pacing {
  /** A batch of events is closed once it has roughly this many bytes. */
  readonly batchBytes: number
  /** What a transfer may have under way on a link before it waits for the link to drain. */
  readonly windowBytes: number
  /** What live events may have under way on a link; beyond it they are left to anti-entropy. */
  readonly backlogBytesMax: number
  /** With more under way on a link, nothing is offered there or asked for; absent: what the limits say. */
  readonly askedBytesMax?: number
  /** A longer message of anti-entropy goes in parts of so many bytes. */
  readonly partBytes: number
  /** When sketches are taken, and how large; absent: as it is best. */
  readonly sketching?: Sketching
}

export const PACING: Pacing = {
  batchBytes: BATCH_BYTES,
  windowBytes: TRANSFER_WINDOW_BYTES,
  backlogBytesMax: LINK_BACKLOG_BYTES_MAX,
  partBytes: PART_BYTES,
}
