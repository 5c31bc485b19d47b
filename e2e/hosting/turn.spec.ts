/** A real coturn, as documented, and pages that may use nothing but its relays. */
import type { Browser, Page } from '@playwright/test'
import { expect, inSync, kvReady, startServer, test } from '../support'
import { documented, environmentOf, freePorts, outsideAddress, startTurnServer } from './programs'

interface Watched {
  connections: RTCPeerConnection[]
}

async function open(browser: Browser, url: string): Promise<Page> {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.addInitScript(() => {
    const connections: RTCPeerConnection[] = []
    Object.assign(window, { connections })
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(config?: RTCConfiguration) {
        super(config)
        connections.push(this)
      }
    }
  })
  await page.goto(`${url}#a-room-over-relays`)
  await kvReady(page)
  return page
}

/** The kinds of the local candidates in use. */
function waysOf(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const { connections } = window as unknown as Watched
    const reports = await Promise.all(
      connections
        .filter(({ connectionState }) => connectionState === 'connected')
        .map((each) => each.getStats()),
    )
    return reports.flatMap((report) => {
      const stats = [...report.values()] as (RTCStats & { [name: string]: unknown })[]
      const pairs = stats.filter(
        ({ type, nominated, state }) => type === 'candidate-pair' && nominated && state === 'succeeded',
      )
      return pairs.map(({ localCandidateId }) =>
        String(stats.find(({ id }) => id === localCandidateId)?.['candidateType']),
      )
    })
  })
}

test('tabs that may only use relays converge, also with passwords that were renewed', async ({ browser }) => {
  const address = outsideAddress()
  test.skip(
    address === undefined,
    'This machine has a loopback interface only, on which browsers link no pages.',
  )
  const [port = 0] = await freePorts(1)
  const turn = await startTurnServer(
    documented('/etc/turnserver.conf', { 'listening-port=3478': `listening-port=${port}` }),
    port,
    address!,
  )
  const ttlSeconds = 6
  const command = documented('a server that gives out TURN passwords', {
    'fofoca.example:3478': `${address}:${port}`,
  })
  const server = await startServer({
    ...environmentOf(command),
    ICE_TRANSPORT_POLICY: 'relay',
    TURN_TTL_SECONDS: String(ttlSeconds),
  })
  const config = (await (await fetch(new URL('config.json', server.url))).json()) as object
  expect(config).toMatchObject({ iceTransportPolicy: 'relay', refreshSeconds: ttlSeconds / 2 })

  const [a, b] = [await open(browser, server.url), await open(browser, server.url)]
  await inSync(a, b)
  await a.evaluate(() => window.kv.set('por', 'relé'))
  await b.waitForFunction(() => window.kv.get('por') === 'relé')
  expect(await waysOf(a)).toEqual(['relay'])
  expect(await waysOf(b)).toEqual(['relay'])

  // The passwords of the first moment are void now; whoever comes is answered with newer ones.
  await new Promise((resolve) => setTimeout(resolve, (ttlSeconds + 1) * 1000))
  const c = await open(browser, server.url)
  await inSync(a, b, c)
  expect(await waysOf(c)).toEqual(['relay', 'relay'])

  await server.stop()
  await turn.stop()
})
