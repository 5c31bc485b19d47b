import { describe, expect, it } from 'vitest'
import { memoryTexts } from './slots.testing'
import { textStore } from './text-store'
import { removeWitnesses, witness } from './witness'

describe('a store of texts', () => {
  it('that is forbidden has nothing, takes nothing, and never throws', () => {
    const store = textStore(() => {
      throw new DOMException('forbidden', 'SecurityError')
    })
    store.set('key', 'text')
    store.remove('key')
    store.update('key', 'text')
    store.removeAll('k')
    expect(store.keys('')).toEqual([])
    expect(store.get('key')).toBeUndefined()
  })

  it('that is full keeps no stale text, unless it is better than none', () => {
    const texts = new Map([['key', 'stale']])
    const full = {
      getItem: (key: string) => texts.get(key) ?? null,
      setItem: () => {
        throw new DOMException('full', 'QuotaExceededError')
      },
      removeItem: (key: string) => texts.delete(key),
    }
    const store = textStore(() => full as unknown as Storage)
    store.update('key', 'fresh')
    expect(store.get('key')).toBe('stale')
    store.set('key', 'fresh')
    expect(store.get('key')).toBeUndefined()
  })
})

describe('the witness', () => {
  it('is one a replica, and all of a room go together', () => {
    const store = memoryTexts()
    const [first, second, other] = [witness(store, 'a', 0), witness(store, 'a', 1), witness(store, 'ab', 0)]
    for (const each of [first, second, other]) each.write('here')
    second.write('later')
    expect([first.read(), second.read()]).toEqual(['here', 'later'])
    removeWitnesses(store, 'a')
    expect([first.read(), second.read(), other.read()]).toEqual([undefined, undefined, 'here'])
  })
})
