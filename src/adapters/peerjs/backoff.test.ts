import { expect, it } from 'vitest'
import { reconnectDelayMs } from './backoff'

it.each([
  [0, 0, 500],
  [0, 0.5, 750],
  [1, 0, 1_000],
  [3, 0.5, 6_000],
  [4, 0, 7_500],
  [4, 1, 15_000],
  [5_000, 1, 15_000],
])('attempt %d with fraction %d waits %d ms', (attempt, fraction, delayMs) => {
  expect(reconnectDelayMs(attempt, fraction)).toBe(delayMs)
})
