/** A real coturn, as documented, and pages that may use nothing but its relays. */
import type { Browser, Page } from '@playwright/test'
import { iceConfig, type IceServer } from '../../signaling/ice'
import { expect, inSync, kvReady, outsideAddress, startServer, test } from '../support'
import { documented, environmentOf, freePorts, startTurnServer } from './programs'

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
  const [port = 0] = await freePorts(1)
  const turn = await startTurnServer(
    documented('/etc/turnserver.conf', { 'listening-port=3478': `listening-port=${port}` }),
    port,
    address,
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

/** What a page is given by these servers, once it has asked them all: kinds of candidates, and codes of errors. */
function gathered(
  page: Page,
  iceServers: readonly IceServer[],
): Promise<{ kinds: string[]; errors: number[] }> {
  return page.evaluate(
    (iceServers) =>
      new Promise<{ kinds: string[]; errors: number[] }>((resolve) => {
        const found = { kinds: new Set<string>(), errors: new Set<number>() }
        const connection = new RTCPeerConnection({ iceServers, iceTransportPolicy: 'relay' })
        connection.addEventListener('icecandidateerror', ({ errorCode }) => found.errors.add(errorCode))
        connection.addEventListener('icecandidate', ({ candidate }) => {
          if (candidate?.type) found.kinds.add(candidate.type)
        })
        connection.addEventListener('icegatheringstatechange', () => {
          if (connection.iceGatheringState !== 'complete') return
          connection.close()
          resolve({ kinds: [...found.kinds], errors: [...found.errors] })
        })
        connection.createDataChannel('asks')
        void connection.createOffer().then((offer) => connection.setLocalDescription(offer))
      }),
    iceServers as RTCIceServer[],
  )
}

test('a password that has expired, or that was made with another secret, is given no relay', async ({
  page,
  server,
}) => {
  const address = outsideAddress()
  const [port = 0] = await freePorts(1)
  const turn = await startTurnServer(
    documented('/etc/turnserver.conf', { 'listening-port=3478': `listening-port=${port}` }),
    port,
    address,
  )
  const { TURN_SECRET: secret = '' } = environmentOf(documented('a server that gives out TURN passwords', {}))
  const ttlSeconds = 60
  const servers = (of: string, madeMs: number) =>
    iceConfig({ servers: [], turn: { urls: [`turn:${address}:${port}`], secret: of, ttlSeconds } }, madeMs)
      .iceServers
  await page.goto(server.url)
  const now = Date.now()
  expect(await gathered(page, servers(secret, now))).toEqual({ kinds: ['relay'], errors: [] })
  for (const refused of [servers(secret, now - 2_000 * ttlSeconds), servers(`another ${secret}`, now)])
    expect(await gathered(page, refused)).toEqual({ kinds: [], errors: [401] })
  await turn.stop()
})
