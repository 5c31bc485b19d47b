/** The messages in the language of the moment; components read `i18n.t` and follow a switch at once. */
import { preferences } from '../preferences.svelte'
import { en, type Messages } from './en'
import { chooseLocale, type Locale } from './locale'
import { ptBr } from './pt-br'
import { wholeNumbers } from './whole-numbers'

const MESSAGES: Record<Locale, Messages> = { en, 'pt-BR': ptBr }

class I18n {
  readonly #locale = $derived(chooseLocale(preferences.locale, navigator.languages))
  readonly #numbers = $derived(wholeNumbers(this.#locale))
  readonly #ages = $derived(new Intl.RelativeTimeFormat(this.#locale, { numeric: 'auto' }))
  readonly #moments = $derived(
    new Intl.DateTimeFormat(this.#locale, { dateStyle: 'medium', timeStyle: 'medium' }),
  )

  get locale(): Locale {
    return this.#locale
  }
  set locale(locale: Locale) {
    preferences.locale = locale
  }

  get t(): Messages {
    return MESSAGES[this.#locale]
  }

  number(value: number): string {
    return this.#numbers(value)
  }

  /** "3 minutes ago", in the largest unit that fits. */
  age(milliseconds: number, now: number): string {
    const seconds = Math.round((milliseconds - now) / 1000)
    const [unit, length] = ageUnit(Math.abs(seconds))
    return this.#ages.format(Math.trunc(seconds / length), unit)
  }

  /** A length of time: "3 seconds", "2 hours". */
  span(milliseconds: number): string {
    const [unit, length] = ageUnit(milliseconds / 1000)
    const options = {
      style: 'unit',
      unit,
      unitDisplay: 'long',
      maximumFractionDigits: unit === 'second' ? 1 : 0,
    } as const
    return new Intl.NumberFormat(this.#locale, options).format(milliseconds / 1000 / length)
  }

  moment(milliseconds: number): string {
    return this.#moments.format(milliseconds)
  }
}

function ageUnit(seconds: number): [Intl.RelativeTimeFormatUnit, number] {
  if (seconds < 60) return ['second', 1]
  if (seconds < 3_600) return ['minute', 60]
  if (seconds < 86_400) return ['hour', 3_600]
  if (seconds < 2_592_000) return ['day', 86_400]
  return seconds < 31_536_000 ? ['month', 2_592_000] : ['year', 31_536_000]
}

export const i18n = new I18n()
