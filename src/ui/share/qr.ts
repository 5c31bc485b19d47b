/** A text as a QR code (ISO/IEC 18004), drawn as one path: dark modules as rows of runs on a grid of unit squares. */
import { encode } from 'uqr'

/** The light margin that the standard asks for on each side, in modules. */
export const QUIET_ZONE_MODULES = 4

export interface QrDrawing {
  /** Width and height, quiet zone and all, in modules. */
  size: number
  /** Of an SVG path: the dark modules. */
  path: string
}

/** Undefined for a text that no QR code holds: some 2,300 bytes. Medium correction: a screen is not torn, but it glares. */
export function qrDrawing(text: string): QrDrawing | undefined {
  const modules = modulesOf(text)
  if (!modules) return undefined
  const path = modules.map((row, y) => rowPath(row, y + QUIET_ZONE_MODULES)).join('')
  return { size: modules.length + 2 * QUIET_ZONE_MODULES, path }
}

function modulesOf(text: string): boolean[][] | undefined {
  try {
    return encode(text, { ecc: 'M', boostEcc: true, border: 0 }).data
  } catch (error) {
    if (error instanceof RangeError) return undefined // more data than the largest version holds
    throw error
  }
}

function rowPath(row: readonly boolean[], y: number): string {
  let path = ''
  for (let x = 0; x < row.length; x++) {
    if (!row[x]) continue
    const start = x
    while (row[x + 1]) x++
    const length = x - start + 1
    path += `M${start + QUIET_ZONE_MODULES} ${y}h${length}v1h${-length}z`
  }
  return path
}
