/**
 * Who is connected now, by room, and the way from one member to another. It knows no sockets and no time, and keeps
 * nothing else: no queue for the absent, no memory of the gone. So it may vanish and start empty at any time, and the
 * room is a wall by construction: a session can only name ids of its own room.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { ClientFrame, Hello, RelayedFrame, ServerFrame } from './protocol'

/** The way to one member. Both may be called after it closed, and do nothing then. */
export interface Outlet {
  send(frame: ServerFrame): void
  /** Another socket speaks for this id now, or the member said goodbye. */
  end(): void
}

export interface Session {
  receive(frame: ClientFrame): void
  /** The socket is gone. Idempotent; never removes a successor. */
  leave(): void
}

interface Member {
  /** SHA-256 of it: of one length, so that comparing takes the same time whatever somebody tries. */
  readonly token: Buffer
  readonly outlet: Outlet
}

export class Broker {
  readonly #memberByIdByRoom = new Map<string, Map<string, Member>>()

  get rooms(): number {
    return this.#memberByIdByRoom.size
  }

  /** The ids in a room, in the order in which they came. */
  ids(room: string): string[] {
    return [...(this.#memberByIdByRoom.get(room)?.keys() ?? [])]
  }

  /**
   * Lists the member and tells it OPEN. The same id with the same token takes over from its older socket, which may be
   * half open for a minute yet; with another token it is somebody else, and told ID-TAKEN: undefined then.
   */
  join({ room, id, token }: Hello, outlet: Outlet): Session | undefined {
    const former = this.#memberByIdByRoom.get(room)?.get(id)
    const tokenHash = createHash('sha256').update(token).digest()
    if (former && !timingSafeEqual(former.token, tokenHash)) {
      outlet.send({ type: 'ID-TAKEN', payload: { msg: 'ID is taken' } })
      return undefined
    }
    const member = { token: tokenHash, outlet }
    this.#put(room, id, member)
    former?.outlet.end()
    outlet.send({ type: 'OPEN' })
    const leave = () => this.#remove(room, id, member)
    return {
      leave,
      receive: (frame) => {
        if (this.#memberByIdByRoom.get(room)?.get(id) !== member) return // it left, or was taken over
        if (frame.type === 'HEARTBEAT') return
        if (frame.dst === undefined) {
          leave()
          outlet.end()
        } else {
          this.#relay(room, id, frame)
        }
      },
    }
  }

  /**
   * Passes the frame on. Of the absent the sender hears at once (EXPIRE, which PeerJS reports as `peer-unavailable`);
   * a candidate follows an offer or answer that was answered so already, and a goodbye wants no answer.
   */
  #relay(room: string, src: string, { type, dst, payload }: RelayedFrame): void {
    const members = this.#memberByIdByRoom.get(room)
    const to = members?.get(dst)
    if (to) to.outlet.send({ type, src, dst, payload })
    else if (type === 'OFFER' || type === 'ANSWER')
      members?.get(src)?.outlet.send({ type: 'EXPIRE', src: dst, dst: src })
  }

  #put(room: string, id: string, member: Member): void {
    const members = this.#memberByIdByRoom.get(room) ?? new Map<string, Member>()
    this.#memberByIdByRoom.set(room, members.set(id, member))
  }

  #remove(room: string, id: string, member: Member): void {
    const members = this.#memberByIdByRoom.get(room)
    if (members?.get(id) !== member) return
    members.delete(id)
    if (members.size === 0) this.#memberByIdByRoom.delete(room)
  }
}
