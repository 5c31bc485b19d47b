/** Sizes as people read them: 940 B, 12.3 kB, 4 MB; on one line. */
export function bytesInWords(bytes: number, locale: string): string {
  if (bytes < 1000) return `${bytes.toLocaleString(locale)}\u00a0B` // `Intl` has "byte" or none of a space
  const units = ['kilobyte', 'megabyte', 'gigabyte'] as const
  let size = bytes / 1000
  let step = 0
  while (size >= 999.5 && step < units.length - 1) {
    size /= 1000
    step++
  }
  const options: Intl.NumberFormatOptions = {
    style: 'unit',
    unit: units[step] ?? 'gigabyte',
    unitDisplay: 'short',
    maximumFractionDigits: size < 100 ? 1 : 0,
  }
  return new Intl.NumberFormat(locale, options).format(size).replace(' ', '\u00a0')
}
