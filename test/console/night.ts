import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { missing, openBackend, until } from '../fixtures/servers.ts'
import { openService, temporaryFolder } from '../fixtures/service.ts'
import { noBrowser, openBrowser, openPage, shoot } from './fixtures/browser.ts'

const WORK = { module: join(import.meta.dirname, 'fixtures', 'work.mjs'), export: 'work', thread: false }
const process = { run: WORK, concurrency: 50 }

t.setTimeout(300_000)

t.test('1,000 events, 47 failures of 3 causes: found and retried in few actions', { skip: noBrowser || missing('redis') }, async (t) => {
  const backend = await openBackend('redis')
  t.teardown(() => backend.close())
  const broken = join(temporaryFolder(t), 'broken')
  writeFileSync(broken, '')
  const { call, url } = await openService(t, {
    backend: backend.url,
    lookups: { events: { gather_due: ['gather'], session_gathered: ['transcribe'], new_assembly: ['dump_dna'] }, processes: { gather: process, transcribe: process, dump_dna: process } }
  })
  const submit = async (type: string, subject: string, data: object): Promise<void> => {
    const { status } = await call('POST', '/jobs', { type, subject, data })
    t.equal(status, 202)
  }
  const plan = Array.from({ length: 1000 }, (_, n): [string, string, object] => {
    if (n % 25 === 0 && n < 975) return ['gather_due', `city_${n}`, { fail: `the city answered 500 for day ${n}`, broken }]
    if (n % 250 === 1) return ['session_gathered', `meeting_${n}`, { fail: `getaddrinfo EAI_AGAIN "video${n}.example.gov"`, broken }]
    if (n % 250 === 2) return ['new_assembly', `genome_${n}`, { fail: `data/gff3 line ${n}: no such parent`, broken }]
    return ['gather_due', `city_${n}`, {}]
  })
  for (let n = 0; n < plan.length; n += 50) await Promise.all(plan.slice(n, n + 50).map((one) => submit(...one)))
  const failed = async (): Promise<number> => (await call('GET', '/jobs?status=failed&limit=200')).body.items.length
  await until(async () => (await call('GET', '/queues')).body.items.every(({ waiting, active }: Record<string, number>) => waiting === 0 && active === 0), 'the end of all')
  t.equal(await failed(), 47)
  const browser = await openBrowser(t)

  await t.test('by mouse', async (t) => {
    const { page, see, problems } = await openPage(t, browser, `${url}/console/`)
    await see('failed in 24 h')
    await shoot(page, 'night-overview')
    let actions = 0
    const click = async (name: string | RegExp, role: 'link' | 'button' | 'checkbox' = 'button'): Promise<void> => {
      actions += 1
      await page.getByRole(role, { name }).first().click()
    }
    await click(/47 failed in 24 h/, 'link')
    await see('3 causes, 47 jobs')
    await shoot(page, 'night-failures')
    await click(/^Select 4 of transcribe/, 'checkbox')
    await click('Retry…')
    await see('4 × transcribe')
    rmSync(broken)
    await click('Retry 4')
    await see('4 of 4 run again')
    await click('Done')
    await see('2 causes, 43 jobs')
    t.ok(actions <= 12, `${actions} actions`)
    t.comment(`${actions} actions by mouse`)
    t.same(problems, [])
  })

  await t.test('by keyboard alone', async (t) => {
    const { page, see, problems } = await openPage(t, browser, `${url}/console/`)
    await see('failed in 24 h')
    let actions = 0
    const press = async (key: string): Promise<void> => {
      actions += 1
      await page.keyboard.press(key)
    }
    await press('g')
    await press('f')
    await see('2 causes, 43 jobs')
    await press('j')
    while (await page.evaluate("!document.activeElement.closest('[data-row]').textContent.includes('the city answered 500')")) await press('j')
    await press('x')
    await see('39 selected')
    await press('r')
    await see('39 × gather')
    await press('Enter')
    await see('39 of 39 run again')
    await press('Escape')
    await see('1 cause, 4 jobs')
    t.ok(actions <= 12, `${actions} keys`)
    t.comment(`${actions} keys`)
    t.same(problems, [])
  })
  t.equal(await failed(), 4)
})
