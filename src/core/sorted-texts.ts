/** Lists of texts in the order of code units, each once. What `sort()` does with texts is that order. */

/**
 * The texts with those that were added and without those that were removed; what is both is removed, and what is added
 * and there already, or removed and absent, is ignored. The places of the changes are searched for; all between them is copied.
 */
export function withChanges<Text extends string>(
  texts: readonly Text[],
  added: Iterable<Text>,
  removed: ReadonlySet<Text>,
): Text[] {
  const changed = [...new Set([...added, ...removed])].sort()
  const [only] = changed
  return changed.length === 1 && only !== undefined
    ? withChange(texts, only, removed.has(only))
    : merged(texts, changed, removed)
}

function withChange<Text extends string>(texts: readonly Text[], text: Text, gone: boolean): Text[] {
  const at = placeOf(texts, text)
  const there = texts[at] === text
  if (gone) return there ? texts.toSpliced(at, 1) : texts.slice()
  return there ? texts.slice() : texts.toSpliced(at, 0, text)
}

function merged<Text extends string>(
  texts: readonly Text[],
  changed: readonly Text[],
  removed: ReadonlySet<Text>,
): Text[] {
  const result: Text[] = []
  result.length = texts.length + changed.length // at once: growing would copy it again and again
  let count = 0
  let copied = 0
  const copyUpTo = (end: number) => {
    while (copied < end) result[count++] = texts[copied++] as Text
  }
  for (const text of changed) {
    copyUpTo(placeOf(texts, text, copied))
    if (texts[copied] === text) copied++
    if (!removed.has(text)) result[count++] = text
  }
  copyUpTo(texts.length)
  result.length = count
  return result
}

/** Where the text is or would be; not before `from`. */
export function placeOf(texts: readonly string[], text: string, from = 0): number {
  return firstPlace(texts, (other) => other >= text, from)
}

/** The first place, not before `from`, whose text has `reached` what is looked for; all after it have, too. */
export function firstPlace<Text extends string>(
  texts: readonly Text[],
  reached: (text: Text) => boolean,
  from = 0,
): number {
  let low = from
  let high = texts.length
  for (let step = 1; low + step < high; step *= 2) {
    if (reached(texts[low + step] as Text)) high = low + step
    else low += step // near the beginning, mostly, of what is left
  }
  while (low < high) {
    const middle = (low + high) >>> 1
    if (reached(texts[middle] as Text)) high = middle
    else low = middle + 1
  }
  return low
}
