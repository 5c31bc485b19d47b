/** What went wrong in the reader's language: words for the code, then the store's own detail. */
import { KvError } from '../core/errors'
import type { Messages } from './i18n/en'

export interface Trouble {
  title: string
  detail: string
}

export function troubleOf(error: unknown, t: Messages): Trouble {
  const detail = error instanceof Error ? error.message : String(error)
  return { title: error instanceof KvError ? t.errors[error.code] : t.errors.unknown, detail }
}

export function isCancelled(error: unknown): boolean {
  return error instanceof KvError && error.code === 'cancelled'
}
