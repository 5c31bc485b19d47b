/** How tests and benchmarks start Chromium. */
import type { LaunchOptions } from '@playwright/test'
import { CHROMIUM_ARGS, findChromium } from '../scripts/browser.mjs'

const executablePath = findChromium()

/** As people have it, but for its window. */
export const CHROMIUM: LaunchOptions = {
  args: CHROMIUM_ARGS,
  ...(executablePath === undefined ? {} : { executablePath }),
}

/**
 * Not heeding Cross-Origin-Opener-Policy, for which each tab would throw away the process of the blank page that it
 * began with, a fifth of what opening it takes. `armour.spec.ts`, and Firefox, have it heeded. Of such lists Chromium
 * takes the last alone: what Playwright turns off by one of its own is on here.
 */
export const CHROMIUM_FOR_MANY_TABS: LaunchOptions = {
  ...CHROMIUM,
  args: [...CHROMIUM_ARGS, '--disable-features=CrossOriginOpenerPolicy'],
}

/** Pages in the background are measured like those in front, which at half their priority they could not be. */
export const CHROMIUM_TO_MEASURE: LaunchOptions = {
  ...CHROMIUM,
  args: [...CHROMIUM_ARGS, '--disable-renderer-backgrounding'],
}
