/**
 * Looks on while a tab lives: sees all that goes into its node and all that comes out, judges it, and tells the truth
 * every event at the instant at which the replica makes it.
 */
import { decodeMessage, typeOfMessage } from '../core/gossip/codec'
import type { LinkId } from '../core/gossip/link'
import type { Message } from '../core/gossip/messages'
import { PACING } from '../core/gossip/pacing'
import type { Input, Output } from '../core/gossip/step'
import { frozenText, stateText } from '../core/store/oracle.fixtures'
import type { Renaming } from '../core/store/rename'
import type { Replica } from '../core/store/replica'
import type { Key } from '../core/store/value'
import type { StoreEvent } from '../core/store/version'
import type { Binding } from '../runtime/binding'
import type { Tab } from './tab'
import type { World } from './world'

export class Observer {
  /** Called back soon after a transfer has brought the tab something. */
  inTransfer: (() => void) | undefined
  private watched: Replica | undefined
  private known = 0
  /** What was given to each link and has not left it. */
  private readonly outstandingByLink = new Map<LinkId, number>()

  constructor(
    private readonly tab: Tab,
    private readonly binding: Binding,
    private readonly world: World,
    private readonly soon: (happen: () => void) => void,
  ) {
    const { node } = binding
    const step = node.step.bind(node)
    node.step = (input, now) => this.step(step, input, now)
    this.watch(node.replica)
  }

  private get name(): string {
    return `n${this.tab.number}`
  }

  private step(step: Binding['node']['step'], input: Input, now: number): Output[] {
    const { world } = this
    const { node } = this.binding
    this.noteSaved()
    if (input.type === 'sent') this.left(input.link, input.bytes)
    else if (input.type === 'closed') this.outstandingByLink.delete(input.link)
    const before = world.isDisorderly && input.type === 'received' ? node.freeze() : undefined
    let outputs: Output[]
    try {
      outputs = step(input, now)
    } catch (error) {
      world.violated(
        `${this.name} throws at ${input.type}: ${error instanceof Error ? error.stack : String(error)}`,
      )
      return []
    }
    for (const output of outputs) if (output.type === 'recommit') this.noteRenamed(output.renaming)
    if (world.isMindful && outputs.some(({ type }) => type === 'recommit' || type === 'nodeRenamed'))
      world.violated(`${this.name} takes itself for a clone, or for forgetful`)
    if (node.replica !== this.watched) this.watch(node.replica)
    const isRefused = outputs.some(
      ({ type }) => type === 'malformed' || type === 'refused' || type === 'updateNeeded',
    )
    if (isRefused && before !== undefined && frozenText(before) !== stateText(node.replica))
      world.violated(`${this.name} takes something of what it refuses`)
    if (input.type === 'received') this.lookForTransfer(input.message)
    return outputs.filter((output) => this.judge(output))
  }

  private lookForTransfer(bytes: Uint8Array): void {
    const { inTransfer } = this
    if (inTransfer === undefined) return
    const message = decodedOrNothing(bytes)
    if (message?.type !== 'events' || message.transfer === 0) return
    this.inTransfer = undefined
    this.soon(inTransfer)
  }

  private noteRenamed(renaming: Renaming): void {
    this.world.trace?.(`${this.name} renames ${JSON.stringify(renaming)}`)
    this.world.truth.renamed(this.tab.number, renaming, this.binding.driver.failing)
  }

  /** False for what is no news to the driver. */
  private judge(output: Output): boolean {
    const { world } = this
    switch (output.type) {
      case 'commit':
      case 'recommit':
        this.grew()
        this.isBounded()
        world.changed(this.tab)
        return true
      case 'send':
        this.given(output.link, output.message)
        return true
      case 'hangUp':
        this.outstandingByLink.delete(output.link)
        return true
      case 'malformed':
        if (world.isDisorderly) return false
        world.violated(`${this.name} takes another for hostile: ${output.reason}`)
        return true
      case 'refused':
        if (world.isDisorderly) return false
        world.violated(`${this.name} does not believe another that it knows the code`)
        return true
      case 'updateNeeded':
        if (world.isDisorderly) return false
        world.violated(`${this.name} asks for an update`)
        return true
      default:
        return true
    }
  }

  private grew(): void {
    let known = 0
    for (const row of this.binding.node.replica.context.rows().values()) {
      for (let at = 0; at < row.length; at += 2) known += (row[at + 1] as number) - (row[at] as number) + 1
    }
    if (known < this.known) this.world.violated(`${this.name}: the context shrank`)
    this.known = known
  }

  // Bounds

  private isBounded(): void {
    const { deletesRemembered } = this.binding.node.replica
    if (deletesRemembered > this.world.tuning.deletesRemembered)
      this.world.violated(`${this.name} remembers ${deletesRemembered} deletes`)
  }

  /** Live events may not go where more than the backlog is under way, nor what a transfer sends where the window is full. */
  private given(link: LinkId, message: Uint8Array): void {
    const outstanding = this.outstandingByLink.get(link) ?? 0
    const { backlogBytesMax, windowBytes } = this.world.tuning.pacing ?? PACING
    const type = typeOfMessage(message)
    const isLive = type === 'events' && message[1] === 0 // the number of the transfer
    const isPaced = type === 'events' || type === 'part'
    const most = isLive ? backlogBytesMax : isPaced ? windowBytes : Number.POSITIVE_INFINITY
    if (outstanding > most)
      this.world.violated(
        `${this.name} sends on although ${outstanding} bytes are under way, ${most} at most`,
      )
    this.outstandingByLink.set(link, outstanding + message.length)
  }

  private left(link: LinkId, bytes: number): void {
    const outstanding = this.outstandingByLink.get(link)
    if (outstanding !== undefined) this.outstandingByLink.set(link, Math.max(0, outstanding - bytes))
  }

  // What the truth learns

  noteSaved(): void {
    const { node, driver } = this.binding
    if (node.actor !== undefined) this.world.truth.saved(node.actor, driver.savedCounter)
  }

  private watch(replica: Replica): void {
    this.watched = replica
    this.known = 0
    const put = replica.put.bind(replica)
    const remove = replica.delete.bind(replica)
    const { truth } = this.world
    const wrote = (key: Key, event: StoreEvent) => {
      const fault = truth.wrote(this.tab.number, replica, key, event, this.binding.driver.failing)
      if (fault !== undefined) this.world.violated(`${this.name} ${fault}`)
    }
    replica.put = (...given) => {
      const event = put(...given)
      wrote(given[0], event)
      return event
    }
    replica.delete = (...given) => {
      const event = remove(...given)
      wrote(given[0], event)
      return event
    }
  }
}

function decodedOrNothing(bytes: Uint8Array): Message | undefined {
  try {
    return decodeMessage(bytes)
  } catch {
    return undefined // a stranger's
  }
}
