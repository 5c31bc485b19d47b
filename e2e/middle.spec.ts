/**
 * A signaling server in the middle: it answers every offer itself, makes one of its own to the other side, and carries
 * what the two channels say to and fro. Both pages have a link that works, encrypted, and to the wrong one.
 */
import type { Page } from '@playwright/test'
import { expect, inSync, kvReady, test } from './support'
import { type Deliver, type Frame, type Meddle, startRelay } from './relay'

const ROOM = 'a room with somebody in the middle'

interface Bridge {
  /** The answer to the dialler's offer, and an offer to the dialled; both with all candidates. */
  begin(id: string, offer: RTCSessionDescriptionInit): Promise<{ answer: Description; offer: Description }>
  answered(id: string, answer: RTCSessionDescriptionInit): Promise<void>
  candidate(id: string, from: 'dialler' | 'dialled', candidate: RTCIceCandidateInit): Promise<void>
  /** All that was carried, as text of one character a byte. */
  carried: string[]
}

interface Description {
  readonly type: RTCSdpType
  readonly sdp: string
}

/** Makes the page a bridge: `window.bridge`. */
async function becomeBridge(page: Page): Promise<void> {
  await page.evaluate(() => {
    interface Span {
      readonly dialler: RTCPeerConnection
      readonly dialled: RTCPeerConnection
    }
    const spanById = new Map<string, Span>()
    const carried: string[] = []

    const whole = async (connection: RTCPeerConnection): Promise<Description> => {
      await new Promise<void>((resolve) => {
        const look = () => connection.iceGatheringState === 'complete' && resolve()
        connection.addEventListener('icegatheringstatechange', look)
        look()
      })
      const { type, sdp } = connection.localDescription as RTCSessionDescription
      return { type, sdp }
    }
    const carry = (from: RTCDataChannel, to: RTCDataChannel) => {
      const waiting: ArrayBuffer[] = []
      from.binaryType = 'arraybuffer'
      from.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer>) => {
        carried.push(String.fromCharCode(...new Uint8Array(data)))
        if (to.readyState === 'open') to.send(data)
        else waiting.push(data)
      })
      to.addEventListener('open', () => waiting.splice(0).forEach((data) => to.send(data)))
      from.addEventListener('close', () => to.close())
    }
    const bridge: Bridge = {
      carried,
      async begin(id, offer) {
        const span: Span = { dialler: new RTCPeerConnection(), dialled: new RTCPeerConnection() }
        spanById.set(id, span)
        const onward = span.dialled.createDataChannel(id, { ordered: true })
        span.dialler.addEventListener('datachannel', ({ channel }) => {
          carry(channel, onward)
          carry(onward, channel)
        })
        await span.dialler.setRemoteDescription(offer)
        await span.dialler.setLocalDescription(await span.dialler.createAnswer())
        await span.dialled.setLocalDescription(await span.dialled.createOffer())
        const [answer, onwardOffer] = await Promise.all([whole(span.dialler), whole(span.dialled)])
        return { answer, offer: onwardOffer }
      },
      async answered(id, answer) {
        await spanById.get(id)?.dialled.setRemoteDescription(answer)
      },
      async candidate(id, from, candidate) {
        await spanById
          .get(id)
          ?.[from].addIceCandidate(candidate)
          .catch(() => undefined) // mine come whole
      },
    }
    Object.assign(window, { bridge })
  })
}

/** Answers each offer by the bridge, in the other's name. */
function throughBridge(page: Page): Meddle {
  const diallerById = new Map<string, string>()
  const begun = new Map<string, Promise<void>>()
  const begin = async ({ src, dst, payload }: Frame, id: string, deliver: Deliver) => {
    const made = await page.evaluate(
      ([id, offer]) => (window as unknown as { bridge: Bridge }).bridge.begin(id, offer),
      [id, payload['sdp'] as RTCSessionDescriptionInit] as const,
    )
    deliver({ type: 'OFFER', src, dst, payload: { ...payload, sdp: made.offer } })
    const answer = { sdp: made.answer, type: 'data', connectionId: id, browser: payload['browser'] }
    deliver({ type: 'ANSWER', src: dst, dst: src, payload: answer })
  }
  return async (frame, deliver) => {
    const id = String(frame.payload['connectionId'])
    if (frame.type === 'OFFER') {
      diallerById.set(id, frame.src)
      begun.set(id, begin(frame, id, deliver))
      return
    }
    await begun.get(id)
    if (frame.type === 'ANSWER')
      await page.evaluate(
        ([id, answer]) => (window as unknown as { bridge: Bridge }).bridge.answered(id, answer),
        [id, frame.payload['sdp'] as RTCSessionDescriptionInit] as const,
      )
    if (frame.type === 'CANDIDATE')
      await page.evaluate(
        ([id, from, candidate]) =>
          (window as unknown as { bridge: Bridge }).bridge.candidate(id, from, candidate),
        [
          id,
          diallerById.get(id) === frame.src ? 'dialler' : 'dialled',
          frame.payload['candidate'] as RTCIceCandidateInit,
        ] as const,
      )
  }
}

for (const isInTheMiddle of [false, true]) {
  const outcome = isInTheMiddle
    ? 'in the middle of a link is found out by both pages, which say so, and learns nothing'
    : 'that passes everything on as it is links the same two pages'
  test(`a signaling server ${outcome}`, async ({ browser, server }) => {
    const contexts = [await browser.newContext(), await browser.newContext(), await browser.newContext()]
    const bridge = await contexts[2]!.newPage()
    await bridge.goto(new URL('healthz', server.url).href)
    await becomeBridge(bridge)
    const relay = await startRelay(server.url, isInTheMiddle ? throughBridge(bridge) : undefined)
    const open = async (context: number, key: string, value: string) => {
      const page = await contexts[context]!.newPage()
      await page.goto(`${relay.url}#${encodeURIComponent(ROOM)}`)
      await kvReady(page)
      await page.evaluate(([key, value]) => window.kv.set(key, value), [key, value] as const)
      return page
    }
    const [a, b] = [await open(0, 'chave de a', 'valor de a'), await open(1, 'chave de b', 'valor de b')]

    if (isInTheMiddle) {
      for (const page of [a, b]) {
        const notice = page.getByTestId('intercepted')
        await expect(notice).toBeVisible({ timeout: 30_000 })
        await expect(notice).toContainText('Somebody sits between this tab and another one')
        await expect(notice).toContainText('That link was refused')
        expect(await page.evaluate(() => window.kv.status())).toMatchObject({ intercepted: true, linked: 0 })
        expect(await page.evaluate(() => window.kv.size)).toBe(1)
      }
      const carried = await bridge.evaluate(() => (window as unknown as { bridge: Bridge }).bridge.carried)
      expect(carried.length, 'it did carry what the pages said').toBeGreaterThanOrEqual(2)
      for (const message of carried) {
        expect(message.length, 'no more than a Hello or a Proof').toBeLessThan(100)
        expect(message).not.toMatch(/chave|valor/)
      }
    } else {
      await inSync(a, b)
      expect(await a.evaluate(() => window.kv.get('chave de b'))).toBe('valor de b')
      expect(await b.evaluate(() => window.kv.get('chave de a'))).toBe('valor de a')
      for (const page of [a, b]) await expect(page.getByTestId('intercepted')).toHaveCount(0)
    }
    await relay.stop()
    for (const context of contexts) await context.close()
  })
}
