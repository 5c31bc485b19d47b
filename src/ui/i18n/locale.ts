/** Which language to speak: the reader's choice, else the first of the browser's languages that we have. */
export const LOCALES = { en: 'English', 'pt-BR': 'Português' } as const
export type Locale = keyof typeof LOCALES

export function chooseLocale(chosen: string | null, languages: readonly string[]): Locale {
  if (chosen === 'en' || chosen === 'pt-BR') return chosen
  for (const language of languages) {
    if (/^pt\b/i.test(language)) return 'pt-BR'
    if (/^en\b/i.test(language)) return 'en'
  }
  return 'en'
}
