/** Keys that contain the text, whatever its case. */
export function filtered(keys: readonly string[], text: string): readonly string[] {
  if (text === '') return keys
  const needle = text.toLowerCase()
  return keys.filter((key) => key.toLowerCase().includes(needle))
}
