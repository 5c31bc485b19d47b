/** One server with TLS of its own, as documented: its page, its certificate renewed while it runs, and how it stops. */
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import type { Browser, Page } from '@playwright/test'
import { FIRST, RENEWED } from '../../signaling/tls.fixture'
import { expect, inSync, kvReady, startServer, test } from '../support'
import { documented, environmentOf } from './programs'

async function open(browser: Browser, url: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage()
  await page.goto(`${url}#a-room-behind-tls`)
  await kvReady(page)
  await page.waitForFunction(() => window.kv.status().signaling === 'up')
  return page
}

/** The name on the certificate that the server shows now. */
async function certificate(url: string): Promise<string> {
  const { port, hostname } = new URL(url)
  const socket = connect({ port: Number(port), host: hostname, rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const { CN } = socket.getPeerCertificate().subject
  socket.destroy()
  return String(CN)
}

test('tabs meet over TLS; SIGHUP renews the certificate, SIGTERM tells them and ends, and they come back', async ({
  browser,
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'tls-'))
  const install = ({ cert, key }: typeof FIRST) => {
    writeFileSync(join(folder, 'cert.pem'), cert)
    writeFileSync(join(folder, 'key.pem'), key)
  }
  install(FIRST)
  const command = documented('one server with TLS', { '/etc/fofoca/': `${folder}/` })
  const server = await startServer(environmentOf(command))
  expect(server.url).toMatch(/^https:/)
  const [a, b] = [await open(browser, server.url), await open(browser, server.url)]
  await inSync(a, b)

  expect(await certificate(server.url)).toBe('localhost')
  install(RENEWED)
  const hung = server.signal('SIGHUP') // which ends nothing: this settles at the end
  await expect.poll(() => certificate(server.url)).toBe('renewed.localhost')
  expect(await a.evaluate(() => window.kv.status().signaling)).toBe('up')

  expect(await server.signal('SIGTERM')).toBe(0)
  expect(await hung).toBe(0)
  await a.waitForFunction(() => window.kv.status().signaling === 'down')
  await a.evaluate(() => window.kv.set('while', 'the server is away'))
  await b.waitForFunction(() => window.kv.get('while') === 'the server is away')
  await server.start()
  for (const page of [a, b]) await page.waitForFunction(() => window.kv.status().signaling === 'up')
  await inSync(a, b)
  await server.stop()
  rmSync(folder, { recursive: true })
})
