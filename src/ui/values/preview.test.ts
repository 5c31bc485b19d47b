import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../runtime/contract'
import { onOneLine, previewOf } from './preview'

describe('a preview', () => {
  it.each<[Json, string]>([
    ['olá,\nmundo', 'olá, mundo'],
    [42.5, '42.5'],
    ['42.5', '"42.5"'],
    ['[1, 2', '[1, 2'],
    ['', '""'],
    ['zero\u200bwidth', 'zero�width'],
    ['👨‍👩‍👧', '👨‍👩‍👧'],
    [null, 'null'],
    [['a', [1, true]], '["a", [1, true]]'],
    [{ done: false, tags: ['x'] }, '{done: false, tags: ["x"]}'],
    [{}, '{}'],
    ['\u001b[31mred', '␛[31mred'],
    ['safe\u202egpj.exe', 'safe�gpj.exe'],
    [['\u2066x\u2069', '\u009b'], '["�x�", "�"]'],
    [{ '\u202eeman': 1 }, '{�eman: 1}'],
    ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
  ])('of %j is %j', (value, preview) => {
    expect(previewOf(value)).toBe(preview)
  })

  it('is never much longer than asked for', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 1, max: 60 }), (value, most) => {
        expect(previewOf(value as Json, most).length).toBeLessThanOrEqual(most + 1)
      }),
    )
  })

  it('reads only the beginning of a large value', () => {
    let read = 0
    const elements = new Proxy(
      Array.from({ length: 1_000_000 }, () => 1),
      {
        get: (target, name) => {
          read++
          return Reflect.get(target, name) as unknown
        },
      },
    )
    expect(previewOf(elements, 20)).toBe('[1, 1, 1, 1, 1, 1, 1…')
    expect(read).toBeLessThan(100)
    expect(previewOf('x'.repeat(1_000_000), 5)).toBe('xxxxx…')
  })
})

it('a key is shown on one line, and what cannot be seen by a sign', () => {
  expect(onOneLine('duas\nlinhas\te\u2028mais\u0000\u001b\u007f')).toBe('duas↵linhas⇥e↵mais␀␛␡')
  expect(onOneLine('a\u202egnp.exe\u2066')).toBe('a\ufffdgnp.exe\ufffd')
  expect(onOneLine('  praça 🎉 \u00a0')).toBe('␣␣praça 🎉␣␣')
  expect([' ', '\n'].map(onOneLine)).toEqual(['␣', '↵'])
})
