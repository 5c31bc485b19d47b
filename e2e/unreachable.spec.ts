/** Two tabs in one room between which no way leads: here because they may use nothing but relays, and there is none. */
import { startServer, expect, kvReady, test } from './support'

test('the page says that another tab is there and can’t be reached, and what to do; and no longer once it has gone', async ({
  browser,
}) => {
  const server = await startServer({ ICE_TRANSPORT_POLICY: 'relay' })
  const open = async (locale: string) => {
    const page = await (await browser.newContext({ locale })).newPage()
    await page.goto(`${server.url}#a-room-cut-in-two`)
    await kvReady(page)
    return page
  }
  const [here, there] = [await open('en'), await open('pt-BR')]
  const told = { timeout: 45_000 } // two dials, and each is given 8 s
  await expect(here.getByTestId('unreachable')).toContainText('Another tab is in this room', told)
  await expect(here.getByTestId('unreachable')).toContainText('TURN')
  await expect(here.getByTestId('status')).toContainText('no direct way to the others')
  expect(await here.evaluate(() => window.kv.status())).toMatchObject({ linked: 0, unreachable: 1 })
  await expect(there.getByTestId('unreachable')).toContainText('Há outra aba nesta sala', told)
  await expect(there.getByTestId('status')).toContainText('sem caminho direto')

  await there.context().close()
  await expect(here.getByTestId('unreachable')).toBeHidden()
  await expect(here.getByTestId('status')).toContainText('nobody else here yet')
  await server.stop()
})
