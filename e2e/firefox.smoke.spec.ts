/** The same page in Firefox, where one is installed (and in Chromium, since it costs little). */
import { expect, inSync, kvReady, test } from './support'

test('one tab sets, gets, and finds it again @firefox', async ({ context, openTab }) => {
  const page = await openTab(context)
  await page.evaluate(() => window.kv.set('chave', { um: [1, 2] }))
  expect(await page.evaluate(() => window.kv.get('chave'))).toEqual({ um: [1, 2] })
  await page.reload()
  await kvReady(page)
  expect(await page.evaluate(() => window.kv.get('chave'))).toEqual({ um: [1, 2] })
})

test('two tabs see each other @firefox', async ({ context, openTab }) => {
  const [a, b] = [await openTab(context), await openTab(context)]
  await inSync(a, b)
  await a.evaluate(() => window.kv.set('chave', 'valor'))
  await b.waitForFunction(() => window.kv.get('chave') === 'valor')
  await b.evaluate(() => window.kv.delete('chave'))
  await a.waitForFunction(() => !window.kv.has('chave'))
})
