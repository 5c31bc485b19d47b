/** What one tab's clock is ahead of another's: each has its own origin, known only roughly. */
const ROUNDS = 40

/** Answers the other tab with this one's time. */
export function serveTime(channelName: string): void {
  const channel = new BroadcastChannel(channelName)
  channel.addEventListener('message', ({ data }) => {
    if (data === 'time?') post(channel, performance.now())
  })
}

/** Milliseconds to subtract from the other tab's time to get this one's: of many questions, the one answered fastest. */
export async function clockOffset(channelName: string): Promise<number> {
  const channel = new BroadcastChannel(channelName)
  let best = { roundTrip: Number.POSITIVE_INFINITY, offset: 0 }
  for (let round = 0; round < ROUNDS; round += 1) {
    const asked = performance.now()
    const theirs = await new Promise<number>((resolve) => {
      channel.addEventListener('message', ({ data }) => resolve(data as number), { once: true })
      post(channel, 'time?')
    })
    const roundTrip = performance.now() - asked
    if (roundTrip < best.roundTrip) best = { roundTrip, offset: theirs - (asked + roundTrip / 2) }
  }
  channel.close()
  return best.offset
}

export function post(channel: BroadcastChannel, data: unknown): void {
  channel.postMessage(data) // oxlint-disable-line unicorn/require-post-message-target-origin -- not a window
}
