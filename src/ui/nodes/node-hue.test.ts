import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nodeName } from '../../runtime/names'
import { degreesBetween, huesApart, nodeHue } from './node-hue'

const RED = 27

it('gives a node the colour that its name says', () => {
  expect(nodeHue('any', 'amber-otter')).toBe(nodeHue('other', 'amber-lynx'))
  expect(nodeHue('any', 'azure-otter')).toBe(240)
})

it('gives every node one colour, never near red, and many colours to many nodes', () => {
  const hues = Array.from({ length: 2_000 }, (_, index) => nodeHue(`id${index}`, nodeName(`id${index}`)))
  expect(hues).toEqual(
    Array.from({ length: 2_000 }, (_, index) => nodeHue(`id${index}`, nodeName(`id${index}`))),
  )
  for (const hue of hues) expect(Math.min(Math.abs(hue - RED), 360 - Math.abs(hue - RED))).toBeGreaterThan(15)
  expect(new Set(hues).size).toBeGreaterThan(14)
})

describe('nodes in a room together', () => {
  const nodes = (count: number) =>
    fc
      .uniqueArray(fc.string({ minLength: 1 }), { minLength: 2, maxLength: count })
      .map((ids) => ids.map(named))
  const named = (id: string) => ({ id, name: nodeName(id) })

  it('have colours that are told apart, whoever they are', () => {
    fc.assert(
      fc.property(nodes(6), (present) => {
        const hues = [...huesApart(present).values()]
        expect(hues).toHaveLength(present.length)
        for (const [index, hue] of hues.entries()) {
          for (const other of hues.slice(0, index))
            expect(degreesBetween(hue, other)).toBeGreaterThanOrEqual(20)
        }
      }),
    )
  })

  it('two of one colour: one keeps it, the other takes the nearest that is free', () => {
    const two = ['a', 'b'].map((id) => ({ id, name: 'azure-otter' }))
    expect([...huesApart(two)]).toEqual([
      ['a', 240],
      ['b', 210],
    ])
  })

  it('keeps the colour that a name says for who bears it', () => {
    const calm = Array.from({ length: 400 }, (_, index) => ({ id: `${index}`, name: 'calm-bee' }))
    const blue = calm.find(({ id, name }) => degreesBetween(nodeHue(id, name), 240) < 20)!
    const hues = huesApart([blue, { id: 'zz', name: 'azure-otter' }])
    expect(hues.get('zz')).toBe(240)
    expect(degreesBetween(hues.get(blue.id)!, 240)).toBeGreaterThanOrEqual(28)
  })

  it('look the same to everybody: in whatever order they are listed', () => {
    fc.assert(
      fc.property(nodes(30), (present) => {
        expect(huesApart(present.toReversed())).toEqual(huesApart(present))
      }),
    )
  })

  it('keep their colour when somebody comes who collides with nobody', () => {
    fc.assert(
      fc.property(nodes(6), fc.string({ minLength: 1 }), (present, id) => {
        const newcomer = named(id)
        const before = huesApart(present)
        const hue = nodeHue(id, newcomer.name)
        fc.pre(!before.has(id) && [...before.values()].every((other) => degreesBetween(hue, other) >= 28))
        const after = huesApart([...present, newcomer])
        for (const { id } of present) expect(after.get(id)).toBe(before.get(id))
      }),
    )
  })

  it('have a colour each also where there are more nodes than colours', () => {
    const crowd = Array.from({ length: 200 }, (_, index) => named(`id${index}`))
    expect(huesApart(crowd).size).toBe(200)
  })
})
