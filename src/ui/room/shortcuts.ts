/** Keys that do something wherever the focus is, unless somebody is typing there. */
export type Shortcut = 'filter' | 'new' | 'console' | 'away'

const SHORTCUT_BY_KEY: Record<string, Shortcut> = { '/': 'filter', n: 'new', '`': 'console', Escape: 'away' }

export function shortcut(event: KeyboardEvent): Shortcut | undefined {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing)
    return undefined
  const { target } = event
  // An open menu is what Escape closes then, by the browser.
  if (event.key === 'Escape' && document.querySelector(':popover-open')) return undefined
  const typing = target instanceof HTMLElement && target.matches('input, textarea, select, [popover] *')
  return typing ? undefined : SHORTCUT_BY_KEY[event.key]
}
