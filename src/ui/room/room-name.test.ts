import { expect, it } from 'vitest'
import { newRoomCode } from '../../adapters/browser/room'
import { en } from '../i18n/en'
import { isGuessable, roomName } from './room-name'

it('shows the lobby by its name, short codes whole, long ones by their ends', () => {
  expect(roomName('lobby', en)).toBe('lobby')
  expect(roomName('festa junina', en)).toBe('festa junina')
  expect(roomName('k3Xv9QdTq0Zr4mPl7sWy2A', en)).toBe('k3Xv…Wy2A')
})

it.each([
  ['festa', true],
  ['k3Xv9QdTq0Zr4mP', true], // 15 characters
  ['k3Xv9QdTq0Zr4mPl', false],
  ['aaaaaaaaaaaaaaaa', true],
  ['1234123412341234', true],
  ['abcdefgabcdefgabcdefg', true], // 7 different ones
  ['abcdefghabcdefgh', false],
  ['k3Xv9QdTq0Zr4mPl7sWy2A', false],
  ['9f86d081884c7d659a2feaa0c55ad015', false],
  ['lobby', false], // it has a warning of its own
])('knows whether a code can be guessed: %s: %s', (code, guessable) => {
  expect(isGuessable(code)).toBe(guessable)
})

it('warns of no code that is made for a room', () => {
  const random = { bytes: (count: number) => crypto.getRandomValues(new Uint8Array(count)) }
  for (let count = 0; count < 1_000; count++) expect(isGuessable(newRoomCode(random))).toBe(false)
})
