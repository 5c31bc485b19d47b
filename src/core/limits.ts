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

/**
 * One record on disk: closed once it has this many entries; so many small ones are more than the 64 KiB from which on
 * Chromium keeps a value in a file of its own, and reads it three times as fast …
 */
export const RECORD_ENTRIES = 2_000

/** … or roughly this many bytes. */
export const RECORD_BYTES = 262_144

/** Making a record of so many bytes takes some milliseconds: the page gets a turn before the next. */
export const RECORD_PAUSE_BYTES = 32_768

/** Deleted keys whose past is remembered, so that a key made again dominates it. */
export const DELETES_REMEMBERED_KEYS = 4_096

/** A batch of events on a link: closed once it has roughly this many bytes, so that it fits one channel frame. */
export const BATCH_BYTES = 15_600

/**
 * What a transfer may have under way on a link, in bytes, before it waits for the link to drain: more than the channel
 * takes at a time, so that it never runs dry, and no more, so that the first of it leaves before much is made.
 */
export const TRANSFER_WINDOW_BYTES = 65_536

/** What live events may have under way on a link, in bytes; beyond it the link falls back to anti-entropy. */
export const LINK_BACKLOG_BYTES_MAX = 8_388_608

/** What a message of anti-entropy may have in bytes; a longer one goes in parts of so many, each fitting one frame. */
export const PART_BYTES = 16_000

/** A message that goes in parts, in bytes as a whole: 32 MiB. */
export const PARTED_BYTES_MAX = 33_554_432

/** A context of so many actors is offered row by row; one of more by an outline, and the rows that differ. */
export const ROWS_WHOLE_ACTORS_MAX = 128

/**
 * What may be under way on a link in bytes before nothing more is offered there or asked for: more than the backlog and
 * the largest message together, so that two that offer each other much never wait for each other.
 */
export const LINK_ASKED_BYTES_MAX = LINK_BACKLOG_BYTES_MAX + PARTED_BYTES_MAX

/** Cells of a sketch of a set; a multiple of 3. */
export const SKETCH_CELLS_MAX = 196_608

/** Sketches that may fail one after the other, each larger than the one before; then the list goes in their place. */
export const SKETCH_ATTEMPTS_MAX = 4

/** A transfer that made no progress for so long has ended, in milliseconds. */
export const TRANSFER_IDLE_MS_MAX = 30_000

/** Peers remembered, sessions and nodes each, of which redialling and the list of peers consist. */
export const MEMBERS_MAX = 1_000

/** Up to so many members, ourselves included, everybody is linked with everybody. */
export const FULL_MESH_MEMBERS_MAX = 8

/** In a larger room a node dials until it has so many links … */
export const LINKS_WANTED = 6

/** … takes those that others dial, and keeps no more than this of them. */
export const LINKS_SETTLED_MAX = 8

/** On either side of the ring, so many of those that seem to be away are redialled. */
export const RING_REDIALS_MAX = 4

/** Who ended a link, or was told that it ends, because there are too many, does not dial the other for so long … */
export const SURPLUS_MS_MIN = 5_000
export const SURPLUS_MS_MAX = 10_000

/** … and for so long not unless they are neighbours on the ring, in milliseconds. */
export const SURPLUS_CHORD_MS = 60_000

/** Writers whose broadcast trees are remembered; the others' events go on every link. */
export const BROADCAST_TREES_MAX = 1_024

/** A way from the writer is better than the fastest one if it is shorter by so many links. */
export const SHORTER_HOPS_MIN = 2

/** No room is so wide: whoever says that an event came over more links is not believed. */
export const HOPS_MAX = 255

/** What was not pushed on a link is announced there so much later, in milliseconds … */
export const ANNOUNCE_AFTER_MS = 500

/** … and asked for when it is still missing so much after that, in milliseconds. */
export const MISSING_AFTER_MS = 1_000

/** Announcements of which something is missing that are remembered, of all links. */
export const ANNOUNCEMENTS_MAX = 1_024

/** … and all that they name, in intervals of counters. */
export const ANNOUNCED_INTERVALS_MAX = 65_536

/** Of a pull that brought no more events than this, what was new is pushed on; with more, the others pull it too. */
export const PULLED_PUSHED_MAX = 100

/** Latest live dots of a peer whose content it is shown when a link begins. */
export const DOTS_SHOWN_MAX = 16

/** A node's id, in characters. */
export const NODE_ID_LENGTH_MAX = 32

/** A frame on a data channel, its one byte of framing included: larger ones fill the channel's buffer in jerks. */
export const CHANNEL_FRAME_BYTES_MAX = 16_384

/** What may wait in a data channel's own buffer: with more, a channel on a busy machine stalls for seconds. */
export const CHANNEL_BUFFER_BYTES_MAX = 49_152

/** A message on a link, before it is cut into frames: 4 MiB. */
export const MESSAGE_BYTES_MAX = 4_194_304

/** A message of a peer that has not proven to know the room's code, in bytes; ours have fewer than 100 … */
export const UNPROVEN_MESSAGE_BYTES_MAX = 1_024

/** … and so many of them it may send: a Hello and a Proof. */
export const UNPROVEN_MESSAGES_MAX = 2

/** Links that others dialled and that are not proven, opening or open: more than a room has newcomers at once. */
export const UNPROVEN_LINKS_MAX = 32

/** Candidates of connections that are not there, which PeerJS keeps, in number and in characters each. */
export const SIGNAL_STRAYS_MAX = 256
export const SIGNAL_STRAY_LENGTH_MAX = 4_096

/** Links of one transport, those that are only opening included; a browser has about 500 connections for a page. */
export const LINKS_MAX = 128

/** What may be on its way to another tab of this browser, in bytes, before it has taken some of it. */
export const TAB_WINDOW_BYTES = 1_048_576

/** The state has rested for so long: tell the neighbours its root, in milliseconds … */
export const ROOT_REST_MS = 300

/** … but not more often than this … */
export const ROOT_EVERY_MS_MIN = 1_000

/** … and once it has not rested for so long, without waiting for that. */
export const ROOT_REST_MS_MAX = 10_000

/** The fingerprint of a large state is made at rest, of so many entries at a time (some 5 ms) … */
export const FINGERPRINT_ENTRIES = 2_000

/** … but at once where timers are slowed down so much that it would take forever. */
export const FINGERPRINT_LATE_MS_MAX = 500

/** Every so often, jittered between the two, one neighbour is told the root, in milliseconds. */
export const ROOT_ROUND_MS_MIN = 5_000
export const ROOT_ROUND_MS_MAX = 10_000

/** Who does not prove in so long that it knows the room's code is hung up on, in milliseconds. */
export const PROOF_MS_MAX = 10_000

/** A peer is pinged every so often, in milliseconds. */
export const PING_EVERY_MS = 5_000

/** A peer not heard of for so long, jittered between the two, is taken for gone, in milliseconds. */
export const SILENCE_MS_MIN = 15_000
export const SILENCE_MS_MAX = 20_000

/** Signaling is asked for the members every so often, jittered from half of it, in milliseconds. */
export const REFRESH_EVERY_MS = 10_000

/** Redialling: first after this, twice as long each time, in milliseconds … */
export const REDIAL_MS_MIN = 500

/** … up to this. */
export const REDIAL_MS_MAX = 30_000

/** A member dialled so often in vain that signaling still lists: no way leads there, and the page says so. */
export const UNREACHABLE_DIALS_MIN = 2

/** A peer not seen for so long is lost, and listed as lost for as long again, in milliseconds. */
export const LOST_AFTER_MS = 600_000

/** Peers' data is written once no more of it has come for so long, in milliseconds … */
export const LAZY_REST_MS = 100
/** … or the first of it is so old … */
export const LAZY_MS_MAX = 1_000
/** … in transactions of so many entries, where one commit has not more, so that no other write waits long. */
export const GROUP_ENTRIES_MAX = 5_000

/** A disk that fails is retried for so long before writes are said to be not saved, in milliseconds … */
export const STORAGE_RETRY_MS = 10_000

/** … at first after this, then twice as long each time … */
export const STORAGE_RETRY_EVERY_MS_MIN = 50

/** … up to this, which goes on until the disk is back. */
export const STORAGE_RETRY_EVERY_MS_MAX = 2_000

/** Values that others removed and that can be put back: so many … */
export const UNDO_VALUES_MAX = 10_000

/** … of so many bytes, keys in UTF-8 and values in canonical JSON: 32 MiB … */
export const UNDO_BYTES_MAX = 33_554_432

/** … for so long, in milliseconds: 24 hours. */
export const UNDO_MS_MAX = 86_400_000
