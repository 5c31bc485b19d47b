/** The list of keys, sorted by code unit, kept so however many change at once. */

/**
 * `keys` sorted and each once; so is the result. What is added and there already, or removed and
 * absent, is ignored. The places of the changes are searched for; all between them is copied.
 */
export function withChanges(
  keys: readonly string[],
  added: Iterable<string>,
  removed: ReadonlySet<string>,
): string[] {
  const changed = [...new Set([...added, ...removed])].sort() // by code unit, as `sort()` does with texts
  const [only] = changed
  return changed.length === 1 && only !== undefined
    ? withChange(keys, only, removed.has(only))
    : merged(keys, changed, removed)
}

function withChange(keys: readonly string[], key: string, gone: boolean): string[] {
  const at = indexOfKey(keys, key)
  const there = keys[at] === key
  if (gone) return there ? keys.toSpliced(at, 1) : keys.slice()
  return there ? keys.slice() : keys.toSpliced(at, 0, key)
}

function merged(keys: readonly string[], changed: readonly string[], removed: ReadonlySet<string>): string[] {
  const result: string[] = []
  result.length = keys.length + changed.length // at once: growing would copy it again and again
  let count = 0
  let copied = 0
  const copyUpTo = (end: number) => {
    while (copied < end) result[count++] = keys[copied++] as string
  }
  for (const key of changed) {
    copyUpTo(indexOfKey(keys, key, copied))
    if (keys[copied] === key) copied++
    if (!removed.has(key)) result[count++] = key
  }
  copyUpTo(keys.length)
  result.length = count
  return result
}

/** Keys that contain the text, whatever its case. */
export function filtered(keys: readonly string[], text: string): readonly string[] {
  if (text === '') return keys
  const needle = text.toLowerCase()
  return keys.filter((key) => key.toLowerCase().includes(needle))
}

/** Where `key` is or would be; not before `from`. */
export function indexOfKey(keys: readonly string[], key: string, from = 0): number {
  let low = from
  let high = keys.length
  for (let step = 1; low + step < high; step *= 2) {
    if ((keys[low + step] as string) >= key) high = low + step
    else low += step // near the beginning, mostly, of what is left
  }
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((keys[middle] as string) < key) low = middle + 1
    else high = middle
  }
  return low
}
