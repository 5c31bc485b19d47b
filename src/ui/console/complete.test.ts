import { describe, expect, it } from 'vitest'
import { complete } from './complete'

const KEYS = ['color', 'color of the day', 'comida', 'zoom']
const REMOVED = ['gone']
const keysWith = (prefix: string, removed: boolean) =>
  (removed ? REMOVED : KEYS).filter((key) => key.startsWith(prefix))

describe('completion', () => {
  it.each([
    ['hel', 'help '],
    ['sa', 'sair '],
    ['get z', 'get zoom '],
    ['restore g', 'restore gone '],
    ['set "color of', 'set "color of the day" '],
  ])('of %j is %j', (line, completed) => {
    expect(complete(line, keysWith)).toEqual({ line: completed, candidates: [] })
  })

  it('goes as far as the candidates agree, and lists them', () => {
    expect(complete('get c', keysWith)).toEqual({
      line: 'get co',
      candidates: ['color', 'color of the day', 'comida'],
    })
    expect(complete('e', keysWith).candidates).toEqual(['export', 'exit'])
  })

  it.each(['help ', 'get color x', 'nothing ', 'get q', 'get g', 'restore z', 'qqq'])(
    'leaves %j as it is',
    (line) => {
      expect(complete(line, keysWith)).toEqual({ line, candidates: [] })
    },
  )
})
