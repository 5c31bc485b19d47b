/** What the terminal program that this comes from could do, each walk through the buttons and through the console. */
import { BUTTONS, CONSOLE, type Hands, keyPane, say } from './hands'
import { expect, inSync, kill, test } from './support'
import type { Page } from '@playwright/test'
import type { KvError } from '../src/core/errors'

/** By the buttons, and then by the console of the same tabs. `by` tells the keys and the values of the two apart. */
async function byEach(walk: (hands: Hands, by: string) => Promise<void>): Promise<void> {
  for (const hands of [BUTTONS, CONSOLE]) {
    await test.step(`by ${hands.name}`, () => walk(hands, hands.name))
  }
}

test('two nodes see what each other sets', async ({ context, openTab }) => {
  const [a, b] = [await openTab(context), await openTab(context)]
  await inSync(a, b)
  await byEach(async (hands, by) => {
    const [key, list] = [`chave-${by}`, `lista-${by}`]
    await hands.set(a, key, 'valor')
    await shows(hands, b, key, 'valor')
    await hands.set(b, list, '[1, {"a": null}]')
    await known(a, list)
    expect(await a.evaluate((list) => window.kv.get(list), list)).toEqual([1, { a: null }])
    await hands.set(b, key, 'outro valor')
    await shows(hands, a, key, 'outro valor')
  })
})

test('a key that is not there is said not to be', async ({ context, openTab }) => {
  const page = await openTab(context)
  await byEach(async (hands, by) => {
    expect(await hands.get(page, 'chave')).toBeUndefined()
    await hands.set(page, `outra-${by}`, '1')
    expect(await hands.get(page, 'chave')).toBeUndefined()
  })
})

test('after leaving, a new tab finds the value on disk', async ({ context, openTab, server }) => {
  let page = await openTab(context)
  await byEach(async (hands, by) => {
    await hands.set(page, 'chave', by)
    const nodeId = await page.evaluate(() => window.kv.node.id)
    await hands.leave(page)
    const code = await page.evaluate(() => window.kv.set('chave', 1).catch(({ code }: KvError) => code))
    expect(code).toBe('closed')
    await page.close()
    await server.restart()

    page = await openTab(context)
    expect(await hands.get(page, 'chave')).toBe(by)
    expect(await page.evaluate(() => window.kv.node.id)).toBe(nodeId)
  })
})

test('after a crash, a new tab finds what was acknowledged', async ({ context, openTab }) => {
  let page = await openTab(context)
  await byEach(async (hands, by) => {
    await hands.set(page, 'chave', 'primeiro')
    await hands.set(page, 'chave', by)
    await kill(page)
    page = await openTab(context)
    expect(await hands.get(page, 'chave')).toBe(by)
  })
})

test('a conflict is merged the same everywhere, is there to be seen, and ends with the next write', async ({
  context,
  openTab,
}) => {
  const [a, b, c] = [await openTab(context), await openTab(context), await openTab(context)]
  await inSync(a, b, c)
  await byEach(async (hands, by) => {
    const key = `cor-${by}`
    await hands.set(a, key, 'cinza')
    await known(b, key)
    await hands.goOffline(a)
    await hands.goOffline(b)
    await hands.set(a, key, 'azul')
    await hands.set(b, key, 'verde')
    expect(await a.evaluate((key) => window.kv.get(key), key)).toBe('azul')
    await hands.goOnline(a)
    await hands.goOnline(b)
    await inSync(a, b, c)

    const [writerA, writerB] = [await nodeName(a), await nodeName(b)]
    const inspections = await Promise.all([a, b, c].map((page) => inspect(page, key)))
    for (const inspection of inspections) expect(inspection).toEqual(inspections[0])
    const { conflict, versions = [], clock = {} } = inspections[0] ?? {}
    expect(conflict).toBe(true)
    expect(versions.map(({ value }) => value)).toEqual(['verde', 'azul'])
    const [first, second] = versions
    expect(first?.clock[second?.dot[0] ?? ''] ?? 0).toBeLessThan(second?.dot[1] ?? 0)
    expect(second?.clock[first?.dot[0] ?? ''] ?? 0).toBeLessThan(first?.dot[1] ?? 0)
    for (const { dot } of versions) expect(clock[dot[0]]).toBe(dot[1])

    for (const page of [a, b, c]) {
      expect(await hands.get(page, key)).toBe('verde')
      if (hands === CONSOLE) {
        const told = await say(page, `clock ${key}`)
        expect(told).toContain('2 versions, concurrent')
        for (const words of [writerA, writerB, 'azul', 'verde  wins']) expect(told).toContain(words)
      } else {
        const pane = keyPane(page, key)
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
      await keyPane(c, key)
        .getByRole('button', { name: `Keep this, the version of ${writerA}` })
        .click()
    } else await hands.set(c, key, 'azul')
    for (const page of [a, b, c]) {
      await page.waitForFunction((key) => window.kv.inspect(key)?.conflict === false, key)
      await shows(hands, page, key, 'azul')
      expect((await inspect(page, key))?.versions).toHaveLength(1)
      if (hands === BUTTONS) await expect(keyPane(page, key).getByTestId('version')).toHaveCount(1)
    }
  })
})

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

function inspect(page: Page, key: string) {
  return page.evaluate((key) => window.kv.inspect(key), key)
}
