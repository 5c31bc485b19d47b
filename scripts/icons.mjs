/**
 * Draws the icons of the installed page from `public/icon.svg`: `node scripts/icons.mjs`, once, whenever that changes.
 * The pictures are kept in the repository, so that building needs no browser.
 */
import { chromium } from '@playwright/test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CHROMIUM_ARGS, findChromium } from './browser.mjs'
import { root } from './project.mjs'

const GROUND = '#eef4f0'

/** `share` of the width that the drawing takes; what a launcher cuts to a circle of 80 % stays whole in 60 %. */
const ICONS = [
  { name: 'icon-192.png', pixels: 192, share: 1, ground: 'transparent' },
  { name: 'icon-512.png', pixels: 512, share: 1, ground: 'transparent' },
  { name: 'icon-maskable-512.png', pixels: 512, share: 0.6, ground: GROUND },
  { name: 'apple-touch-icon.png', pixels: 180, share: 0.72, ground: GROUND },
]

const drawing = readFileSync(join(root, 'public/icon.svg'), 'utf8')
const executablePath = findChromium()
const browser = await chromium.launch({ args: CHROMIUM_ARGS, ...(executablePath ? { executablePath } : {}) })
try {
  const page = await browser.newPage()
  for (const { name, pixels, share, ground } of ICONS) {
    await page.setViewportSize({ width: pixels, height: pixels })
    await page.setContent(
      `<style>
        body { display: grid; place-items: center; height: 100vh; margin: 0; background: ${ground} }
        svg { width: ${share * 100}vw }
      </style>${drawing}`,
    )
    await page.screenshot({ path: join(root, 'public', name), omitBackground: true })
  }
} finally {
  await browser.close()
}
