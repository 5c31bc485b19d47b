/**
 * Says who may come in and how much it may send: the limits of the server, of an address, of a room and of a socket,
 * kept in one place. It knows addresses and rooms only as names, and the time as it is told.
 */
import { Accounts, type Account } from './accounts'
import { Bucket } from './bucket'
import { ACCOUNTS_MAX, type Limits } from './limits'

/** Which share is used up, in words for the log and for the developer on the other side: "joins of the address". */
export type Refusal = `${'connections' | 'sockets' | 'joins' | 'frames' | 'bytes' | 'requests'} of the ${
  'server' | 'address' | 'room' | 'socket'}`

/** A frame is too many. */
export interface Overuse {
  readonly why: Refusal
  /** Of what this socket may send it has used up more than half: where a share is used up, it is not by the others alone. */
  readonly isOwn: boolean
}

/** One socket's place. */
export interface Place {
  /** Before each frame is looked at. */
  frame(bytes: number): Overuse | undefined
  /** The socket is gone. Idempotent. */
  release(): void
}

export class Gate {
  readonly #limits: Limits
  readonly #nowMs: () => number
  readonly #addresses: Accounts
  readonly #rooms: Accounts
  #sockets = 0

  constructor(limits: Limits, nowMs: () => number) {
    this.#limits = limits
    this.#nowMs = nowMs
    const max = Math.max(ACCOUNTS_MAX, limits.socketsMax + limits.connectionsMax + 1)
    this.#addresses = new Accounts(limits.address, max)
    this.#rooms = new Accounts(limits.room, max)
  }

  get sockets(): number {
    return this.#sockets
  }

  /** A new TCP connection. Returns what to call, once, when it is gone. */
  connect(address: string): (() => void) | Refusal {
    const account = this.#addresses.of(address, this.#nowMs())
    if (account.connections >= this.#limits.address.connectionsMax) return 'connections of the address'
    account.connections += 1
    return () => {
      account.connections -= 1
    }
  }

  /** Any plain request. */
  request(address: string): Refusal | undefined {
    const now = this.#nowMs()
    return this.#addresses.of(address, now).take('requests', 1, now) ? undefined : 'requests of the address'
  }

  /** One for a room's list. */
  list(room: string): Refusal | undefined {
    const now = this.#nowMs()
    return this.#rooms.of(room, now).take('requests', 1, now) ? undefined : 'requests of the room'
  }

  /** A new socket; without `room`, where its hello makes no sense: it is told so, and that counts too. */
  enter(addressName: string, roomName: string | undefined): Place | Refusal {
    const now = this.#nowMs()
    const address = this.#addresses.of(addressName, now)
    if (!address.take('joins', 1, now)) return 'joins of the address'
    if (!address.hasRoomForSocket) return 'sockets of the address'
    if (this.#sockets >= this.#limits.socketsMax) return 'sockets of the server'
    if (roomName === undefined) return this.#place([['address', address]], now)
    const room = this.#rooms.of(roomName, now)
    if (!room.hasRoomForSocket) return 'sockets of the room'
    if (!room.take('joins', 1, now)) return 'joins of the room'
    return this.#place(
      [
        ['address', address],
        ['room', room],
      ],
      now,
    )
  }

  /** Forgets who has not used anything lately. */
  sweep(): void {
    this.#addresses.sweep(this.#nowMs())
    this.#rooms.sweep(this.#nowMs())
  }

  #place(shares: readonly (readonly ['address' | 'room', Account])[], now: number): Place {
    const frames = new Bucket(this.#limits.socket.frames, now)
    const bytes = new Bucket(this.#limits.socket.bytes, now)
    this.#sockets += 1
    for (const [, account] of shares) account.sockets += 1
    let released = false
    return {
      frame: (size) => {
        const now = this.#nowMs()
        if (!frames.take(1, now)) return { why: 'frames of the socket', isOwn: true }
        if (!bytes.take(size, now)) return { why: 'bytes of the socket', isOwn: true }
        const isOwn = !frames.isHalfFull || !bytes.isHalfFull
        for (const [name, account] of shares) {
          if (!account.take('frames', 1, now)) return { why: `frames of the ${name}`, isOwn }
          if (!account.take('bytes', size, now)) return { why: `bytes of the ${name}`, isOwn }
        }
        return undefined
      },
      release: () => {
        if (released) return
        released = true
        this.#sockets -= 1
        for (const [, account] of shares) account.sockets -= 1
      },
    }
  }
}
