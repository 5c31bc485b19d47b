/**
 * Watches every data channel of the tab from outside, whoever made it: when it opened, how many bytes went through,
 * and in what order frames came and went, from which the round trips follow. To be imported before all else.
 */
export interface ChannelLog {
  /** By `performance.now()`. */
  openedAt: number
  bytesOut: number
  bytesIn: number
  /** Each frame: sent or received. */
  frames: ('s' | 'r')[]
}

let log: ChannelLog = newLog()

/** Of the channel that opened last. */
export function channelLog(): ChannelLog {
  return log
}

function newLog(): ChannelLog {
  return { openedAt: 0, bytesOut: 0, bytesIn: 0, frames: [] }
}

const FRAMES_MAX = 10_000

function watch(channel: RTCDataChannel): void {
  const own = newLog()
  const note = (frame: 's' | 'r') => own.frames.length < FRAMES_MAX && own.frames.push(frame)
  const opened = () => {
    own.openedAt = performance.now()
    log = own
  }
  if (channel.readyState === 'open') opened()
  else channel.addEventListener('open', opened)
  channel.addEventListener('message', ({ data }) => {
    own.bytesIn += (data as ArrayBuffer).byteLength
    note('r')
  })
  const send = channel.send.bind(channel) as (data: ArrayBufferView<ArrayBuffer>) => void
  channel.send = (data: unknown) => {
    own.bytesOut += (data as ArrayBuffer).byteLength
    note('s')
    send(data as ArrayBufferView<ArrayBuffer>)
  }
}

globalThis.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(configuration?: RTCConfiguration) {
    super(configuration)
    this.addEventListener('datachannel', ({ channel }) => watch(channel))
  }

  override createDataChannel(label: string, init?: RTCDataChannelInit): RTCDataChannel {
    const channel = super.createDataChannel(label, init)
    watch(channel)
    return channel
  }
}
