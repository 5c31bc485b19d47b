import { describe, expect, it } from 'vitest'
import type { Actor } from '../causality/dot'
import { EMPTY_VECTOR } from '../causality/version-vector'
import { DeleteMemo } from './delete-memo'
import type { Key } from './value'

const [X, Y, Z] = ['x', 'y', 'z'] as [Key, Key, Key]
const past = (counter: number) => ['a.1' as Actor, counter]

describe('the memory of deletes', () => {
  it('holds as many keys as it may, and forgets the one remembered longest ago', () => {
    const memo = new DeleteMemo(2)
    memo.remember(X, past(1))
    memo.remember(Y, past(2))
    memo.remember(X, past(3))
    expect([memo.of(X), memo.of(Y)]).toEqual([past(3), past(2)])
    memo.remember(Z, past(4))
    expect([memo.of(X), memo.of(Y), memo.of(Z)]).toEqual([past(3), EMPTY_VECTOR, past(4)])
    memo.forget(X)
    expect(memo.of(X)).toBe(EMPTY_VECTOR)
  })

  it('of size 0 holds nothing', () => {
    const memo = new DeleteMemo(0)
    memo.remember(X, past(1))
    expect(memo.of(X)).toBe(EMPTY_VECTOR)
  })
})
