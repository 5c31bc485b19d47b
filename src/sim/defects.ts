/**
 * Deliberate defects, as changes to the source: the simulator is tested by them. One that it does not find is a hole in
 * the simulator. Each text to be replaced must be there exactly once, so that the list can't rot unnoticed.
 */

export interface Edit {
  /** In `src`. */
  readonly file: string
  readonly find: string
  readonly replace: string
}

export interface Defect {
  readonly name: string
  /** It must be found within so many seeds … */
  readonly seedsMax: number
  /** … from this one on; 1 unless told otherwise. A rare one begins near a seed that shows it, for shortness' sake. */
  readonly from?: number
  readonly edits: readonly Edit[]
}

const ANTI_ENTROPY = 'core/gossip/anti-entropy.ts'
const REPLICA = 'core/store/replica.ts'
const NODE = 'core/gossip/node.ts'
const JOURNAL = 'runtime/journal.ts'

export const DEFECTS: readonly Defect[] = [
  {
    name: 'sending before durable',
    seedsMax: 20,
    edits: [
      {
        file: 'runtime/driver.ts',
        find: ': this.ownSequence > this.durableSequence',
        replace: ': this.ownSequence < 0',
      },
    ],
  },
  {
    name: 'a range claim for each chunk',
    seedsMax: 200,
    edits: [
      {
        file: ANTI_ENTROPY,
        find: '      pull.received += events.length\n',
        replace: `      pull.received += events.length
      for (const { event } of events) {
        const range = differenceOfRows(new Map([[event.actor, [1, event.counter]]]), replica.context.rows())
        replica.claim({ known: range, streamed: pull.streamed.rows(), dead: new Map(), ghosts: new Map() })
      }
`,
      },
    ],
  },
  {
    name: 'a claim without ghosts',
    seedsMax: 200,
    edits: [
      {
        file: ANTI_ENTROPY,
        find: 'ghosts: message.ghosts ?? new Map<Key, never>()',
        replace: 'ghosts: new Map<Key, never>()',
      },
    ],
  },
  {
    name: 'claimed ghosts that kill no live sibling',
    seedsMax: 2_000,
    from: 360,
    edits: [
      {
        file: REPLICA,
        find: 'if (covers(vector, version) && !rowsHave(known, version.actor, version.counter))',
        replace: 'if (vector.length < 0)',
      },
    ],
  },
  {
    name: 'a claim from a moving state',
    seedsMax: 200,
    edits: [
      {
        file: ANTI_ENTROPY,
        find: '        known: differenceOfRows(known, message.want),\n',
        replace:
          '        get known() { return differenceOfRows(differenceOfRows(replica.context.rows(), both), message.want) },\n',
      },
    ],
  },
  {
    name: 'a claim durable before its kills',
    seedsMax: 200,
    edits: [
      {
        file: JOURNAL,
        find: '    const records = await this.made(encodeEffects(merged), (taken[0] as Pending).sequence)\n',
        replace: `    const records = [
      ...encodeEffects({ ...merged, entries: [] }),
      ...encodeEffects({ ...merged, context: new Map(), ghosts: new Map() }),
    ]
`,
      },
      {
        file: JOURNAL,
        find: 'const write = () => this.storage.append(first, records, durability)\n',
        replace: `const write = async () => {
      await this.storage.append(first, records.slice(0, 1), durability)
      await this.storage.append(first + 1, records.slice(1), durability)
    }
`,
      },
    ],
  },
  {
    name: 'kills durable before their claim',
    seedsMax: 200,
    edits: [
      {
        file: JOURNAL,
        find: '    const records = await this.made(encodeEffects(merged), (taken[0] as Pending).sequence)\n',
        replace: `    const records = [
      ...encodeEffects({ ...merged, context: new Map(), ghosts: new Map() }),
      ...encodeEffects({ ...merged, entries: [] }),
    ]
`,
      },
      {
        file: JOURNAL,
        find: 'const write = () => this.storage.append(first, records, durability)\n',
        replace: `const write = async () => {
      await this.storage.append(first, records.slice(0, -1), durability)
      await this.storage.append(first + records.length - 1, records.slice(-1), durability)
    }
`,
      },
    ],
  },
  {
    name: 'everything outside want taken as known',
    seedsMax: 200,
    edits: [
      {
        file: ANTI_ENTROPY,
        find: 'const both = differenceOfRows(offer.rows, message.want)',
        replace: 'const both = differenceOfRows(replica.context.rows(), message.want)',
      },
    ],
  },
  {
    name: 'rows not frozen when only the differing ones are sent',
    seedsMax: 500,
    from: 120,
    edits: [
      {
        file: 'core/gossip/outline.ts',
        find: 'same.set(actor, row.slice())',
        replace: 'same.set(actor, row)',
      },
    ],
  },
  {
    name: 'no count of streamed events',
    seedsMax: 2_000,
    from: 1_010,
    edits: [
      {
        file: ANTI_ENTROPY,
        find: 'if (countOfRows(streamed.rows()) < message.events) {',
        replace: 'if (message.events < 0) {',
      },
    ],
  },
  {
    name: 'unlisted live dots of E kept',
    seedsMax: 1_000,
    from: 595,
    edits: [
      {
        file: REPLICA,
        find: 'const ends = differenceOfRows(this.liveWithin(known), streamed)',
        replace: 'const ends = new Map()',
      },
    ],
  },
  {
    name: 'a transfer that outlives a crash',
    seedsMax: 3_000,
    from: 595,
    edits: [
      {
        file: NODE,
        find: 'export class GossipNode {\n',
        replace: `const outliving = new WeakMap<object, Map<string, Pick<Link, 'pull' | 'answer'>>>()

export class GossipNode {
  private outlivingLinks() {
    const world = this.options.pacing as object
    const links = outliving.get(world) ?? new Map<string, Pick<Link, 'pull' | 'answer'>>()
    outliving.set(world, links)
    return links
  }
`,
      },
      {
        file: NODE,
        find: '    if (surplus === link) return\n    this.ping(link, now)\n',
        replace: `    if (surplus === link) return
    const links = this.outlivingLinks()
    const before = links.get(this.nodeId + link.nodeId)
    if (before !== undefined) {
      link.pull = before.pull
      link.answer = before.answer
    }
    const theirs = links.get(link.nodeId + this.nodeId)?.pull
    if (link.answer !== undefined && theirs?.transfer === link.answer.transfer)
      link.answer.sentEvents = theirs.received // resumed where it was
    links.set(this.nodeId + link.nodeId, link)
    this.ping(link, now)
`,
      },
    ],
  },
  {
    name: 'a claim durable before its events',
    seedsMax: 200,
    edits: [
      {
        file: JOURNAL,
        find: '    const taken = this.takeGroup()\n',
        replace: '    const taken = this.pending.splice(-1)\n',
      },
    ],
  },
  {
    name: 'one entry in twenty left out of a transfer',
    seedsMax: 200,
    edits: [
      {
        file: ANTI_ENTROPY,
        find: 'const events: KeyedEvent[] = replica.versionsWithin(known)',
        replace:
          'const events = replica.versionsWithin(known).filter(({ event }) => event.counter % 20 !== 7)',
      },
    ],
  },
  {
    name: 'a dropped sibling whose context does not go to the ghosts',
    seedsMax: 200,
    edits: [
      {
        file: REPLICA,
        find: '    this.changedKeys.add(key)\n    this.leaveGhost(key, version.context)\n',
        replace: '    this.changedKeys.add(key)\n',
      },
    ],
  },
  {
    name: 'a checkpoint of what is still to be written behind it',
    seedsMax: 200,
    edits: [{ file: JOURNAL, find: 'if (this.pending.length > 0 || ', replace: 'if (' }],
  },
  {
    name: 'a context that is not persisted with the entries',
    seedsMax: 20,
    edits: [
      {
        file: JOURNAL,
        find: 'const records = await this.made(encodeEffects(merged), (taken[0] as Pending).sequence)\n',
        replace: 'const records = [...encodeEffects({ ...merged, context: new Map() })]\n',
      },
    ],
  },
  {
    name: 'a merge that depends on the order of arrival',
    seedsMax: 200,
    edits: [
      {
        file: 'core/store/merge.ts',
        find: 'const earliestFirst = versions.toSorted(compareVersions)',
        replace: 'const earliestFirst = versions',
      },
    ],
  },
  {
    name: 'a membership that forgets to redial',
    seedsMax: 200,
    edits: [
      {
        file: 'core/gossip/membership.ts',
        find: '    member.dialling = false\n    member.dialAt = dialAt\n    member.suspect = true\n',
        replace: '    member.dialling = true\n',
      },
    ],
  },
  {
    name: 'state that depends on the order of arrival',
    seedsMax: 200,
    edits: [{ file: REPLICA, find: '      covered ||= covers(sibling.context, event)\n', replace: '' }],
  },
  {
    name: 'a dropped Want that is never asked again',
    seedsMax: 1_000,
    edits: [
      {
        file: ANTI_ENTROPY,
        find: '    const isVoid = link.pull !== undefined',
        replace: '    if (link.pull !== undefined) return\n    const isVoid = link.pull !== undefined',
      },
      {
        file: NODE,
        find: 'if (link.pull !== undefined && link.pull.progressAt + TRANSFER_IDLE_MS_MAX <= now) {',
        replace: 'if (link.pull !== undefined && link.pull.progressAt === 0) {',
      },
    ],
  },
  {
    name: 'a fingerprint that is not updated when the last sibling goes',
    seedsMax: 20,
    edits: [
      {
        file: REPLICA,
        find: '    this.liveFingerprint.remove(key, siblings[at] as Version)\n',
        replace: '    if (siblings.length > 1) this.liveFingerprint.remove(key, siblings[at] as Version)\n',
      },
    ],
  },
  {
    name: 'a checkpoint that is not atomic',
    seedsMax: 200,
    edits: [
      {
        file: 'sim/disk.ts',
        find: '    return [change]\n',
        replace: `    return change.type === 'checkpoint' ? [{ ...change, records: [] }, change] : [change]
`,
      },
    ],
  },
  {
    name: 'an actor that is reused after a rollback',
    seedsMax: 500,
    edits: [
      {
        file: 'runtime/identity.ts',
        find: 'return context.highest(testimony.actor) >= testimony.counter ? testimony.actor : undefined',
        replace: 'return context.highest(testimony.actor) >= 0 ? testimony.actor : undefined',
      },
    ],
  },
  {
    name: 'own writes that are not synced to the disk',
    seedsMax: 200,
    edits: [
      {
        file: JOURNAL,
        find: "taken.some(({ strict }) => strict) ? 'strict' : 'relaxed'",
        replace: "'relaxed'",
      },
    ],
  },
  {
    name: 'live events that are pushed however much is under way',
    seedsMax: 20,
    edits: [
      {
        file: 'core/gossip/broadcast.ts',
        find: 'if (link.outstandingBytes > this.pacing.backlogBytesMax) link.lagging = true',
        replace: '',
      },
    ],
  },
  {
    name: 'a Root that is answered by a Root without end',
    seedsMax: 50,
    edits: [
      {
        file: 'core/gossip/roots.ts',
        find: 'else this.sendIfNew(link, now)',
        replace: 'else this.sendOne(link, now)',
      },
    ],
  },
  {
    name: 'a memory of deletes that forgets none',
    seedsMax: 20,
    edits: [{ file: 'core/store/delete-memo.ts', find: 'this.pastByKey.delete(oldest as Key)', replace: '' }],
  },
  {
    name: 'a page that looks at its disk while a commit is under way',
    seedsMax: 200,
    edits: [{ file: JOURNAL, find: 'this.occupy(this.look())', replace: 'void this.look()' }],
  },
  {
    name: 'a whole state with a log behind it that nobody was told of',
    seedsMax: 400,
    from: 120,
    edits: [
      { file: JOURNAL, find: '      this.lastNumber = (await this.storage.lastNumber()) + 1\n', replace: '' },
    ],
  },
  {
    name: 'a write that covers what its writer has not seen',
    seedsMax: 20,
    edits: [
      {
        file: REPLICA,
        find: 'context: this.past(key),\n      time:',
        replace:
          'context: dot.counter > 1 ? joinDot(this.past(key), { ...dot, counter: dot.counter - 1 }) : this.past(key),\n      time:',
      },
    ],
  },
  {
    name: 'a whole state that a testimony of before can still part from what follows',
    seedsMax: 2_000,
    from: 17_900,
    edits: [
      {
        file: JOURNAL,
        find: '(await this.storage.lastNumber()) + 1',
        replace: 'await this.storage.lastNumber()',
      },
    ],
  },
]
