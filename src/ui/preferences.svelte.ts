/** What this browser remembers of how somebody likes the page. Where it may keep nothing, for this visit only. */
export type Theme = 'system' | 'light' | 'dark'

function read(name: string): string | null {
  try {
    return localStorage.getItem(`fofoca.${name}`)
  } catch {
    return null // storage is forbidden here
  }
}

function write(name: string, value: string): void {
  try {
    localStorage.setItem(`fofoca.${name}`, value)
  } catch {
    return // storage is forbidden or full: it lasts for this visit
  }
}

class Preferences {
  #theme = $state<Theme>(asTheme(read('theme')))
  #locale = $state(read('locale'))
  #consoleOpen = $state(read('console'))

  get theme(): Theme {
    return this.#theme
  }
  set theme(theme: Theme) {
    this.#theme = theme
    write('theme', theme)
  }

  /** A locale's name, or null where the browser's languages decide. */
  get locale(): string | null {
    return this.#locale
  }
  set locale(locale: string) {
    this.#locale = locale
    write('locale', locale)
  }

  /** Null until somebody has folded or unfolded it: then the width of the window decides. */
  get consoleOpen(): boolean | null {
    return this.#consoleOpen === null ? null : this.#consoleOpen === 'open'
  }
  set consoleOpen(open: boolean) {
    this.#consoleOpen = open ? 'open' : 'folded'
    write('console', this.#consoleOpen)
  }
}

function asTheme(text: string | null): Theme {
  return text === 'light' || text === 'dark' ? text : 'system'
}

export const preferences = new Preferences()
