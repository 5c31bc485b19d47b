import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { KvError } from '../../core/errors'
import type { ImportReport, Long } from '../../runtime/contract'
import { FakeKv } from '../fake-kv'
import type { Notice, Pane } from '../room/bench.svelte'
import { Transfer } from './transfer.svelte'

const REPORT: ImportReport = {
  added: ['a', 'b'],
  updated: [],
  removed: [],
  conflicts: [],
  unchanged: 0,
  bytes: 9,
}
const FILE = new File(['{"a":1}'], 'a.json')

let importing: { resolve: (report: ImportReport) => void; reject: (error: unknown) => void; long: Long }
let bench: { pane: Pane; notices: Notice[]; tell: (notice: Notice) => void; dismiss: () => void }
let transfer: Transfer

beforeEach(async () => {
  vi.stubGlobal('navigator', { languages: ['en'] })
  const kv = new FakeKv()
  kv.previewImport = () => Promise.resolve(REPORT)
  kv.importSnapshot = (_file?: unknown, long: Long = {}) =>
    new Promise((resolve, reject) => (importing = { resolve, reject, long }))
  bench = {
    pane: { name: 'none' },
    notices: [],
    tell: (notice) => bench.notices.push(notice),
    dismiss: () => undefined,
  }
  transfer = new Transfer(kv, bench)
  await transfer.preview(FILE)
})

afterEach(() => vi.unstubAllGlobals())

it('says what a file that people wrote loses', async () => {
  expect(transfer.stage).toMatchObject({ name: 'preview', loss: undefined })
  await transfer.preview(new File(['{"id":9007199254740993}'], 'b.json'))
  expect(transfer.stage).toMatchObject({ loss: { kind: 'rounded', stored: '9007199254740992' } })
  await transfer.preview(new File(['{"a":1,"a":2}'], 'c.json'))
  expect(transfer.stage).toMatchObject({ loss: { kind: 'repeated', field: 'a' } })
})

it('tells what was imported, and puts the preview away', async () => {
  const confirmed = transfer.confirm()
  expect(transfer.stage.name).toBe('importing')
  importing.resolve(REPORT)
  await confirmed
  expect(transfer.stage.name).toBe('idle')
  expect(bench.pane.name).toBe('none')
  expect(bench.notices).toEqual([{ text: expect.stringContaining('2') }])
})

it('cancelled in time, tells nothing', async () => {
  const confirmed = transfer.confirm()
  transfer.dismiss()
  expect(importing.long.signal?.aborted).toBe(true)
  importing.reject(new KvError('cancelled', 'cancelled: nothing has changed'))
  await confirmed
  expect(bench.notices).toEqual([])
  expect(transfer.stage.name).toBe('idle')
})

it('cancelled too late, tells what was imported all the same, and leaves what was begun since', async () => {
  const confirmed = transfer.confirm()
  transfer.dismiss()
  await transfer.preview(FILE)
  importing.resolve(REPORT)
  await confirmed
  expect(bench.notices).toEqual([{ text: expect.stringContaining('2') }])
  expect(transfer.stage.name).toBe('preview')
  expect(bench.pane.name).toBe('import')
})
