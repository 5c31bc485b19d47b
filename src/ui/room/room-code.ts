/** Room codes as people say, hear and type them. */

/** The room of the bare address, which everybody on the server shares. */
export const LOBBY = 'lobby'

/** What `New private room` makes: seven groups of four of Crockford's base32. */
const MADE = /^[0-9a-hjkmnp-tv-z]{4}(?:-[0-9a-hjkmnp-tv-z]{4}){6}$/
const MADE_LETTERS = 28

/** A code that was made to be read aloud, group by group; any other one is one group. */
export function codeGroups(code: string): string[] {
  return MADE.test(code) ? code.split('-') : [code]
}

const LINK = /^https?:\/\/[^\s#]+(?:#(\S*))?$/i
/** As some browsers show and copy it, or its fragment alone. */
const SHORT_LINK = /^(?:localhost|[^\s#/]+[.:][^\s#/]+)?(?:\/[^\s#]*)?#(\S+)$/i

/**
 * The room that somebody means who was told a code, or pasted a link: the fragment of a link, the lobby if it has none;
 * a made code whatever its case and gaps, with o, i and l read as the digits they look like; anything else as it
 * stands. Undefined if that is nothing.
 */
export function typedRoomCode(text: string): string | undefined {
  const typed = text.trim()
  const link = LINK.exec(typed) ?? SHORT_LINK.exec(typed)
  if (link) return decoded(link[1] ?? '') || LOBBY
  const letters = typed
    .toLowerCase()
    .replace(/[\s\-–—.]/g, '')
    .replace(/o/g, '0')
    .replace(/[il]/g, '1')
  if (letters.length === MADE_LETTERS) {
    const grouped = letters.replace(/.{4}(?!$)/g, '$&-')
    if (MADE.test(grouped)) return grouped
  }
  return typed === '' ? undefined : typed
}

/** The address of a whole link that leads to another page than `here`; undefined if the text is none. */
export function linkElsewhere(text: string, here: Pick<URL, 'origin' | 'pathname'>): string | undefined {
  const typed = text.trim()
  if (!LINK.test(typed) || !URL.canParse(typed)) return undefined
  const { origin, pathname, href } = new URL(typed)
  return origin === here.origin && pathname === here.pathname ? undefined : href
}

function decoded(fragment: string): string {
  try {
    return decodeURIComponent(fragment)
  } catch {
    return fragment // a % that nothing follows: the page will say so
  }
}
