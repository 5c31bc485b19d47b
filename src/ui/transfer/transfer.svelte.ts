/** Files out and in: long work that shows how far it is and can be cancelled; an import is previewed before it is done. */
import type { ImportReport, Kv, Long } from '../../runtime/contract'
import { isCancelled } from '../errors'
import { i18n } from '../i18n/i18n.svelte'
import type { Bench, Pane } from '../room/bench.svelte'
import { escaped } from '../values/hidden'
import { type Loss, lossOf } from '../values/json-loss'
import { saveFile } from './files'

/** A file that people wrote is no larger, and looking through it takes no longer than a frame or two. */
const LOOKED_THROUGH_BYTES_MAX = 1_048_576

export type Stage =
  | { name: 'idle' }
  | { name: 'exporting' | 'reading' | 'importing'; done: number; total: number }
  | { name: 'preview'; file: File; report: ImportReport; loss: Loss | undefined }
  | { name: 'failed'; error: unknown }

export class Transfer {
  stage = $state.raw<Stage>({ name: 'idle' })
  readonly #kv: Kv
  readonly #bench: Pick<Bench, 'tell' | 'dismiss' | 'pane'>
  #work = new AbortController()
  /** Where it goes on when the import is through. */
  #before: Pane = { name: 'none' }

  constructor(kv: Kv, bench: Pick<Bench, 'tell' | 'dismiss' | 'pane'>) {
    this.#kv = kv
    this.#bench = bench
  }

  async export(): Promise<void> {
    const snapshot = await this.#long('exporting', (long) => this.#kv.exportSnapshot(long))
    if (!snapshot) return
    this.stage = { name: 'idle' }
    const day = new Date().toISOString().slice(0, 10)
    const name = `fofoca-${day}.json`
    saveFile(name, new Blob([escaped(JSON.stringify(snapshot))], { type: 'application/json' }))
    this.#bench.tell({ text: i18n.t.exported(name) })
  }

  async preview(file: File): Promise<void> {
    this.#bench.dismiss() // of an import before
    this.#show()
    const found = await this.#long('reading', async (long) => {
      const report = await this.#kv.previewImport(file, long)
      return { report, loss: file.size > LOOKED_THROUGH_BYTES_MAX ? undefined : lossOf(await file.text()) }
    })
    if (found) this.stage = { name: 'preview', file, ...found }
  }

  async confirm(): Promise<void> {
    if (this.stage.name !== 'preview') return
    const { file } = this.stage
    let imported: ImportReport | undefined
    const report = await this.#long('importing', async (long) => {
      imported = await this.#kv.importSnapshot(file, long)
      return imported
    })
    if (report) this.dismiss()
    if (imported) this.#tellImported(imported) // also when it was cancelled too late
  }

  #tellImported(report: ImportReport): void {
    const changed = new Set([...report.added, ...report.updated, ...report.removed, ...report.conflicts])
    this.#bench.tell({ text: i18n.t.imported(changed.size) })
  }

  /** Stops what is running. Nothing has changed then, unless an import was through already, which it tells in the end. */
  cancel(): void {
    this.#work.abort()
    this.stage = { name: 'idle' }
  }

  dismiss(): void {
    this.cancel()
    if (this.#bench.pane.name === 'import') this.#bench.pane = this.#before
  }

  #show(): void {
    if (this.#bench.pane.name !== 'import') this.#before = this.#bench.pane
    this.#bench.pane = { name: 'import' }
  }

  /** Undefined if it was cancelled or failed; a failure is shown. */
  async #long<Result>(
    name: 'exporting' | 'reading' | 'importing',
    run: (long: Long) => Promise<Result>,
  ): Promise<Result | undefined> {
    this.#work.abort()
    const work = (this.#work = new AbortController())
    this.stage = { name, done: 0, total: 0 }
    const onProgress = (done: number, total: number) => {
      if (!work.signal.aborted) this.stage = { name, done, total }
    }
    try {
      const result = await run({ signal: work.signal, onProgress })
      return work.signal.aborted ? undefined : result
    } catch (error) {
      if (work.signal.aborted || isCancelled(error)) return undefined
      this.stage = { name: 'failed', error }
      this.#show()
      return undefined
    }
  }
}
