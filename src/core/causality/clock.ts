/**
 * Hybrid logical clock, one per key (Kulkarni et al., *Logical Physical Clocks*, OPODIS 2014, folded into one
 * integer): a write is later than all that its writer had seen of the key, and else as late as the wall says.
 * So a clock far in the future loses to any later write that has seen it, and spoils no other key.
 */
import { TIME_MS_MAX } from '../limits'

/**
 * The time of a write at wall time `now`, in milliseconds since 1970: an integer in 0…TIME_MS_MAX, whatever the
 * wall says.
 * @param latestSeen the latest time among the versions of the key; undefined if it has none
 */
export function nextTime(now: number, latestSeen: number | undefined): number {
  const wall = Number.isNaN(now) ? 0 : Math.floor(Math.max(0, Math.min(TIME_MS_MAX, now)))
  return latestSeen === undefined ? wall : Math.min(TIME_MS_MAX, Math.max(wall, latestSeen + 1))
}

/** Whether `raw` can be the time of a version. */
export function isTime(raw: unknown): raw is number {
  return Number.isInteger(raw) && (raw as number) >= 0 && (raw as number) <= TIME_MS_MAX
}
