import { describe, expect, it } from 'vitest'
import { LINKS_MAX, TAB_WINDOW_BYTES } from '../../core/limits'
import type { LinkId } from '../../runtime/ports'
import { TRANSPORT_CONTRACT, type World } from '../transport.contract'
import { Browser } from './browser.fixtures'
import { Channel, type RoomMessage } from './channel'

function world(browser: Browser): World {
  return {
    transport: () => browser.tab(),
    until: async (what, condition) => {
      while (!condition()) if (!(await browser.deliver()) && !condition()) throw new Error(`expected ${what}`)
    },
    rest: () => browser.run(),
  }
}

/** Two tabs with a link between them, and what they reported. */
async function linked(browser: Browser) {
  const [a, b] = [browser.tab(), browser.tab()]
  const log: string[] = []
  const links: Record<string, LinkId> = {}
  for (const [name, tab] of [['a', a] as const, ['b', b] as const]) {
    tab.start({
      signaling: () => undefined,
      members: (ids) => log.push(`${name} members ${ids.join()}`),
      nearby: () => undefined,
      opened: (link) => {
        links[name] = link
        tab.trust(link)
      },
      closed: () => log.push(`${name} closed`),
      dialFailed: (member) => log.push(`${name} failed ${member}`),
      received: (_, message) => log.push(`${name} received ${message.length}`),
      sent: (_, bytes) => log.push(`${name} sent ${bytes}`),
    })
  }
  await browser.run()
  a.dial(b.self)
  await browser.run()
  log.length = 0
  return { a, b, log, link: links['a'] as LinkId }
}

describe('the transport between tabs keeps the contract', () => {
  it.each(TRANSPORT_CONTRACT)('$name', (each) => each.run(world(new Browser())))
})

describe('the transport between tabs', () => {
  it('has no more than a window on its way, and goes on as it is taken', async () => {
    const browser = new Browser()
    const { a, log, link } = await linked(browser)
    for (let half = 0; half < 5; half++) a.send(link, new Uint8Array(TAB_WINDOW_BYTES / 2))
    await browser.deliver()
    await browser.deliver()
    expect(log).toEqual([`b received ${TAB_WINDOW_BYTES / 2}`, `b received ${TAB_WINDOW_BYTES / 2}`])
    await browser.run()
    expect(log.filter((line) => line.startsWith('b received'))).toHaveLength(5)
    expect(log.filter((line) => line.startsWith('a sent'))).toHaveLength(5)
  })

  it('lists who is here, and not who is gone', async () => {
    const browser = new Browser()
    const { a, b, log } = await linked(browser)
    a.refresh()
    await browser.run()
    expect(log).toContain(`a members ${b.self}`)
    await b.stop()
    a.refresh()
    await browser.run()
    expect(log.at(-1)).toBe('a members ')
  })

  it('gives up a dial to a tab that does not answer, and takes it off its list', async () => {
    const browser = new Browser()
    const { a, log } = await linked(browser)
    a.dial('frozen')
    await browser.run()
    expect(log).toEqual(['a failed frozen'])
  })

  it('dials no more than so many at a time', async () => {
    const browser = new Browser()
    const { a, log } = await linked(browser)
    for (let dial = 1; dial <= LINKS_MAX; dial++) a.dial(`frozen${dial}`)
    await Promise.resolve()
    expect(log).toEqual([`a failed frozen${LINKS_MAX}`])
  })

  it('answers no more than so many', async () => {
    const browser = new Browser()
    const { a } = await linked(browser)
    const others = browser.openChannels
    const stranger = new Channel<RoomMessage>(browser.open, 'fofoca/room/tabs', () => undefined)
    for (let dial = 1; dial <= LINKS_MAX; dial++)
      stranger.post({
        type: 'dial',
        from: 'stranger',
        to: a.self,
        link: `fofoca/room/stranger/${dial}`,
      })
    for (let heard = 0; heard < 2 * LINKS_MAX; heard++) await browser.deliver() // each by both tabs
    expect(browser.openChannels).toBe(others + 1 + LINKS_MAX - 1) // the stranger's, and without the link that there was
  })

  it('leaves no channel open', async () => {
    const browser = new Browser()
    const { a, b } = await linked(browser)
    await Promise.all([a.stop(), b.stop()])
    await browser.run()
    expect(browser.openChannels).toBe(0)
  })
})
