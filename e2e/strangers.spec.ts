/** Those who know a room's id, as the server does, and not its code: they keep nobody out, and learn nothing. */
import { type BrowserContext, type Page } from '@playwright/test'
import type { WebSocket as Socket } from 'ws'
import { memberKey, roomId } from '../src/adapters/browser/room'
import { mintMemberId } from '../src/adapters/peerjs/member-id'
import { LINKS_WANTED, UNPROVEN_LINKS_MAX } from '../src/core/limits'
import { randomBytes } from 'node:crypto'
import { joinServer } from './member'
import { openStranger } from './stranger'
import { expect, inSync, test } from './support'

const ROOM = 'a room with strangers before its door'
const random = { bytes: (count: number) => Uint8Array.from(randomBytes(count)) }

/** An SDP of a browser that nobody is behind: what it opens stays half open. */
const NOBODY = [
  'v=0',
  'o=- 1 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'c=IN IP4 0.0.0.0',
  'a=ice-ufrag:nobody',
  'a=ice-pwd:nobodynobodynobodynobody',
  `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => 'AB').join(':')}`,
  'a=setup:actpass',
  'a=mid:0',
  'a=sctp-port:5000',
  'a=max-message-size:262144',
  '',
].join('\r\n')

/** Joins the room at the server; resolves once it is listed. */
const join = (url: string, id: string) => joinServer(url, { room: roomId(ROOM), id })

function offer(socket: Socket, dst: string, connectionId: string): void {
  const payload = {
    sdp: { type: 'offer', sdp: NOBODY },
    type: 'data',
    connectionId,
    label: connectionId,
    reliable: true,
    serialization: 'raw',
  }
  socket.send(JSON.stringify({ type: 'OFFER', dst, payload }))
}

/** Counts the page's connections, those made and those not yet closed. */
async function countConnections(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const connections: RTCPeerConnection[] = []
    const Original = RTCPeerConnection
    window.RTCPeerConnection = class extends Original {
      constructor(configuration?: RTCConfiguration) {
        super(configuration)
        connections.push(this)
      }
    }
    Object.assign(window, { connections })
  })
}

function connections(page: Page): Promise<{ made: number; open: number }> {
  return page.evaluate(() => {
    const { connections } = window as unknown as { connections: RTCPeerConnection[] }
    return {
      made: connections.length,
      open: connections.filter(({ connectionState }) => connectionState !== 'closed').length,
    }
  })
}

async function listed(url: string): Promise<string[]> {
  const response = await fetch(new URL(`${roomId(ROOM)}/peers`, url))
  return (await response.json()) as string[]
}

/** Who is in the room, as soon as anybody is: a page has its store before it has joined. */
async function onlyMember(url: string): Promise<string> {
  await expect.poll(() => listed(url)).toHaveLength(1)
  const [member = ''] = await listed(url)
  return member
}

test('900 joins and 1,800 offers of those who don’t know the code open nothing, and a newcomer gets in', async ({
  context,
  openTab,
  server,
}) => {
  await countConnections(context)
  let offers = 0
  context.on('page', (page) =>
    page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => {
        if (String(payload).includes('"OFFER"')) offers += 1
      }),
    ),
  )
  const first = await openTab(context, ROOM)
  const victim = await onlyMember(server.url)
  const { made } = await connections(first) // PeerJS makes one to see what the browser can do
  const strangers = await Promise.all(
    Array.from({ length: 900 }, () => join(server.url, Buffer.from(random.bytes(16)).toString('hex'))),
  )
  const heard: unknown[] = []
  for (const stranger of strangers) stranger.on('message', (message) => heard.push(message))
  for (const [number, stranger] of strangers.entries())
    for (const each of ['a', 'b']) offer(stranger, victim, `${number}${each}`)
  await expect.poll(() => offers).toBe(1_800)
  await first.evaluate(() => window.kv.set('chave', 'valor'))
  expect((await connections(first)).made).toBe(made)
  const newcomer = await openTab(context, ROOM)
  await inSync(first, newcomer)
  expect(await newcomer.evaluate(() => window.kv.get('chave'))).toBe('valor')
  expect((await listed(server.url)).length).toBe(902)
  expect(heard, 'neither answered a stranger nor called one').toEqual([])
  for (const stranger of strangers) stranger.terminate()
})

test('half-open links of those who have a member’s name are bounded, and a newcomer gets in', async ({
  context,
  openTab,
  server,
}) => {
  await countConnections(context)
  const first = await openTab(context, ROOM)
  const victim = await onlyMember(server.url)
  const key = memberKey(ROOM)
  const members = await Promise.all(
    Array.from({ length: UNPROVEN_LINKS_MAX + 8 }, () => join(server.url, mintMemberId(key, random))),
  )
  for (const [number, member] of members.entries())
    for (const each of ['a', 'b', 'c']) offer(member, victim, `${number}${each}`)
  await expect.poll(async () => (await connections(first)).open).toBeGreaterThanOrEqual(UNPROVEN_LINKS_MAX)
  expect((await connections(first)).open).toBeLessThanOrEqual(UNPROVEN_LINKS_MAX + LINKS_WANTED)
  for (const member of members) member.terminate()
  await expect.poll(() => listed(server.url)).toEqual([victim])

  // Its dial finds no room, and the other's does.
  const newcomer = await openTab(context, ROOM)
  await first.evaluate(() => window.kv.set('chave', 'valor'))
  await newcomer.waitForFunction(() => window.kv.get('chave') === 'valor')
})

test('a proof with another code, of another room, taken before or thrown back is none, on a real link', async ({
  context,
  openTab,
  server,
}) => {
  const other = `${ROOM}, and another`
  const [first] = [await openTab(context, ROOM), await openTab(context, other)]
  await first.evaluate(() => window.kv.set('chave', 'valor'))
  const warnings: string[] = []
  first.on('console', (message) => warnings.push(message.text()))
  const stranger = await openStranger(context, server.url)
  const [member = ''] = await stranger.evaluate((room) => window.stranger.members(room), ROOM)
  const prove = (how: string) =>
    stranger.evaluate(([room, member, how, other]) => window.stranger.prove(room, member, how, other), [
      ROOM,
      member,
      how,
      other,
    ] as const)
  expect(await prove('with the code'), 'a right proof lets in').toEqual(['hello', 'proof', 'intro'])
  const linked = await first.evaluate(() => window.kv.peers().length)
  const forgeries = await stranger.evaluate(() => window.stranger.forgeries)
  expect(forgeries).toHaveLength(4)
  for (const how of forgeries) {
    warnings.length = 0
    expect(await prove(how), how).toEqual(['hello', 'proof'])
    expect(warnings, how).toEqual(['fofoca: somebody who does not know the code of the room was refused'])
  }
  expect(await first.evaluate(() => window.kv.peers().length)).toBe(linked)
})
