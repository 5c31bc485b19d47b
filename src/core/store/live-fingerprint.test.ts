import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Actor } from '../causality/dot'
import { hashText, SetFingerprint } from '../causality/hash'
import { EMPTY_VECTOR } from '../causality/version-vector'
import { LiveFingerprint } from './live-fingerprint'
import type { Key } from './value'
import { type Version, versionText } from './version'

function version(counter: number, value = 'v'): Version {
  return { actor: 'a.0' as Actor, counter, context: EMPTY_VECTOR, time: 1, merge: 'auto', value }
}

it('is the same however often it was asked for, and however much changed in between, or while it was made', () => {
  const turns = fc.array(fc.record({ times: fc.nat(400), made: fc.nat(300), ask: fc.boolean() }), {
    maxLength: 12,
  })
  fc.assert(
    fc.property(turns, (turns) => {
      const live = new Map<Key, Version[]>()
      const kept = new LiveFingerprint(live)
      let counter = 0
      for (const { times, made, ask } of turns) {
        for (let time = 0; time < times; time += 1) {
          counter += 1
          const key = `k${(counter * 7) % 300}` as Key
          const before = live.get(key)?.[0]
          if (before !== undefined) {
            live.delete(key)
            kept.remove(key, before)
          }
          if (counter % 5 === 0) continue
          live.set(key, [version(counter)])
          kept.add(key, version(counter))
        }
        kept.make(made)
        if (ask) expect(kept.hash()).toEqual(anew(live))
      }
      expect(kept.hash()).toEqual(anew(live))
    }),
    { numRuns: 50 },
  )
})

it('is made in as many steps as it has parts, though something changes all the time', () => {
  const live = new Map<Key, Version[]>()
  const kept = new LiveFingerprint(live)
  const put = (counter: number) => {
    live.set(`k${counter}` as Key, [version(counter)])
    kept.add(`k${counter}` as Key, version(counter))
  }
  for (let counter = 1; counter <= 1_000; counter++) put(counter)
  for (let step = 1; step < 10; step++) {
    expect(kept.make(100)).toBe(false)
    put(1_000 + step)
  }
  expect(kept.make(100)).toBe(true)
  expect(kept.hash()).toEqual(anew(live))
})

it('tells contents apart whose parts only meet at other places', () => {
  const texts = [
    versionText('a' as Key, version(1, 'b:c')),
    versionText('a:b' as Key, version(1, 'c')),
    versionText('a' as Key, version(1, '"b"')),
    versionText('a' as Key, { ...version(1), value: ['b'] }),
    versionText('a' as Key, version(1, '["b"]')),
    versionText('a' as Key, { ...version(1), value: 'b' }),
  ]
  expect(new Set(texts).size).toBe(texts.length)
})

function anew(live: ReadonlyMap<Key, readonly Version[]>) {
  const fingerprint = new SetFingerprint()
  for (const [key, versions] of live) for (const each of versions) fingerprint.add(versionText(key, each))
  return hashText(fingerprint.value().join())
}
