/**
 * The page as people use it, in English: through its buttons, and through its console. Both do the same.
 * Buttons are clicked in the foreground: a tab behind others has hardly any animation frames, for which Playwright waits.
 */
import { expect, type Page } from '@playwright/test'

export interface Hands {
  readonly name: string
  /** Resolves when the page says that it is saved. */
  set(page: Page, key: string, value: string): Promise<void>
  /** What the page shows as the key's value; undefined if it says that there is none. */
  get(page: Page, key: string): Promise<string | undefined>
  goOffline(page: Page): Promise<void>
  goOnline(page: Page): Promise<void>
  /** Leaves the room; resolves when the page has done it. */
  leave(page: Page): Promise<void>
}

export const BUTTONS: Hands = {
  name: 'buttons',
  async set(page, key, value) {
    await page.bringToFront()
    await page.getByRole('button', { name: 'New key', exact: true }).click()
    const form = page.getByTestId('new-key')
    await form.getByTestId('new-key-name').fill(key)
    await form.getByTestId('value').fill(value)
    await form.getByRole('button', { name: 'Set', exact: true }).click()
    await expect(keyPane(page, key)).toBeVisible()
    await expect(page.getByTestId('status')).toContainText(/^saved/)
  },
  async get(page, key) {
    await page.bringToFront()
    const row = page.getByTestId('key-row').and(page.locator(`[data-key="${key}"]`))
    const filter = page.getByRole('searchbox', { name: 'Filter keys' })
    await filter.fill(key)
    const none = page.getByText(`No key contains “${key}”.`)
    await expect(row.or(none)).toBeVisible()
    if (await none.isVisible()) {
      await filter.fill('')
      return undefined
    }
    await row.click()
    await filter.fill('')
    return keyPane(page, key).getByTestId('value').inputValue()
  },
  async goOffline(page) {
    await page.bringToFront()
    const online = page.getByRole('switch', { name: 'Online' })
    await online.click()
    await expect(online).not.toBeChecked()
  },
  async goOnline(page) {
    await page.bringToFront()
    const online = page.getByRole('switch', { name: 'Online' })
    await online.click()
    await expect(online).toBeChecked()
  },
  async leave(page) {
    await page.bringToFront()
    await chooseInMenu(page, 'Leave the room')
    await expect(page.getByTestId('aside')).toHaveAttribute('data-phase', 'left')
  },
}

export const CONSOLE: Hands = {
  name: 'console',
  async set(page, key, value) {
    expect(await say(page, `set ${key} ${value}`)).toBe('OK')
  },
  async get(page, key) {
    const answer = await say(page, `get ${key}`)
    return answer === `“${key}” has no value.` ? undefined : answer
  },
  async goOffline(page) {
    expect(await say(page, 'offline')).toContain('Offline.')
  },
  async goOnline(page) {
    expect(await say(page, 'online')).toContain('Online again.')
  },
  async leave(page) {
    await type(page, 'sair')
    await expect(page.getByTestId('aside')).toHaveAttribute('data-phase', 'left')
  },
}

export function keyPane(page: Page, key: string) {
  return page.getByTestId('key-pane').and(page.locator(`[data-key="${key}"]`))
}

export async function chooseInMenu(page: Page, action: string): Promise<void> {
  await page.getByTestId('menu').click()
  await page.getByRole('dialog', { name: 'Menu' }).getByRole('button', { name: action }).click()
}

/** Chooses a file for an import: one on disk, or its text. */
export async function chooseFile(page: Page, file: { path: string } | { text: string }): Promise<void> {
  const chooser = page.waitForEvent('filechooser')
  await chooseInMenu(page, 'Import from a file')
  const given =
    'path' in file
      ? file.path
      : { name: 'keys.json', mimeType: 'application/json', buffer: Buffer.from(file.text) }
  await (await chooser).setFiles(given)
}

/** Types a command; resolves with the lines of its answer. */
export async function say(page: Page, command: string): Promise<string> {
  const log = page.getByTestId('console-log')
  const before = await log.locator('.command').count()
  await type(page, command)
  const answer = () =>
    log.evaluate((element, before) => {
      const lines = [...element.querySelectorAll('p')]
      const asked = [...element.querySelectorAll('.command')][before]
      return asked
        ? lines
            .slice(lines.indexOf(asked as HTMLParagraphElement) + 1)
            .map((line) => line.textContent.trim())
            .join('\n')
        : ''
    }, before)
  await expect.poll(answer, `the console's answer to: ${command}`).not.toBe('')
  return answer()
}

async function type(page: Page, command: string): Promise<void> {
  const input = page.getByTestId('console-input')
  await input.fill(command)
  await input.press('Enter')
}

/** Closes the tab, is asked whether to lose what is in it alone, and stays. */
export async function closeAndStay(page: Page): Promise<void> {
  const asked = page.waitForEvent('dialog')
  await page.close({ runBeforeUnload: true })
  const dialog = await asked
  expect(dialog.type()).toBe('beforeunload')
  await dialog.dismiss()
}

/** Closes the tab without being asked. */
export async function closeAtOnce(page: Page): Promise<void> {
  page.on('dialog', (dialog) => void dialog.dismiss())
  await Promise.all([page.waitForEvent('close'), page.close({ runBeforeUnload: true })])
}
