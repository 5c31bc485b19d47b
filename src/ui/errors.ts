/**
 * What went wrong in the reader's language: words for the code, then the limit that was passed, or else the store's own
 * detail, which may quote names out of a foreign file or room, and is only to be looked at.
 */
import { KvError, type PassedLimit } from '../core/errors'
import type { Messages } from './i18n/en'
import { visible } from './values/hidden'

export interface Trouble {
  title: string
  detail: string
}

/** `opening`: it kept a room from being opened; otherwise the room goes on. */
export function troubleOf(error: unknown, t: Messages, opening = false): Trouble {
  if (!(error instanceof KvError))
    return {
      title: t.errors.unknown,
      detail: visible(error instanceof Error ? error.message : String(error)),
    }
  const { code, limit, message } = error
  const title = t.errors[code]
  if (code === 'not-saved' && !opening) return { title, detail: t.notSavedHelp }
  return { title, detail: visible(limit === undefined ? message : limitWords(limit, t)) }
}

function limitWords({ of, most, place }: PassedLimit, t: Messages): string {
  const words = t.limits[of](most)
  return place === undefined ? words : `${place}: ${words}`
}

export function isCancelled(error: unknown): boolean {
  return error instanceof KvError && error.code === 'cancelled'
}
