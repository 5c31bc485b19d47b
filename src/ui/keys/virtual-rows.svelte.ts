/** The rows in sight of a list of any length, all of one height (TanStack Virtual, as runes). */
import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type VirtualItem,
  type VirtualizerOptions,
} from '@tanstack/virtual-core'

export class VirtualRows {
  items = $state.raw<readonly VirtualItem[]>([])
  heightPx = $state(0)
  readonly #virtualizer: Virtualizer<HTMLElement, HTMLElement>
  #scroller: HTMLElement | null = null

  constructor(rowHeightPx: number) {
    this.#virtualizer = new Virtualizer(this.#options(0, rowHeightPx))
  }

  /** For `{@attach}` on the element that scrolls. */
  readonly attach = (scroller: HTMLElement): (() => void) => {
    this.#scroller = scroller
    const stop = this.#virtualizer._didMount()
    this.#virtualizer._willUpdate()
    this.#read()
    return () => {
      stop()
      this.#scroller = null
    }
  }

  setCount(count: number): void {
    this.#virtualizer.setOptions({ ...this.#virtualizer.options, count })
    this.#virtualizer._willUpdate()
    this.#read()
  }

  show(index: number): void {
    this.#virtualizer.scrollToIndex(index, { align: 'auto' })
  }

  #options(count: number, rowHeightPx: number): VirtualizerOptions<HTMLElement, HTMLElement> {
    return {
      count,
      getScrollElement: () => this.#scroller,
      estimateSize: () => rowHeightPx,
      overscan: 8,
      scrollToFn: elementScroll,
      observeElementRect,
      observeElementOffset,
      onChange: () => this.#read(),
    }
  }

  #read(): void {
    this.items = this.#virtualizer.getVirtualItems()
    this.heightPx = this.#virtualizer.getTotalSize()
  }
}
