/**
 * Which room is open in this tab: follows the address' fragment, one room at a time, and puts the
 * store on `window.kv` once its data on disk is loaded.
 */
import type { Kv } from '../../runtime/contract'
import { Drafts } from '../key/drafts'
import type { EndReason, Page, RoomEntry } from '../page'
import { onceAFrame } from '../frame'
import { linkElsewhere, LOBBY, typedRoomCode } from './room-code'
import { RoomView } from './room-view.svelte'

declare global {
  interface Window {
    /** The store of the room that this page shows (DESIGN 2.3). */
    kv: Kv
  }
}

export type Phase =
  | { name: 'start' } // no room in the address, and this server has no lobby
  | { name: 'opening'; room: string }
  | { name: 'open'; room: string; view: RoomView }
  | { name: 'left'; room: string }
  | { name: 'forgotten' }
  | { name: 'ended'; room: string; why: EndReason }
  | { name: 'failed'; room: string; error: unknown }

export class Session {
  phase = $state.raw<Phase>({ name: 'start' })
  rooms = $state.raw<readonly RoomEntry[]>([])
  readonly page: Page
  #opening = new AbortController()
  /** The last room's goodbye, and what is being erased: the next one may want the same replica. */
  #leaving: Promise<unknown> = Promise.resolve()

  readonly #draftsByRoom = new Map<string, Drafts>()

  constructor(page: Page) {
    this.page = page
    this.rooms = page.rooms.list()
  }

  /** Opens what the address names, now and whenever it changes; returns a function that leaves and stops. */
  start(): () => void {
    const follow = () => void this.#follow()
    const relist = onceAFrame(() => (this.rooms = this.page.rooms.list()))
    const stopRooms = this.page.rooms.subscribe(() => relist.schedule())
    window.addEventListener('hashchange', follow)
    follow()
    return () => {
      window.removeEventListener('hashchange', follow)
      stopRooms()
      relist.cancel()
      this.#close()
    }
  }

  get view(): RoomView | undefined {
    return this.phase.name === 'open' ? this.phase.view : undefined
  }

  /** What was typed in the room, also before it was left. */
  draftsOf(view: RoomView): Drafts {
    const { code } = view.kv.room
    const drafts = this.#draftsByRoom.get(code) ?? new Drafts(view)
    drafts.view = view
    this.#draftsByRoom.set(code, drafts)
    return drafts
  }

  /** In one of the rooms a value was typed and not set. */
  get isTyped(): boolean {
    return [...this.#draftsByRoom.values()].some((drafts) => drafts.isTyped)
  }

  /** Says goodbye and shows that we did; the address stays, so that `reopen` comes back. */
  async leave(): Promise<void> {
    if (this.phase.name !== 'open') return
    const { room } = this.phase
    this.#close()
    this.phase = { name: 'left', room }
    await this.#leaving
  }

  async reopen(): Promise<void> {
    await this.#follow()
  }

  /** Another room: the address changes, and we follow it. */
  go(room: string): void {
    location.hash = encodeURIComponent(room)
  }

  /** The room that somebody was told of: a code as it was heard, or a link, which may lead to another server. */
  goTyped(text: string): void {
    const elsewhere = linkElsewhere(text, location)
    if (elsewhere !== undefined) return location.assign(elsewhere)
    const code = typedRoomCode(text)
    if (code !== undefined) this.go(code)
  }

  goToNewRoom(): void {
    this.go(this.page.newRoomCode())
  }

  async forget(code: string): Promise<void> {
    const erased = this.#erase(code)
    this.#openAfter(erased)
    await erased
    this.rooms = this.page.rooms.list()
  }

  #erase(code: string): Promise<void> {
    if (this.phase.name !== 'open' || this.phase.room !== code) return this.page.rooms.forget(code)
    const { kv } = this.phase.view
    this.phase.view.close()
    this.#draftsByRoom.delete(code)
    this.phase = { name: 'forgotten' }
    history.replaceState(history.state, '', location.pathname + location.search) // loaded anew, it would be back
    return kv.forget()
  }

  async #follow(): Promise<void> {
    try {
      const room = this.page.roomFromFragment(location.hash)
      if (room === LOBBY && !this.page.server.lobby) {
        this.#close()
        this.phase = { name: 'start' }
        return
      }
      if (this.phase.name !== 'open' || this.phase.room !== room) await this.#open(room)
    } catch (error) {
      this.#close()
      this.phase = { name: 'failed', room: location.hash.slice(1), error }
    }
  }

  async #open(room: string): Promise<void> {
    this.#close()
    const opening = (this.#opening = new AbortController())
    this.phase = { name: 'opening', room }
    try {
      await this.#leaving
      const { kv, condition, ended } = await this.page.open(room, opening.signal)
      if (opening.signal.aborted) return await kv.leave()
      const view = new RoomView(kv, condition)
      window.kv = kv
      this.phase = { name: 'open', room, view }
      this.rooms = this.page.rooms.list()
      void ended.then((why) => this.#end(view, why))
    } catch (error) {
      if (!opening.signal.aborted) this.phase = { name: 'failed', room, error }
    }
  }

  /** The room ended by itself: another tab forgot it, or owns this replica now. */
  #end(view: RoomView, why: EndReason): void {
    view.close()
    if (this.phase.name === 'open' && this.phase.view === view) {
      this.phase = { name: 'ended', room: this.phase.room, why }
    }
  }

  #close(): void {
    this.#opening.abort()
    const { view } = this
    if (!view) return
    view.close()
    this.#openAfter(view.kv.leave()) // its trouble has been shown while it was open
  }

  /** However it ends. */
  #openAfter(work: Promise<void>): void {
    this.#leaving = Promise.allSettled([this.#leaving, work]).then(() => undefined)
  }
}
