/** What goes into a node and what comes out of it. Everything is a value: the simulator and the browser share it. */
import type { Actor } from '../causality/dot'
import type { Renaming } from '../store/rename'
import type { Effects } from '../store/effects'
import type { RemovedValue } from '../store/removal'
import type { Json, Key, MergePolicy } from '../store/value'
import type { StateFragment } from '../store/fragment'
import type { LinkId, MemberId } from './link'
import type { ChannelBinding } from './proof'

export type Origin = 'local' | 'peer' | 'import'

/** One put or, without a value, one delete of the key. */
export interface KeyWrite {
  readonly key: Key
  readonly value: Json | undefined
  /** Absent: that of the input. */
  readonly merge?: MergePolicy
}

export type Input =
  /** Own writes, applied and committed as one; `wallMs` is the wall clock's time. */
  | {
      readonly type: 'write'
      readonly writes: readonly KeyWrite[]
      readonly merge: MergePolicy
      readonly wallMs: number
      readonly origin: 'local' | 'import'
    }
  /**
   * A snapshot file, what this tab had before it lost its slot (`local`), or what another slot of this browser holds
   * (`peer`): joined causally. The first two are durable before what they brought is sent, as own writes are.
   */
  | { readonly type: 'join'; readonly fragment: StateFragment; readonly origin: Origin }
  /** Own counters move to another actor; all links end, as in a crash. */
  | { readonly type: 'rename'; readonly renaming: Renaming }
  /** The inputs of this moment have all been given: what is new goes to the neighbours. */
  | { readonly type: 'flush' }
  | { readonly type: 'online'; readonly self: MemberId }
  /** Says goodbye, and goes on alone. */
  | { readonly type: 'offline'; readonly why: 'left' | 'offline' }
  | { readonly type: 'members'; readonly members: readonly MemberId[] }
  /** Those who can be dialled although signaling is down. */
  | { readonly type: 'nearby'; readonly members: readonly MemberId[] }
  | { readonly type: 'signaling'; readonly up: boolean; readonly self: MemberId }
  | {
      readonly type: 'opened'
      readonly link: LinkId
      readonly member: MemberId
      readonly dialledBy: 'us' | 'them'
      readonly channel: ChannelBinding
    }
  | { readonly type: 'closed'; readonly link: LinkId }
  | { readonly type: 'dialFailed'; readonly member: MemberId }
  | { readonly type: 'received'; readonly link: LinkId; readonly message: Uint8Array }
  | { readonly type: 'sent'; readonly link: LinkId; readonly bytes: number }
  /** A deadline may have come; `lateMs`: how much later than asked for this is, as timers of hidden tabs are. */
  | { readonly type: 'tick'; readonly lateMs: number }
  /** The page came back from sleep: look at every link now. */
  | { readonly type: 'probe' }

export type Output =
  /**
   * To be appended to the log as one. `ownWrites` > 0: durably, before anything that follows is sent. `removed`: what
   * others took away by it.
   */
  | {
      readonly type: 'commit'
      readonly effects: Effects
      readonly ownWrites: number
      readonly removed: readonly RemovedValue[]
    }
  /** Own writes were renamed, as asked or because others remember what we don't: the state is to be committed whole, as a checkpoint, before anything that follows is sent. */
  | { readonly type: 'recommit'; readonly renaming: Renaming }
  | { readonly type: 'send'; readonly link: LinkId; readonly message: Uint8Array }
  | { readonly type: 'dial'; readonly member: MemberId }
  | { readonly type: 'hangUp'; readonly link: LinkId }
  /** The peer knows the room's code: the transport may take more of it than two short messages. */
  | { readonly type: 'proven'; readonly link: LinkId }
  /** Ask signaling who is there. */
  | { readonly type: 'refresh' }
  | { readonly type: 'changed'; readonly keys: ReadonlySet<Key>; readonly origin: Origin }
  /** Something of `peers` or of the sync state is different. */
  | { readonly type: 'peersChanged' }
  /** Another live node had our id: we have another one now, to be kept across reloads. */
  | { readonly type: 'nodeRenamed'; readonly nodeId: string }
  /** A peer speaks no protocol version that we speak. */
  | { readonly type: 'updateNeeded' }
  /**
   * A peer does not know the room's code, or (`intercepted`) knows it and sees another channel than we do: somebody is
   * in the middle. Its link is dropped.
   */
  | { readonly type: 'refused'; readonly link: LinkId; readonly why: 'unproven' | 'intercepted' }
  /** A peer sent what no Fofoca sends; its link is dropped. */
  | { readonly type: 'malformed'; readonly link: LinkId; readonly reason: string }

/** Where a node's names and jitter come from; the simulator seeds it. */
export interface NodeRandom {
  /** 0 ≤ x < 1. */
  fraction(): number
  /** That nobody can foresee. */
  bytes(count: number): Uint8Array
  /** Of the node id that the node has now. */
  mintActor(): Actor
  mintNodeId(): string
}
