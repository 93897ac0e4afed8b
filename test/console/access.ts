import t from 'tap'
import { digestOf } from '../../src/api/access/keys.ts'
import { openAnyBackend } from '../fixtures/servers.ts'
import { openService, step } from '../fixtures/service.ts'
import { noBrowser, openBrowser, openPage, shoot, violations } from './fixtures/browser.ts'

t.setTimeout(300_000)

t.test('who may see and do what', { skip: noBrowser }, async (t) => {
  const backend = await openAnyBackend()
  t.teardown(() => backend.close())
  const keys = [{ name: 'night', sha256: digestOf('read-key'), scopes: ['read'] }]
  const lines: string[] = []
  const { call, url } = await openService(t, {
    backend: backend.url,
    lookups: { events: { noted: ['one'] }, processes: { one: step({ params: { default: { fail: 'it cannot be done' } } }) } },
    env: { SIGNALBOX_TOKEN: 'all-key', SIGNALBOX_KEYS: JSON.stringify(keys) },
    lines
  })
  const { headers } = await call('POST', '/jobs', { type: 'noted', subject: 'thing' }, { authorization: 'Bearer all-key' })
  const event = String(headers['location'])
  const browser = await openBrowser(t)

  await t.test('a key is asked for, a wrong one is refused, a good one is kept out of every address', async (t) => {
    const { page, context, see, problems, asked } = await openPage(t, browser, `${url}/console${event}`)
    await see('This service asks for a key')
    t.same(await violations(page), [])
    await shoot(page, 'sign-in')
    await page.getByLabel('Key').fill('wrong-key')
    await page.keyboard.press('Enter')
    await see('This key is not known here')
    await page.getByLabel('Key').fill('read-key')
    await page.keyboard.press('Enter')
    await see('it cannot be done')
    t.match(page.url(), `${url}/console${event}`, 'the page that was asked for')
    const board = await context.newPage()
    await board.goto(`${url}/board`)
    t.equal(board.url(), `${url}/board`, 'the same sign-in')
    await page.reload()
    await see('it cannot be done')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await see('This service asks for a key')
    await board.goto(`${url}/docs`)
    t.match(board.url(), /\/console\/sign-in\?to=%2Fdocs$/)
    t.notOk(asked.some((line) => /read-key|wrong-key/.test(line)))
    t.notOk(lines.some((line) => /read-key|wrong-key|all-key/.test(line)), 'nor is it logged')
    t.same(problems, [])
  })

  await t.test('a link may bring a key in its fragment, which is gone from the address at once', async (t) => {
    const { page, see, asked } = await openPage(t, browser, `${url}/console/failures#token=read-key`)
    await see('it cannot be done')
    t.equal(page.url(), `${url}/console/failures`)
    t.notOk(asked.some((line) => line.includes('read-key')))
  })

  await t.test('a key that only reads sees every button with the reason, and sends nothing', async (t) => {
    const { page, see, writes, problems } = await openPage(t, browser, `${url}/console${event}`, { key: 'read-key' })
    const reason = 'The key “night” does not have the scope “operate”.'
    await see('Retry failed (1)')
    for (const button of await page.getByRole('button', { name: /not possible/ }).all()) {
      await button.click({ force: true })
      t.equal(await button.getAttribute('title'), reason)
    }
    await see(reason)
    await page.keyboard.press('r')
    for (const path of ['processes', 'schedules', 'submit', 'blocks', 'failures']) {
      await page.goto(`${url}/console/${path}`)
      await page.locator('main h1').first().waitFor()
    }
    t.same(writes, [])
    t.same(await violations(page), [])
    await shoot(page, 'read-only')
    t.same(problems, [])
  })
})
