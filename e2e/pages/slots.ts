/** The page of `slots.spec.ts`: one slot a tab, and the contract of storage to be run here. */
import { BrowserClock } from '../../src/adapters/browser/clock'
import { BrowserRandom } from '../../src/adapters/browser/random'
import { BrowserSlots } from '../../src/adapters/browser/slots'
import { IndexedDbStorage } from '../../src/adapters/indexeddb/storage'
import { STORAGE_CONTRACT } from '../../src/adapters/storage.contract'
import { type Slot, StorageError } from '../../src/runtime/ports'
import { stateOf } from '../../src/adapters/stored.fixtures'

const ROOM = 'slots'
const [clock, random] = [new BrowserClock(), new BrowserRandom()]
const slots = new BrowserSlots(clock, random)

class Tab {
  slot!: Slot
  openedMs = 0
  freed = 0
  lost: string[] = []

  async open(): Promise<void> {
    const before = performance.now()
    this.slot = await slots.open(ROOM)
    this.openedMs = performance.now() - before
    this.slot.onOtherFree(() => (this.freed += 1))
    this.slot.onLost((why) => {
      this.lost.push(why)
      void this.slot.release()
    })
  }

  /** Resolves with what became of it: `done`, or the error's reason. */
  async append(byte: number): Promise<string> {
    try {
      const number = ((await this.slot.storage?.lastNumber()) ?? 0) + 1
      await this.slot.storage?.append(number, [Uint8Array.of(byte)], 'strict')
      return 'done'
    } catch (error) {
      return error instanceof StorageError ? error.reason : String(error)
    }
  }

  /** The bytes of its log. */
  async log(): Promise<number[]> {
    const { storage } = this.slot
    const { log } = storage ? await stateOf(storage) : { log: [] }
    return log.flatMap(({ record }) => [...record])
  }

  /** The bytes of the logs of those that nobody owns. */
  async others(): Promise<number[][]> {
    const others = await this.slot.others()
    const states = await Promise.all(others.map(stateOf))
    return states.map(({ log }) => log.flatMap(({ record }) => [...record]))
  }
}

async function runContract(name: string): Promise<void> {
  const found = STORAGE_CONTRACT.find((each) => each.name === name)
  if (!found) throw new Error(`no case ${name}`)
  const database = `contract ${name}`
  let openings = 0
  await found.run({
    open: () =>
      IndexedDbStorage.open({
        factory: indexedDB,
        name: database,
        nodeId: 'node',
        epoch: `epoch ${(openings += 1)}`,
        now: () => clock.now(),
        onFenced: () => undefined,
      }),
  })
}

const shelf = { tab: new Tab(), runContract }

declare global {
  interface Window {
    shelf: typeof shelf
  }
}
window.shelf = shelf
