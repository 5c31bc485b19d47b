/** What the terminal program that this comes from could do, each walk through the buttons and through the console. */
import { BUTTONS, CONSOLE, type Hands, keyPane, say } from './hands'
import { expect, inSync, kill, test } from './support'
import type { Page } from '@playwright/test'
import type { KvError } from '../src/core/errors'

for (const hands of [BUTTONS, CONSOLE]) {
  test.describe(`by ${hands.name}:`, () => {
    test('two nodes see what each other sets', async ({ context, openTab }) => {
      const [a, b] = [await openTab(context), await openTab(context)]
      await inSync(a, b)
      await hands.set(a, 'chave', 'valor')
      await shows(hands, b, 'chave', 'valor')
      await hands.set(b, 'lista', '[1, {"a": null}]')
      await known(a, 'lista')
      expect(await a.evaluate(() => window.kv.get('lista'))).toEqual([1, { a: null }])
      await hands.set(b, 'chave', 'outro valor')
      await shows(hands, a, 'chave', 'outro valor')
    })

    test('a key that is not there is said not to be', async ({ context, openTab }) => {
      const page = await openTab(context)
      expect(await hands.get(page, 'chave')).toBeUndefined()
      await hands.set(page, 'outra', '1')
      expect(await hands.get(page, 'chave')).toBeUndefined()
    })

    test('after leaving, a new tab finds the value on disk', async ({ context, openTab, server }) => {
      const page = await openTab(context)
      await hands.set(page, 'chave', 'valor')
      const nodeId = await page.evaluate(() => window.kv.node.id)
      await hands.leave(page)
      const code = await page.evaluate(() => window.kv.set('chave', 1).catch(({ code }: KvError) => code))
      expect(code).toBe('closed')
      await page.close()
      await server.restart()

      const again = await openTab(context)
      expect(await hands.get(again, 'chave')).toBe('valor')
      expect(await again.evaluate(() => window.kv.node.id)).toBe(nodeId)
    })

    test('after a crash, a new tab finds what was acknowledged', async ({ context, openTab }) => {
      const page = await openTab(context)
      await hands.set(page, 'chave', 'primeiro')
      await hands.set(page, 'chave', 'valor')
      await kill(page)
      const again = await openTab(context)
      expect(await hands.get(again, 'chave')).toBe('valor')
    })

    test('a conflict is merged the same everywhere, is there to be seen, and ends with the next write', async ({
      context,
      openTab,
    }) => {
      const [a, b, c] = [await openTab(context), await openTab(context), await openTab(context)]
      await inSync(a, b, c)
      await hands.set(a, 'cor', 'cinza')
      await known(b, 'cor')
      await hands.goOffline(a)
      await hands.goOffline(b)
      await hands.set(a, 'cor', 'azul')
      await hands.set(b, 'cor', 'verde')
      expect(await a.evaluate(() => window.kv.get('cor'))).toBe('azul')
      await hands.goOnline(a)
      await hands.goOnline(b)
      await inSync(a, b, c)

      const [writerA, writerB] = [await nodeName(a), await nodeName(b)]
      const inspections = await Promise.all([a, b, c].map((page) => inspect(page)))
      for (const inspection of inspections) expect(inspection).toEqual(inspections[0])
      const { conflict, versions = [], clock = {} } = inspections[0] ?? {}
      expect(conflict).toBe(true)
      expect(versions.map(({ value }) => value)).toEqual(['verde', 'azul'])
      const [first, second] = versions
      expect(first?.clock[second?.dot[0] ?? ''] ?? 0).toBeLessThan(second?.dot[1] ?? 0)
      expect(second?.clock[first?.dot[0] ?? ''] ?? 0).toBeLessThan(first?.dot[1] ?? 0)
      for (const { dot } of versions) expect(clock[dot[0]]).toBe(dot[1])

      for (const page of [a, b, c]) {
        expect(await hands.get(page, 'cor')).toBe('verde')
        if (hands === CONSOLE) {
          const told = await say(page, 'clock cor')
          expect(told).toContain('2 versions, concurrent')
          for (const words of [writerA, writerB, 'azul', 'verde  wins']) expect(told).toContain(words)
        } else {
          const pane = keyPane(page, 'cor')
          await expect(pane.getByTestId('version')).toHaveCount(2)
          await expect(pane.getByTestId('version').first()).toContainText(writerB)
          await expect(pane.getByTestId('version').first()).toContainText('verde')
          await expect(pane.getByTestId('version').last()).toContainText('azul')
          await expect(pane.getByTestId('version').last()).toContainText(`had not seen ${writerB}`)
          await expect(pane.getByTestId('clock')).toContainText(writerA)
          await expect(pane.getByTestId('clock')).toContainText(writerB)
        }
      }

      if (hands === BUTTONS) {
        await keyPane(c, 'cor')
          .getByRole('button', { name: `Keep this, the version of ${writerA}` })
          .click()
      } else await hands.set(c, 'cor', 'azul')
      for (const page of [a, b, c]) {
        await page.waitForFunction(() => window.kv.inspect('cor')?.conflict === false)
        await shows(hands, page, 'cor', 'azul')
        expect((await inspect(page))?.versions).toHaveLength(1)
        if (hands === BUTTONS) await expect(keyPane(page, 'cor').getByTestId('version')).toHaveCount(1)
      }
    })
  })
}

/** The node's own store has it: what the hands find then is what the page shows of it. */
async function known(page: Page, key: string): Promise<void> {
  await page.waitForFunction((key) => window.kv.has(key), key)
}

async function shows(hands: Hands, page: Page, key: string, value: string): Promise<void> {
  await known(page, key)
  await expect.poll(() => hands.get(page, key)).toBe(value)
}

function nodeName(page: Page): Promise<string> {
  return page.evaluate(() => window.kv.node.name)
}

function inspect(page: Page) {
  return page.evaluate(() => window.kv.inspect('cor'))
}
