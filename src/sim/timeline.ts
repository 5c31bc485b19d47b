/**
 * Virtual time: what is to happen, in order of its instant and, within one, of its being planned. Between two
 * instants all promises settle, as they do between two tasks of a browser, so that what waits is the same every time.
 */
interface Planned {
  readonly at: number
  readonly order: number
  readonly action: () => void
}

export class Timeline {
  /** Milliseconds since the world began. */
  now = 0
  private planned = 0
  private readonly heap: Planned[] = []

  after(delayMs: number, action: () => void): void {
    this.at(this.now + delayMs, action)
  }

  at(at: number, action: () => void): void {
    const { heap } = this
    const item: Planned = { at: Math.max(at, this.now), order: this.planned++, action }
    let place = heap.push(item) - 1
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (before(heap[parent] as Planned, item)) break
      heap[place] = heap[parent] as Planned
      place = parent
    }
    heap[place] = item
  }

  /** Lets happen what is planned up to `until`, and what that plans in its turn. */
  run(until: number): void {
    for (let next = this.heap[0]; next !== undefined && next.at <= until; next = this.heap[0]) {
      this.takeFirst()
      this.now = next.at
      next.action()
    }
    this.now = until
  }

  /** Like `run`, for worlds with promises in them. Ends early once `stop` says so. */
  async runSettled(until: number, stop: () => boolean): Promise<void> {
    for (let next = this.heap[0]; next !== undefined && next.at <= until; next = this.heap[0]) {
      this.takeFirst()
      this.now = next.at
      next.action()
      await settled()
      if (stop()) return
    }
    this.now = until
  }

  private takeFirst(): void {
    const { heap } = this
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let place = 0
    for (;;) {
      let child = 2 * place + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(heap[child + 1] as Planned, heap[child] as Planned)) child++
      if (before(last, heap[child] as Planned)) break
      heap[place] = heap[child] as Planned
      place = child
    }
    heap[place] = last
  }
}

/**
 * Every promise that can settle without an event from outside has settled: Node takes what is to happen at the next
 * tick once no microtask is left, and needs no turn of its event loop for it.
 */
function settled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve))
}

function before(a: Planned, b: Planned): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
