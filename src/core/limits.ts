/**
 * Every bound of the store, with its unit in its name. What is at a bound is taken, what is one past it is
 * refused; the tests check both.
 */

/** A key, in UTF-8 bytes; the least is 1. */
export const KEY_BYTES_MAX = 1_024

/** A value, in UTF-8 bytes of its canonical JSON: 1 MiB. */
export const VALUE_BYTES_MAX = 1_048_576

/** Nesting of a value: a scalar has depth 0, each array or object adds 1. */
export const VALUE_DEPTH_MAX = 64

/** A snapshot or plain file given to import, in UTF-8 bytes: 256 MiB. */
export const SNAPSHOT_BYTES_MAX = 268_435_456

/** A version's time in milliseconds since 1970, the least being 0: the last instant that a `Date` can hold. */
export const TIME_MS_MAX = 8.64e15

/** An actor's name, in UTF-16 code units (it is ASCII). */
export const ACTOR_LENGTH_MAX = 64

/** A room code, in UTF-8 bytes after percent-decoding and NFC; the least is 1. */
export const ROOM_CODE_BYTES_MAX = 256
