/** A machine without nginx or coturn: said plainly on a developer's, a failure in CI. */
import { describe, expect, it } from 'vitest'
import { withHosting } from './hosting.mjs'

const nowhere = () => undefined
const refused = async () => undefined

describe('the programs that docs/hosting.md is tested with', () => {
  it('are those that are installed', async () => {
    const find = (command: string) => `/usr/sbin/${command}`
    const found = { FOFOCA_NGINX: '/usr/sbin/nginx', FOFOCA_TURNSERVER: '/usr/sbin/turnserver' }
    expect(await withHosting({ find, install: refused, ci: true })).toEqual(found)
  })

  it('are installed where they are missing', async () => {
    const installed = new Set<string>()
    const found = await withHosting({
      find: (command) => (installed.has(command) ? `/usr/bin/${command}` : undefined),
      install: async (name, find) => {
        installed.add(name === 'coturn' ? 'turnserver' : name)
        return find()
      },
      ci: true,
    })
    expect(found).toEqual({ FOFOCA_NGINX: '/usr/bin/nginx', FOFOCA_TURNSERVER: '/usr/bin/turnserver' })
  })

  it.each([
    ['nginx and coturn', nowhere],
    ['coturn', (command: string) => (command === 'nginx' ? '/usr/sbin/nginx' : undefined)],
    ['nginx', (command: string) => (command === 'turnserver' ? '/usr/bin/turnserver' : undefined)],
  ])('fail CI where %s can’t be had, and are named where the step is left out', async (names, find) => {
    const sentence = new RegExp(`need ${names}, which can be neither found nor installed`)
    await expect(withHosting({ find, install: refused, ci: true })).rejects.toThrow(sentence)
    expect(await withHosting({ find, install: refused, ci: false })).toEqual({
      missing: expect.stringMatching(sentence) as string,
    })
  })
})
