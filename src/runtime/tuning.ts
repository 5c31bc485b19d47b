/** The sizes that a replica works with. The simulator makes them small, so that little data shows what much does. */
import { OVERLAY, type OverlaySize } from '../core/gossip/overlay'
import { type Pacing, PACING } from '../core/gossip/pacing'
import { DELETES_REMEMBERED_KEYS, RECORD_PAUSE_BYTES } from '../core/limits'

export interface Tuning {
  readonly deletesRemembered: number
  readonly pacing: Pacing
  readonly overlay: OverlaySize
  /** Log and checkpoint are not written anew before they are this large together, in bytes. */
  readonly compactFromBytes: number
  /** The page gets a turn after each record of so many bytes. */
  readonly recordPauseBytes: number
}

export const TUNING: Tuning = {
  deletesRemembered: DELETES_REMEMBERED_KEYS,
  pacing: PACING,
  overlay: OVERLAY,
  compactFromBytes: 1_048_576,
  recordPauseBytes: RECORD_PAUSE_BYTES,
}
