/** Lines typed before, walked with the arrow keys; the line being typed waits at the end. */
const LINES_MAX = 200

export class History {
  #lines: string[] = []
  #at = 0
  #draft = ''

  add(line: string): void {
    if (line.trim() !== '' && line !== this.#lines[this.#lines.length - 1]) {
      this.#lines = [...this.#lines, line].slice(-LINES_MAX)
    }
    this.#at = this.#lines.length
    this.#draft = ''
  }

  /** The line before the one shown; undefined at the oldest. */
  older(shown: string): string | undefined {
    if (this.#at === this.#lines.length) this.#draft = shown
    if (this.#at === 0) return undefined
    return this.#lines[--this.#at]
  }

  /** The line after the one shown, at last the one that was being typed; undefined there. */
  newer(): string | undefined {
    if (this.#at >= this.#lines.length) return undefined
    this.#at++
    return this.#at === this.#lines.length ? this.#draft : this.#lines[this.#at]
  }
}
