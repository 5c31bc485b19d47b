import type { Random } from '../../runtime/ports'

/** The browser's cryptographic randomness; there on plain http too. */
export class BrowserRandom implements Random {
  bytes(count: number): Uint8Array {
    return crypto.getRandomValues(new Uint8Array(count))
  }
}
