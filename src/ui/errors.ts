/**
 * What went wrong in the reader's language: words for the code, then the store's own detail, which may quote names out
 * of a foreign file or room, and is only to be looked at.
 */
import { KvError } from '../core/errors'
import type { Messages } from './i18n/en'
import { visible } from './values/hidden'

export interface Trouble {
  title: string
  detail: string
}

export function troubleOf(error: unknown, t: Messages): Trouble {
  const detail = error instanceof Error ? error.message : String(error)
  return {
    title: error instanceof KvError ? t.errors[error.code] : t.errors.unknown,
    detail: visible(detail),
  }
}

export function isCancelled(error: unknown): boolean {
  return error instanceof KvError && error.code === 'cancelled'
}
