/** What is on the workbench of one room: the key in hand, the filter, the last notice. Lives as long as the room is open. */
import type { Json, MergePolicy } from '../../runtime/contract'
import type { Drafts } from '../key/drafts'
import { Transfer } from '../transfer/transfer.svelte'
import type { RoomView } from './room-view.svelte'
import type { Session } from './session.svelte'

export type Pane =
  { name: 'none' } | { name: 'key'; key: string } | { name: 'new' } | { name: 'import' } | { name: 'removed' }

export interface Notice {
  text: string
  undo?: () => void
}

const NOTICE_MS = 8_000

export class Bench {
  readonly session: Session
  readonly view: RoomView
  readonly transfer: Transfer
  pane = $state.raw<Pane>({ name: 'none' })
  filter = $state('')
  conflictsOnly = $state(false)
  notice = $state.raw<Notice>()
  /** What a button far from any form could not do. */
  trouble = $state.raw<unknown>()
  readonly drafts: Drafts
  #noticeTimer: ReturnType<typeof setTimeout> | undefined

  constructor(session: Session, view: RoomView) {
    this.session = session
    this.view = view
    this.drafts = session.draftsOf(view)
    this.transfer = new Transfer(view.kv, this)
  }

  get chosen(): string | undefined {
    return this.pane.name === 'key' ? this.pane.key : undefined
  }

  choose(key: string): void {
    this.pane = { name: 'key', key }
  }

  /** Something goes with the tab: a value that is typed and not set, or writes that are on no disk. */
  get isAtStake(): boolean {
    const { storage, unsaved, linked } = this.view.status
    if (this.session.isTyped) return true
    if (storage === 'memory') return linked === 0 && this.view.keys.length > 0
    return storage === 'failing' && unsaved > 0
  }

  create(key = ''): void {
    this.drafts.newKey.begin(key)
    this.pane = { name: 'new' }
  }

  /** What others removed. */
  lookAtRemoved(): void {
    this.view.wipe = []
    this.pane = { name: 'removed' }
  }

  putAway(): void {
    this.pane = { name: 'none' }
  }

  /** Visible at once; the promise is the disk's answer. */
  async set(key: string, value: Json, merge: MergePolicy): Promise<void> {
    const durable = this.view.kv.set(key, value, { merge })
    this.view.catchUp()
    await durable
  }

  /** Deletes at once, and offers to put back what was shown. */
  async delete(key: string, words: string): Promise<void> {
    const before = this.view.kv.inspect(key)
    if (!before) return
    const merge = before.versions[0]?.merge ?? 'auto'
    const durable = this.view.kv.delete(key)
    this.view.catchUp()
    this.drafts.drop(key)
    if (this.chosen === key) this.putAway()
    const undo = () => {
      this.attempt(this.set(key, before.value, merge))
      this.choose(key)
    }
    this.tell({ text: words, undo })
    await durable
  }

  /** Puts back what others removed, all of it or these keys; `words` say how many came back. */
  async restore(keys: readonly string[] | undefined, words: (count: number) => string): Promise<void> {
    const durable = this.view.kv.restore(keys)
    this.view.catchUp()
    this.tell({ text: words((await durable).length) })
  }

  /** Work whose failure has no better place to be shown. */
  attempt(work: Promise<unknown>): void {
    this.trouble = undefined
    work.catch((error: unknown) => (this.trouble = error))
  }

  tell(notice: Notice): void {
    clearTimeout(this.#noticeTimer)
    this.notice = notice
    this.#noticeTimer = setTimeout(() => this.dismiss(), NOTICE_MS)
  }

  dismiss(): void {
    clearTimeout(this.#noticeTimer)
    this.notice = undefined
    this.trouble = undefined
  }

  close(): void {
    this.dismiss()
    this.transfer.cancel()
  }
}
