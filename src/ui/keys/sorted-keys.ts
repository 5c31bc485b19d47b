/** The list of keys, sorted by code unit, kept so in time linear in its length however many change at once. */

export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/**
 * `keys` sorted and each once; so is the result. What is added and there already, or removed and
 * absent, is ignored. Compares only around the changes; all between them is copied.
 */
export function withChanges(
  keys: readonly string[],
  added: Iterable<string>,
  removed: ReadonlySet<string>,
): string[] {
  const result: string[] = []
  let copied = 0
  for (const key of [...new Set([...added, ...removed])].sort(byCodeUnit)) {
    const at = indexOfKey(keys, key)
    for (; copied < at; copied++) result.push(keys[copied] as string)
    if (keys[at] === key) copied++
    if (!removed.has(key)) result.push(key)
  }
  for (; copied < keys.length; copied++) result.push(keys[copied] as string)
  return result
}

/** Keys that contain the text, whatever its case. */
export function filtered(keys: readonly string[], text: string): readonly string[] {
  if (text === '') return keys
  const needle = text.toLowerCase()
  return keys.filter((key) => key.toLowerCase().includes(needle))
}

/** Where `key` is or would be. */
export function indexOfKey(keys: readonly string[], key: string): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((keys[middle] as string) < key) low = middle + 1
    else high = middle
  }
  return low
}
