/**
 * Where in a value or file something is wrong, as people write it: `value.list[3].name`. A parser pushes and
 * pops the names while it descends, which costs next to nothing, and the text is made only for an error.
 */
export type Place = (string | number)[]

const NAME = /^[\p{L}_$][\p{L}\p{N}_$]*$/u
const PART_LENGTH_MAX = 40
const PLACE_LENGTH_MAX = 240

/** Of bounded length, whatever the names are: their middle parts give way. */
export function placeText(place: Place): string {
  const text = place.map((part, at) => partText(part, at === 0)).join('')
  if (text.length <= PLACE_LENGTH_MAX) return text
  return `${text.slice(0, PLACE_LENGTH_MAX / 2)}…${text.slice(-PLACE_LENGTH_MAX / 2)}`
}

function partText(part: string | number, first: boolean): string {
  if (typeof part === 'number') return `[${part}]`
  const short = part.length > PART_LENGTH_MAX ? `${part.slice(0, PART_LENGTH_MAX)}…` : part
  if (!NAME.test(part)) return `[${JSON.stringify(short)}]`
  return first ? short : `.${short}`
}
