/**
 * A binding: one node on one slot of this browser. It ends when another tab takes the slot over; the handle then
 * binds to another slot and carries over what this one had not saved.
 */
import { differenceOfRows } from '../core/causality/context'
import type { Actor } from '../core/causality/dot'
import { effectsOfState } from '../core/codec/record'
import { KvError } from '../core/errors'
import { GossipNode } from '../core/gossip/node'
import type { StateFragment } from '../core/store/fragment'
import { renameState } from '../core/store/rename'
import { Replica } from '../core/store/replica'
import { Driver, type DriverEvents } from './driver'
import {
  countOwnActors,
  mintActor,
  mintNodeId,
  readTestimony,
  reusableActor,
  writeTestimony,
} from './identity'
import { Loaded } from './load'
import { type Clock, type OtherSlot, type Random, type Slot, StorageError, type Transport } from './ports'
import { type Tuning, TUNING } from './tuning'

export interface Parts {
  readonly transport: Transport
  readonly clock: Clock
  readonly random: Random
  /** Derived from the room's code: what peers have to prove that they know it. */
  readonly proofKey: Uint8Array
  /** Absent: as in a browser. */
  readonly tuning?: Tuning
}

export interface Binding {
  readonly slot: Slot
  readonly node: GossipNode
  readonly driver: Driver
}

/** Loads what the slot holds. Throws `newer-version`, or `not-saved` if what is there can't be read. */
export async function bind(
  slot: Slot,
  { transport, clock, random, proofKey, tuning = TUNING }: Parts,
  events: DriverEvents,
): Promise<Binding> {
  const testimony = readTestimony(slot.witness)
  const loaded = await load(slot, testimony?.discardAfter, tuning)
  const actor =
    slot.storage === undefined ? undefined : reusableActor(slot.nodeId, testimony, loaded.replica.context)
  const ownActors = countOwnActors(slot.nodeId, loaded.replica.context)
  if (testimony?.discardAfter !== undefined) {
    writeTestimony(slot.witness, { actor: testimony.actor, counter: testimony.counter, ownActors })
  }
  // What is on disk may go out from now on, also the commit that the page before was never told of.
  if (actor !== undefined)
    writeTestimony(slot.witness, { actor, counter: loaded.replica.context.highest(actor), ownActors })
  const mint = () => mintActor(node.nodeId, random)
  const node: GossipNode = new GossipNode(
    {
      nodeId: slot.nodeId,
      proofKey,
      actor,
      deletesRemembered: tuning.deletesRemembered,
      pacing: tuning.pacing,
      overlay: tuning.overlay,
      random: {
        fraction: () => fraction(random),
        bytes: (count) => random.bytes(count),
        mintActor: mint,
        mintNodeId: () => mintNodeId(random),
      },
    },
    loaded.replica,
  )
  return { slot, node, driver: new Driver(node, slot, loaded, transport, clock, mint, events) }
}

async function load({ storage }: Slot, discardAfter: number | undefined, tuning: Tuning): Promise<Loaded> {
  const loaded = new Loaded(tuning)
  if (storage === undefined) return loaded
  try {
    if (discardAfter !== undefined) await storage.truncate(discardAfter)
    loaded.lastNumber = await storage.load(loaded.take)
    return loaded
  } catch (cause) {
    throw unreadable(cause)
  }
}

/** What people are told of a replica that can't be loaded; it is left as it is. */
export function unreadable(cause: unknown): KvError {
  if (cause instanceof StorageError && cause.reason === 'newer') {
    return new KvError(
      'newer-version',
      'what this browser keeps of the room was written by a newer Fofoca: reload',
      {
        cause,
      },
    )
  }
  return new KvError('not-saved', `what this browser keeps of the room cannot be read: ${String(cause)}`, {
    cause,
  })
}

/** Joins what the other, closed tabs of this room in this browser left on disk. They are not changed. */
export async function mergeOthers({ slot, driver, node }: Binding): Promise<void> {
  for (const other of await slot.others()) {
    const fragment = await fragmentOf(other)
    if (fragment === undefined) continue
    const news = differenceOfRows(fragment.context, node.replica.context.rows())
    try {
      if (news.size > 0) driver.input({ type: 'join', fragment, origin: 'peer' })
      await driver.durable(driver.latestSequence) // what is merged counts once it is on our own disk
      await other.merged()
    } catch (error) {
      if (!(error instanceof StorageError)) throw error // not noted as merged: it will be read again
    }
  }
}

async function fragmentOf(other: OtherSlot): Promise<StateFragment | undefined> {
  try {
    const { replica, take } = new Loaded()
    await other.read(take)
    return { context: replica.context.rows(), entries: replica.entries(), ghosts: replica.ghostsByKey() }
  } catch (error) {
    if (!(error instanceof StorageError)) throw error
    console.warn(`fofoca: another replica of this room could not be read: ${error.message}`)
    return undefined
  }
}

/** The state with all own writes that may not be durable given to a fresh actor, for a replica elsewhere. */
export function carriedState({ node, driver }: Binding, to: Actor): StateFragment {
  const state = node.freeze()
  const { actor } = node
  const renamed =
    actor === undefined ? state : renameState(state, { from: actor, above: driver.savedCounter, to })
  const replica = new Replica(0)
  replica.replay(effectsOfState(renamed))
  return { context: replica.context.rows(), entries: replica.entries(), ghosts: replica.ghostsByKey() }
}

function fraction(random: Random): number {
  const [a = 0, b = 0, c = 0, d = 0] = random.bytes(4)
  return (((a << 24) | (b << 16) | (c << 8) | d) >>> 0) / 2 ** 32
}
