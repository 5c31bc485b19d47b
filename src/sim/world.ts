/** What a simulated tab has around it. */
import type { Tuning } from '../runtime/tuning'
import type { Network } from './network'
import type { Tab } from './tab'
import type { Timeline } from './timeline'
import type { Truth } from './truth'

export interface World {
  readonly timeline: Timeline
  readonly network: Network
  readonly truth: Truth
  readonly tuning: Tuning
  readonly seed: number
  /** Not all that comes is what a node would say now: links that end as malformed are right then. */
  readonly isDisorderly: boolean
  /** No disk went back, was cloned or failed: nobody can know of a node what it does not know itself. */
  readonly isMindful: boolean
  /** Something a tab did changed its state. */
  changed(tab: Tab): void
  /** Keeps the first one, and ends the run after this instant. */
  violated(why: string): void
  /** Absent unless somebody reads it. */
  readonly trace: ((line: string) => void) | undefined
}
