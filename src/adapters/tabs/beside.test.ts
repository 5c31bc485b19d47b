import { describe, expect, it } from 'vitest'
import type { TransportEvents } from '../../runtime/ports'
import { MemoryNetwork } from '../memory/transport'
import { TRANSPORT_CONTRACT, type World } from '../transport.contract'
import { TransportBesideTabs } from './beside'
import { Browser } from './browser.fixtures'

/** Tabs of one browser, on a network with a server. */
class Tabs {
  readonly network = new MemoryNetwork()
  readonly browser = new Browser()
  private machines = 0

  transport(): TransportBesideTabs {
    const far = this.network.transport(`m${(this.machines += 1)}`)
    const tabs = this.browser.tab(() => far.self)
    return new TransportBesideTabs({ far, tabs, clock: this.browser.clock })
  }

  async run(): Promise<void> {
    do this.network.run()
    while (await this.browser.deliver())
    this.network.run()
  }

  /** A started transport, and what it reported since it was last asked. */
  machine() {
    const transport = this.transport()
    const log: string[] = []
    const events: TransportEvents = {
      signaling: (state) => log.push(`signaling ${state}`),
      members: (ids) => log.push(`members ${ids.join()}`),
      nearby: (ids) => log.push(`nearby ${ids.join()}`),
      opened: (link, member, by) => log.push(`opened ${link} ${member} ${by}`),
      closed: (link) => log.push(`closed ${link}`),
      dialFailed: (member) => log.push(`failed ${member}`),
      received: (link, message) => log.push(`received ${link} ${message.join()}`),
      sent: (link, bytes) => log.push(`sent ${link} ${bytes}`),
    }
    transport.start(events)
    const take = async () => {
      await this.run()
      return log.splice(0)
    }
    return { transport, take }
  }

  world(): World {
    return {
      transport: () => this.transport(),
      until: async (what, condition) => {
        while (!condition()) {
          const moved = this.network.deliver() || (await this.browser.deliver())
          if (!moved && !condition()) throw new Error(`expected ${what}`)
        }
      },
      rest: () => this.run(),
    }
  }
}

describe('a transport with tabs beside it keeps the contract', () => {
  it.each(TRANSPORT_CONTRACT)('$name', (each) => each.run(new Tabs().world()))
})

describe('a transport with tabs beside it', () => {
  it('speaks of no tab while signaling is up', async () => {
    const tabs = new Tabs()
    const [a] = [tabs.machine(), tabs.machine()]
    expect((await a.take()).filter((line) => line.startsWith('nearby'))).toEqual([])
  })

  it('links tabs while signaling is down, and tells their links apart from others', async () => {
    const tabs = new Tabs()
    const [a, b] = [tabs.machine(), tabs.machine()]
    await tabs.run()
    a.transport.dial('m2')
    expect(await a.take()).toContain('opened 2 m2 us')
    tabs.network.setSignaling(false)
    await b.take()
    expect(await a.take()).toContain('nearby m2')
    a.transport.dial('m2')
    expect(await a.take()).toEqual(['opened 3 m2 us'])
    a.transport.send(3, Uint8Array.of(7))
    expect(await a.take()).toEqual(['sent 3 1'])
    expect(await b.take()).toEqual(['opened 3 m1 them', 'received 3 7'])
    a.transport.hangUp(3)
    expect(await a.take()).toEqual(['closed 3'])
    a.transport.send(2, Uint8Array.of(8))
    expect((await b.take()).slice(-1)).toEqual(['received 2 8'])
  })

  it('links tabs that never reached signaling', async () => {
    const tabs = new Tabs()
    tabs.network.setSignaling(false)
    const [a, b] = [tabs.machine(), tabs.machine()]
    expect(await a.take()).toEqual(['nearby m2'])
    a.transport.dial('m2')
    await tabs.run()
    expect(await b.take()).toContain('opened 3 m1 them')
  })

  it('keeps the links between tabs when signaling is back, and dials over the network again', async () => {
    const tabs = new Tabs()
    tabs.network.setSignaling(false)
    const [a, b] = [tabs.machine(), tabs.machine()]
    await tabs.run()
    a.transport.dial('m2')
    await a.take()
    tabs.network.setSignaling(true)
    expect(await a.take()).toEqual(['nearby ', 'signaling up', 'members m2'])
    b.transport.send(3, Uint8Array.of(1))
    expect(await a.take()).toEqual(['received 3 1'])
    a.transport.dial('m2')
    expect(await a.take()).toEqual(['opened 2 m2 us'])
  })
})
