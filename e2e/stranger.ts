/** A peer of its own making, `pages/stranger.ts`, in a tab. */
import type { BrowserContext, Page } from '@playwright/test'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import type { Stranger } from './pages/stranger'

declare global {
  interface Window {
    stranger: Stranger
  }
}

let bundle: Promise<string> | undefined

/** A page of the server's own origin that speaks PeerJS itself. */
export async function openStranger(context: BrowserContext, url: string): Promise<Page> {
  bundle ??= bundleOf('stranger.ts')
  const page = await context.newPage()
  await page.goto(new URL('kv.js', url).href) // shown as text, under the policy of the app's files
  await page.evaluate(await bundle) // as a script tag the server's policy would refuse it
  return page
}

async function bundleOf(name: string): Promise<string> {
  const [result] = [
    await build({
      configFile: false,
      logLevel: 'error',
      build: {
        write: false,
        target: 'es2022',
        lib: {
          entry: fileURLToPath(new URL(`pages/${name}`, import.meta.url)),
          formats: ['iife'],
          name: 'page',
        },
      },
    }),
  ].flat()
  if (!result || !('output' in result)) throw new Error(`${name} was not built`)
  return result.output[0].code
}
