/**
 * Focus and the browser's back button, where the zones are screens one after the other: choosing
 * a key is a step forward in history, so that going back shows the keys and not another page.
 */
const NARROW = '(width < 760px)'
const STEP = 'fofoca-key'

/** Call when the pane has opened or closed, or shows something else; the page is already drawn. */
export function followPane(open: boolean): void {
  const stepped = history.state === STEP
  if (open && !stepped && matchMedia(NARROW).matches) history.pushState(STEP, '')
  else if (!open && stepped) history.back()
  const focused = document.activeElement
  const lost = focused === null || focused === document.body || !focused.checkVisibility()
  if (lost)
    document.querySelector<HTMLElement>(open ? '#key' : '[role=listbox]')?.focus({ preventScroll: true })
}

/** Calls back when somebody has gone back from the key; returns a stop function. */
export function onBack(listener: () => void): () => void {
  const follow = () => {
    if (history.state !== STEP) listener()
  }
  window.addEventListener('popstate', follow)
  return () => window.removeEventListener('popstate', follow)
}
