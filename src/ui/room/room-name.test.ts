import { expect, it } from 'vitest'
import { en } from '../i18n/en'
import { isShort, roomName } from './room-name'

it('shows the lobby by its name, short codes whole, long ones by their ends', () => {
  expect(roomName('lobby', en)).toBe('lobby')
  expect(roomName('festa junina', en)).toBe('festa junina')
  expect(roomName('k3Xv9QdTq0Zr4mPl7sWy2A', en)).toBe('k3Xv…Wy2A')
})

it('knows which codes can be guessed', () => {
  expect(isShort('festa')).toBe(true)
  expect(isShort('k3Xv9QdTq0Zr4mPl7sWy2A')).toBe(false)
  expect(isShort('lobby')).toBe(false) // it has a warning of its own
})
