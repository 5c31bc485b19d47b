/** The sizes that a replica works with. The simulator makes them small, so that little data shows what much does. */
import { type Pacing, PACING } from '../core/gossip/pacing'
import { DELETES_REMEMBERED_KEYS } from '../core/limits'

export interface Tuning {
  readonly deletesRemembered: number
  readonly pacing: Pacing
  /** Log and checkpoint are not written anew before they are this large together, in bytes. */
  readonly compactFromBytes: number
}

export const TUNING: Tuning = {
  deletesRemembered: DELETES_REMEMBERED_KEYS,
  pacing: PACING,
  compactFromBytes: 1_048_576,
}
