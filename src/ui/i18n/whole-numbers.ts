/**
 * Whole numbers as a language writes them. Small ones are the same in all of ours, and most there are: for them the
 * page need not wait for `Intl`, whose first use takes long.
 */
export function wholeNumbers(locale: string): (value: number) => string {
  let format: Intl.NumberFormat | undefined
  return (value) => {
    if (Number.isInteger(value) && Math.abs(value) < 1_000) return String(value)
    format ??= new Intl.NumberFormat(locale)
    return format.format(value)
  }
}

/** To two digits, as far as they stand behind the point: 2.2, 17, 340. */
export function twoDigits(value: number): number {
  return value < 10 ? Math.round(value * 10) / 10 : Math.round(value)
}
