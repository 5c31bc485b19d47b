/**
 * Whole numbers as a language writes them. Small ones are the same in all of ours, and most there are; the first use of
 * `Intl` takes as long as drawing the page.
 */
export function wholeNumbers(locale: string): (value: number) => string {
  let format: Intl.NumberFormat | undefined
  return (value) => {
    if (Number.isInteger(value) && Math.abs(value) < 1_000) return String(value)
    format ??= new Intl.NumberFormat(locale)
    return format.format(value)
  }
}
