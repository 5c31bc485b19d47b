/** What `docs/hosting.md` says, with nginx, coturn and the production server; `scripts/hosting.mjs` says where they are. */
import { defineConfig } from '@playwright/test'
import base, { chromium } from '../playwright.config'

export default defineConfig({
  ...base,
  testDir: '.',
  testIgnore: [],
  outputDir: '../../test-results',
  projects: [{ name: 'chromium', use: chromium }],
  timeout: 180_000, // five tabs, servers that die, and half a minute until those who are elsewhere are back
  use: { ignoreHTTPSErrors: true }, // the certificate is the test's own
})
