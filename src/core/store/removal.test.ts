import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Actor } from '../causality/dot'
import { VALUE_BYTES_MAX } from '../limits'
import { mergedValue } from './merge'
import { deletersIn, type RemovedValue, removedIn, type Remover } from './removal'
import { Replica } from './replica'
import type { Json, Key, MergePolicy } from './value'
import type { Version } from './version'

const by: Remover = { how: 'claim', node: 'bbb' }
const key = 'k' as Key

/** What the inputs since the last look took from the replica. */
function lookAt(replica: Replica): RemovedValue[] {
  const effects = replica.takeEffects()
  return removedIn(
    effects?.entries ?? [],
    (of) => replica.versions(of).length > 0,
    () => by,
  )
}

/** A writer whose events reach `replica` when it says so. */
class Other {
  private readonly own = new Replica(0)
  private counter = 0

  constructor(
    private readonly name: string,
    private readonly replica: Replica,
  ) {}

  put(value: Json, merge: MergePolicy = 'auto', time = 0): Version {
    return this.own.put(key, value, merge, this.dot(), time)
  }

  delete() {
    return this.own.delete(key, this.dot())
  }

  tell(...events: (Version | ReturnType<Replica['delete']>)[]): void {
    for (const event of events) this.replica.apply(key, event)
  }

  private dot() {
    return { actor: `${this.name}.1` as Actor, counter: ++this.counter }
  }
}

function world() {
  const replica = new Replica(0)
  return { replica, b: new Other('b', replica), c: new Other('c', replica) }
}

describe('removed is', () => {
  it('a value that was there and is gone, with its policy and who took it', () => {
    const { replica, b } = world()
    b.tell(b.put(['v'], 'union'))
    expect(lookAt(replica)).toEqual([])
    b.tell(b.delete())
    expect(lookAt(replica)).toEqual([{ key, value: ['v'], merge: 'union', by }])
    expect(lookAt(replica)).toEqual([])
  })

  it('what a claim wipes', () => {
    const { replica, b } = world()
    b.tell(b.put(1))
    lookAt(replica)
    const known = replica.context.copyRows()
    replica.claim({ known, streamed: new Map(), dead: new Map(), ghosts: new Map() })
    expect(lookAt(replica)).toEqual([{ key, value: 1, merge: 'auto', by }])
  })

  it('not a value that another took the place of, nor one sibling of several', () => {
    const { replica, b, c } = world()
    b.tell(b.put(1))
    lookAt(replica)
    b.tell(b.put(2))
    c.tell(c.put(3))
    lookAt(replica)
    c.tell(c.delete())
    expect(lookAt(replica)).toEqual([])
    expect(replica.versions(key)).toHaveLength(1)
  })

  it('not what came and went at once', () => {
    const { replica, b } = world()
    b.tell(b.put(1), b.delete())
    expect(lookAt(replica)).toEqual([])
  })

  it('what was there before, though something came and went at once as well', () => {
    const { replica, b, c } = world()
    b.tell(b.put('old'))
    lookAt(replica)
    c.tell(c.put('new', 'latest', 9))
    b.tell(b.delete())
    c.tell(c.delete())
    expect(lookAt(replica)).toEqual([{ key, value: 'old', merge: 'auto', by }])
  })

  it('what the siblings read as, under the policy of the winner', () => {
    const { replica, b, c } = world()
    b.tell(b.put('b'))
    c.tell(c.put('c', 'union', 9))
    lookAt(replica)
    b.tell(b.delete())
    c.tell(c.delete())
    expect(lookAt(replica)).toEqual([{ key, value: ['b', 'c'], merge: 'union', by }])
  })

  it('the winner alone where what they read as is beyond the limits of a write', () => {
    const large = (letter: string) => letter.repeat(VALUE_BYTES_MAX / 2)
    const { replica, b, c } = world()
    b.tell(b.put(large('b'), 'union'))
    c.tell(c.put(large('c'), 'union', 9))
    lookAt(replica)
    b.tell(b.delete())
    c.tell(c.delete())
    expect(lookAt(replica)).toEqual([{ key, value: large('c'), merge: 'union', by }])
  })
})

describe('whatever happens', () => {
  const writes = fc.array(fc.tuple(fc.nat(2), fc.nat(2), fc.boolean()), { minLength: 1, maxLength: 30 })
  const cuts = fc.infiniteStream(fc.boolean())

  it('removed are the keys that had a value before an input and have none after, each as it read before', () => {
    fc.assert(
      fc.property(writes, cuts, (history, cut) => {
        const writers = [0, 1, 2].map(() => new Replica(0))
        const counters = [0, 0, 0]
        const replica = new Replica(0)
        let before = new Map<Key, Json>()
        for (const [writer, name, puts] of history) {
          const own = writers[writer] as Replica
          const at = `k${name}` as Key
          const counter = (counters[writer] = (counters[writer] as number) + 1)
          const dot = { actor: `w${writer}.1` as Actor, counter }
          replica.apply(at, puts ? own.put(at, counter, 'union', dot, counter) : own.delete(at, dot))
          if (cut.next().value) continue // the input goes on
          const after = new Map([...replica.entries()].map(([of, versions]) => [of, mergedValue(versions)]))
          const gone = [...before].filter(([of]) => !after.has(of))
          const seen = lookAt(replica)
          expect(seen).toHaveLength(gone.length)
          expect(new Map(seen.map((removed) => [removed.key, removed.value]))).toEqual(new Map(gone))
          before = after
        }
      }),
    )
  })
})

describe('who took it', () => {
  const { b, c } = world()
  const events = [b.put(1), c.put(1), b.delete(), c.delete()].map((event) => ({ key, event }))

  it('is the writer of the last delete', () => {
    expect(deletersIn(events, by)(key)).toEqual({ how: 'delete', node: 'c' })
    expect(deletersIn(events.slice(0, 3), by)(key)).toEqual({ how: 'delete', node: 'b' })
  })

  it('is whoever told it, where there was no delete', () => {
    expect(deletersIn(events.slice(0, 2), by)(key)).toEqual(by)
    expect(deletersIn(events, by)('another' as Key)).toEqual(by)
  })
})
