/** What tabs of one browser say to each other to be linked without a network. */
import type { MemberId } from '../../runtime/ports'

/** On the channel that all tabs of a room listen to. */
export type RoomMessage =
  /** The sender is here; on Here: answer `here` to it if it asks. Without `to` it speaks to all. */
  | { readonly type: 'here'; readonly from: MemberId; readonly to?: MemberId; readonly asks: boolean }
  | { readonly type: 'gone'; readonly from: MemberId }
  /** On Dial, if it is to us: listen to the channel `link` and say `open` there. */
  | { readonly type: 'dial'; readonly from: MemberId; readonly to: MemberId; readonly link: string }

/** On the channel of one link. It begins with an `open` of the dialled tab, which the dialler answers with its own. */
export type LinkMessage =
  | { readonly type: 'open' }
  | { readonly type: 'message'; readonly bytes: Uint8Array }
  /** So many bytes of messages have been taken; more may come. */
  | { readonly type: 'taken'; readonly bytes: number }
  | { readonly type: 'close' }

/** A `BroadcastChannel` with a form to its messages. */
export class Channel<Message> {
  readonly #channel: BroadcastChannel

  constructor(open: (name: string) => BroadcastChannel, name: string, listener: (message: Message) => void) {
    this.#channel = open(name)
    this.#channel.addEventListener('message', ({ data }: MessageEvent<Message>) => listener(data))
  }

  /** To all others that listen to the name, not to this one. */
  post(message: Message): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a BroadcastChannel knows no other
    this.#channel.postMessage(message)
  }

  /** What was posted still arrives. */
  close(): void {
    this.#channel.close()
  }
}
