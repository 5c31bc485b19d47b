/**
 * The rows in sight of a list of any length, all of one height. Ours, since libraries measure every row: with all of
 * one height nothing is to be measured, and a list of 100,000 that keeps changing costs as much as one of 10.
 */

/** Rows that are drawn before and after those in sight, so that scrolling meets no gaps. */
const OVERSCAN_ROWS = 8

export class VirtualRows {
  readonly #rowHeightPx: number
  #scroller: HTMLElement | undefined
  #topPx = $state(0)
  #heightPx = $state(0)
  readonly #first = $derived.by(() => Math.floor(this.#topPx / this.#rowHeightPx))
  /** Of a row, however little is in sight. */
  readonly #inSight = $derived.by(() => Math.ceil(this.#heightPx / this.#rowHeightPx) + 1)

  constructor(rowHeightPx: number) {
    this.#rowHeightPx = rowHeightPx
  }

  /** For `{@attach}` on the element that scrolls. */
  readonly attach = (scroller: HTMLElement): (() => void) => {
    this.#scroller = scroller
    const read = () => {
      this.#topPx = scroller.scrollTop
      this.#heightPx = scroller.clientHeight
    }
    read()
    const observer = new ResizeObserver(read)
    observer.observe(scroller)
    scroller.addEventListener('scroll', read, { passive: true })
    return () => {
      observer.disconnect()
      scroller.removeEventListener('scroll', read)
      this.#scroller = undefined
    }
  }

  /** Of so many rows, the first that is drawn; the list may just have become shorter than it was scrolled. */
  from(count: number): number {
    return Math.max(0, Math.min(this.#first, count - this.#inSight) - OVERSCAN_ROWS)
  }

  /** … and the end of those that are. */
  to(count: number): number {
    return Math.min(count, this.#first + this.#inSight + OVERSCAN_ROWS)
  }

  /** Scrolls no further than it must. */
  show(index: number): void {
    const scroller = this.#scroller
    if (scroller === undefined) return
    const top = index * this.#rowHeightPx
    const lowest = top + this.#rowHeightPx - scroller.clientHeight
    if (scroller.scrollTop > top) scroller.scrollTop = top
    else if (scroller.scrollTop < lowest) scroller.scrollTop = lowest
  }
}
