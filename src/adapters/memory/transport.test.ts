import { describe, expect, it } from 'vitest'
import type { TransportEvents } from '../../runtime/ports'
import { TRANSPORT_CONTRACT, type World } from '../transport.contract'
import { MemoryNetwork } from './transport'

function memoryWorld(): World {
  const network = new MemoryNetwork()
  let machines = 0
  return {
    transport: () => network.transport(`m${(machines += 1)}`),
    until: (what, condition) => {
      while (!condition()) if (!network.deliver()) return Promise.reject(new Error(`expected ${what}`))
      return Promise.resolve()
    },
    rest: () => Promise.resolve(network.run()),
  }
}

describe('the memory transport keeps the contract', () => {
  it.each(TRANSPORT_CONTRACT)('$name', (each) => each.run(memoryWorld()))
})

describe('the memory network', () => {
  function machine(network: MemoryNetwork, name: string) {
    const log: string[] = []
    const transport = network.transport(name)
    const events: TransportEvents = {
      signaling: (state) => log.push(`signaling ${state}`),
      members: (ids) => log.push(`members ${ids.join()}`),
      nearby: () => undefined,
      opened: (link, member, by) => log.push(`opened ${link} ${member} ${by}`),
      closed: (link) => log.push(`closed ${link}`),
      dialFailed: (member) => log.push(`failed ${member}`),
      received: (link, message) => log.push(`received ${link} ${message.join()}`),
      sent: (link, bytes) => log.push(`sent ${link} ${bytes}`),
    }
    transport.start(events)
    return { transport, take: () => (network.run(), log.splice(0)) }
  }

  it('breaks links and loses what is on the way when it is cut, and lets none open until it heals', () => {
    const network = new MemoryNetwork()
    const [a, b] = [machine(network, 'a'), machine(network, 'b')]
    expect(a.take()).toEqual(['signaling up', 'members b'])
    a.transport.dial('b')
    network.run()
    a.transport.send(1, Uint8Array.of(1))
    network.cut('a', 'b')
    expect(a.take()).toEqual(['opened 1 b us', 'closed 1'])
    expect(b.take()).toEqual(['signaling up', 'members a', 'opened 1 a them', 'closed 1'])
    a.transport.dial('b')
    expect(a.take()).toEqual(['failed b'])
    network.heal('a', 'b')
    a.transport.dial('b')
    expect(a.take()).toEqual(['opened 2 b us'])
  })

  it('keeps links while signaling is down, and opens none', () => {
    const network = new MemoryNetwork()
    const [a, b, c] = [machine(network, 'a'), machine(network, 'b'), machine(network, 'c')]
    a.transport.dial('b')
    network.run()
    network.setSignaling(false)
    a.transport.send(1, Uint8Array.of(7))
    a.transport.dial('c')
    expect(a.take().slice(-3)).toEqual(['signaling down', 'sent 1 1', 'failed c'])
    expect(b.take().at(-1)).toBe('received 1 7')
    network.setSignaling(true)
    expect(c.take().slice(-2)).toEqual(['signaling up', 'members a,b'])
  })
})
