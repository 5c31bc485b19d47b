import { expect, it } from 'vitest'
import { newRoomCode } from '../../adapters/browser/room'
import { codeGroups, typedRoomCode, linkElsewhere } from './room-code'

const CODE = '7k2m-q9xd-4f8a-w3tn-hc5e-2rvp-b601'

it('shows what New private room makes in groups, and other codes whole', () => {
  expect(codeGroups(CODE)).toEqual(['7k2m', 'q9xd', '4f8a', 'w3tn', 'hc5e', '2rvp', 'b601'])
  const made = newRoomCode({ bytes: (count: number) => Uint8Array.from({ length: count }, (_, i) => i * 37) })
  expect(codeGroups(made)).toHaveLength(7)
  expect(codeGroups('festa-junina')).toEqual(['festa-junina'])
})

it.each([
  ['as it is', CODE],
  ['in capitals, with gaps', ' 7K2M Q9XD 4F8A W3TN HC5E 2RVP B601 '],
  ['in one run', CODE.replaceAll('-', '')],
  ['with letters for the digits that they look like', '7k2m-q9xd-4f8a-w3tn-hc5e-2rvp-b6ol'],
  ['as a link', `https://fofoca.example/app/#${CODE}`],
])('a made code is understood %s', (_, typed) => {
  expect(typedRoomCode(typed)).toBe(CODE)
})

it('takes any other code as it stands, and the fragment of any link', () => {
  expect(typedRoomCode(' Festa Junina ')).toBe('Festa Junina')
  expect(typedRoomCode('http://localhost:9000/#pra%C3%A7a')).toBe('praça')
  expect(typedRoomCode('http://localhost:9000/#100%')).toBe('100%')
  expect(typedRoomCode('127.0.0.1:9000/#lobby')).toBe('lobby')
  expect(typedRoomCode('localhost:9000/app/#festa')).toBe('festa')
  expect(typedRoomCode('#festa')).toBe('festa')
  for (const code of ['a.b/c', 'C# and F#', 'x:y', '#', '50/50']) expect(typedRoomCode(code)).toBe(code)
  expect(typedRoomCode('  ')).toBeUndefined()
})

it.each(['http://127.0.0.1:9000/', 'https://fofoca.example', 'http://localhost:9000/#'])(
  'a link without a room is the lobby: %s',
  (typed) => {
    expect(typedRoomCode(typed)).toBe('lobby')
  },
)

it('leaves what is no code to the page, which says so', () => {
  expect(typedRoomCode('http://localhost:9000/#%E0%A4')).toBe('%E0%A4')
})

it('a whole link to another page leads elsewhere, and nothing else does', () => {
  const here = { origin: 'http://localhost:9000', pathname: '/app/' }
  expect(linkElsewhere(' https://fofoca.example/#festa ', here)).toBe('https://fofoca.example/#festa')
  expect(linkElsewhere('http://localhost:9000/#festa', here)).toBe('http://localhost:9000/#festa')
  for (const typed of [
    'http://localhost:9000/app/#festa',
    'HTTP://LOCALHOST:9000/app/',
    'fofoca.example/#festa',
    '#a',
    'a',
  ])
    expect(linkElsewhere(typed, here)).toBeUndefined()
})
