/** What was typed into the console and what came of it. */
import { i18n } from '../i18n/i18n.svelte'
import type { Bench } from '../room/bench.svelte'
import { statusWords } from '../room/status-words'
import { pickFile } from '../transfer/files'
import type { Context, Line } from './command'
import { complete } from './complete'
import { History } from './history'
import { runLine } from './run'

interface Entry {
  id: number
  /** Absent where the console speaks unasked. */
  command: string | undefined
  lines: readonly Line[]
}

const ENTRIES_MAX = 300

export class ConsoleLog {
  entries = $state.raw<readonly Entry[]>([])
  readonly history = new History()
  readonly #bench: Bench
  readonly #nodeName: (nodeId: string) => string
  #nextId = 0

  constructor(bench: Bench, nodeName: (nodeId: string) => string) {
    this.#bench = bench
    this.#nodeName = nodeName
  }

  /** The command shows at once, its answer in its place when it is there. */
  async run(line: string): Promise<void> {
    if (line.trim() === '') return
    this.history.add(line)
    const id = this.#add({ command: line, lines: [] })
    const lines = await runLine(line, this.#context())
    this.#bench.view.catchUp()
    this.entries = this.entries.map((entry) => (entry.id === id ? { ...entry, lines } : entry))
  }

  complete(line: string): string {
    const { line: completed, candidates } = complete(line, (prefix, removed) => this.#keys(prefix, removed))
    if (candidates.length > 0) {
      this.#add({ command: undefined, lines: [[{ text: candidates.join('  '), tone: 'dim' }]] })
    }
    return completed
  }

  #keys(prefix: string, removed: boolean): readonly string[] {
    const { kv } = this.#bench.view
    if (!removed) return kv.keys({ prefix })
    const keys = kv.removed().map(({ key }) => key)
    return keys.filter((key) => key.startsWith(prefix)).sort()
  }

  #add(entry: Omit<Entry, 'id'>): number {
    const id = this.#nextId++
    this.entries = [...this.entries, { id, ...entry }].slice(-ENTRIES_MAX)
    return id
  }

  #context(): Context {
    const { session, view, transfer } = this.#bench
    return {
      kv: view.kv,
      t: i18n.t,
      nodeName: this.#nodeName,
      page: {
        exportFile: () => void transfer.export(),
        importFile: () => void pickFile().then((file) => file && transfer.preview(file)),
        leave: () => void session.leave(),
        newRoom: () => session.goToNewRoom(),
        goToRoom: (code) => session.goTyped(code),
        rooms: () => session.rooms,
        forget: (code) => session.forget(code),
        clear: () => (this.entries = []),
        age: (milliseconds) => i18n.age(milliseconds, Date.now()),
        statusWords: () => {
          const { saved, shared } = statusWords(view.kv.status(), view.kv.peers(), i18n.t)
          return `${saved} · ${shared}`
        },
      },
    }
  }
}
