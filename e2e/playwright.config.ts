/**
 * Several tabs in real browsers, against the production build and the real server (see `support.ts`).
 * Tests tagged `@firefox` run in Firefox too, where one is installed.
 */
import { defineConfig } from '@playwright/test'
import { findFirefox } from '../scripts/browser.mjs'
import { CHROMIUM_FOR_MANY_TABS } from './chromium'

const firefox = findFirefox()

export const chromium = { browserName: 'chromium' as const, launchOptions: CHROMIUM_FOR_MANY_TABS }

/** Most of their time they wait, for links to break and for disks: one after the other, beside two that work. */
const WAITING = /(nearby|outage|storage|unreachable)\.spec\.ts/

export default defineConfig({
  testDir: '.',
  testIgnore: 'hosting/**', // a step of its own, for who has nginx and coturn
  outputDir: '../test-results',
  workers: 3,
  fullyParallel: true,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  forbidOnly: Boolean(process.env['CI']),
  reporter: [['list']],
  // Tracing takes three times as long as the tests; where one fails, ask for it: --trace retain-on-failure
  // Drawing what moves, without a graphics card, would take most of the time where many tabs write.
  use: { screenshot: 'only-on-failure', contextOptions: { reducedMotion: 'reduce' } },
  projects: [
    { name: 'chromium, waiting', testMatch: WAITING, workers: 1, use: chromium },
    { name: 'chromium', testIgnore: ['hosting/**', WAITING], workers: 2, use: chromium },
    ...(firefox
      ? [
          {
            name: 'firefox',
            grep: /@firefox/,
            use: {
              browserName: 'firefox' as const,
              channel: 'moz-firefox',
              // It puts a style into the page, which our policy refuses, and Firefox tells that as the page's error.
              screenshot: 'off' as const,
              // Without processes for tabs that nobody opens: half of its processes.
              launchOptions: {
                executablePath: firefox,
                firefoxUserPrefs: { 'dom.ipc.processPrelaunch.enabled': false },
              },
            },
          },
        ]
      : []),
  ],
})
