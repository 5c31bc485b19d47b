import type { Kv } from './runtime/contract'

declare global {
  interface Window {
    /** The open room; set once its data on disk is loaded, and replaced when the room changes. */
    kv: Kv | undefined
  }
}
