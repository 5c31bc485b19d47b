import { expect, it } from 'vitest'
import { nodeName } from '../../runtime/names'
import { nodeHue } from './node-hue'

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
