/** What others remove can be put back: seen in a notice, still there after a reload, and then everywhere again. */
import type { Page } from '@playwright/test'
import { BUTTONS, chooseInMenu, say } from './hands'
import { expect, inSync, kvReady, test } from './support'

const KEYS = Array.from({ length: 12 }, (_, at) => `key ${String(at).padStart(2, '0')}`)

const entriesOf = (page: Page) => page.evaluate(() => window.kv.entries())
const removedIn = (page: Page) => page.evaluate(() => window.kv.status().removed)

test('a peer wipes the room: the other is told, reloads, and puts all back', async ({ context, openTab }) => {
  const [ours, theirs] = [await openTab(context, 'wiped'), await openTab(context, 'wiped')]
  await ours.evaluate((keys) => window.kv.setMany(keys.map((key, at) => [key, { at }] as const)), KEYS)
  await inSync(ours, theirs)
  const before = await entriesOf(ours)

  await theirs.evaluate((keys) => Promise.all(keys.map((key) => window.kv.delete(key))), KEYS)
  await inSync(ours, theirs)
  const name = await theirs.evaluate(() => window.kv.node.name)
  await expect(ours.getByTestId('wipe')).toContainText(`${name} removed 12 values.`)
  await expect(theirs.getByTestId('wipe')).toHaveCount(0)
  expect(await removedIn(theirs)).toBe(0)

  await ours.reload()
  await kvReady(ours)
  await inSync(ours, theirs)
  expect(await entriesOf(ours)).toEqual([])
  await ours.bringToFront()
  await expect(ours.getByTestId('wipe')).toHaveCount(0) // it is old news now, and waits in the menu
  await chooseInMenu(ours, 'Removed by others (12)')
  const pane = ours.getByTestId('removed-pane')
  await expect(pane.getByTestId('removed-row')).toHaveCount(12)
  await expect(pane.getByTestId('removed-row').first()).toContainText(`deleted by ${name}`)
  await pane.getByRole('button', { name: 'Put all 12 back' }).click()
  await expect(ours.getByTestId('notice')).toContainText('12 values are back')
  await inSync(ours, theirs)
  for (const page of [ours, theirs]) expect(await entriesOf(page)).toEqual(before)
  await expect(pane).toContainText('Nothing is left to put back')
  await ours.getByTestId('menu').click()
  await expect(ours.getByRole('button', { name: 'Removed by others' })).toHaveCount(0)
})

test('a few deletes make no noise, and come back one by one, by button, keyboard and console', async ({
  context,
  openTab,
}) => {
  const [ours, theirs] = [await openTab(context, 'few'), await openTab(context, 'few')]
  await ours.evaluate(() => window.kv.setMany([...'abcdefghijkl'].map((key) => [key, 'v'] as const)))
  await inSync(ours, theirs)
  for (const key of ['a', 'b', 'c', 'd']) expect(await say(theirs, `del ${key}`)).toContain('deleted')
  await inSync(ours, theirs)
  await ours.bringToFront()
  await expect.poll(() => removedIn(ours)).toBe(4)
  await expect(ours.getByTestId('wipe')).toHaveCount(0)
  expect(await say(ours, 'removed')).toContain('deleted by')
  expect(await say(ours, 'restore a')).toBe('“a” is back.')

  await chooseInMenu(ours, 'Removed by others (3)')
  const pane = ours.getByTestId('removed-pane')
  await pane.getByRole('button', { name: 'Put back c' }).focus()
  await ours.keyboard.press('Enter')
  await expect(pane.getByTestId('removed-row')).toHaveCount(2)
  await expect(pane.getByRole('button', { name: 'Put back b' })).toBeFocused()
  await ours.keyboard.press('Enter')
  await expect(pane.getByRole('button', { name: 'Put back d' })).toBeFocused()
  await ours.keyboard.press('Enter')
  await expect(pane.getByRole('heading', { name: 'Removed by others' })).toBeFocused()
  await ours.keyboard.press('Escape')
  await expect(pane).toHaveCount(0)
  await inSync(ours, theirs)
  expect(await BUTTONS.get(theirs, 'c')).toBe('v')
  expect(await theirs.evaluate(() => window.kv.size)).toBe(12)
})

test('a wipe that a tab slept through is told when it is back, and put back from the notice', async ({
  browser,
  openTab,
}) => {
  const [here, there] = [await browser.newContext(), await browser.newContext()]
  const [ours, theirs] = [await openTab(here, 'slept'), await openTab(there, 'slept')]
  await ours.evaluate((keys) => window.kv.setMany(keys.map((key) => [key, 1] as const)), KEYS)
  await inSync(ours, theirs)
  await BUTTONS.goOffline(ours)
  await theirs.evaluate((keys) => Promise.all(keys.map((key) => window.kv.delete(key))), KEYS)
  await BUTTONS.goOnline(ours)
  await inSync(ours, theirs)
  const wipe = ours.getByTestId('wipe')
  await expect(wipe).toContainText('Others removed 12 values.') // who told us need not be who did it
  await wipe.getByRole('button', { name: 'Put back' }).click()
  await expect(wipe).toHaveCount(0)
  await inSync(ours, theirs)
  for (const page of [ours, theirs]) expect(await page.evaluate(() => window.kv.size)).toBe(12)
  await here.close()
  await there.close()
})

test('forgetting the room forgets what could be put back, too', async ({ browser, openTab }) => {
  const [here, there] = [await browser.newContext(), await browser.newContext()]
  const [ours, theirs] = [await openTab(here, 'forgotten'), await openTab(there, 'forgotten')]
  await ours.evaluate(() => window.kv.set('a', 1))
  await inSync(ours, theirs)
  await theirs.evaluate(() => window.kv.delete('a'))
  await ours.waitForFunction(() => window.kv.status().removed === 1)
  await ours.evaluate(() => window.kv.set('saved', 'after that')) // what comes from peers may lag on disk
  await ours.reload()
  await kvReady(ours)
  expect(await removedIn(ours)).toBe(1)

  await ours.evaluate(() => window.kv.forget())
  await ours.reload()
  await kvReady(ours)
  await inSync(ours, theirs)
  expect(await ours.evaluate(() => [window.kv.keys(), window.kv.removed()])).toEqual([['saved'], []])
  await here.close()
  await there.close()
})
