import t from 'tap'
import { openBackend } from '../fixtures/servers.ts'
import { roleEnvironment, spawnRole, temporaryFolder } from '../fixtures/service.ts'
import { fits, noBrowser, openBrowser, openPage, shoot, violations } from './fixtures/browser.ts'

t.setTimeout(300_000)

t.test('the README\'s tour, on the service as it is shipped', { skip: noBrowser }, async (t) => {
  const backend = await openBackend('pglite')
  t.teardown(() => backend.close())
  const { SIGNALBOX_LOOKUPS: _none, ...env } = await roleEnvironment(temporaryFolder(t), backend.url)
  const service = await spawnRole('start', env)
  t.teardown(() => service.end('SIGTERM'))
  const url = `http://127.0.0.1:${env.PORT}`
  const browser = await openBrowser(t)

  await t.test('the example is submitted on a page, and its tree ends before the reader\'s eyes', async (t) => {
    const { page, see, problems } = await openPage(t, browser, `${url}/`)
    await see('Needs you')
    await shoot(page, 'overview-empty')
    await page.getByRole('link', { name: 'Submit', exact: true }).click()
    await see('event_lookup.json lists dump_dna for new_assembly')
    await shoot(page, 'submit')
    t.same(await violations(page), [])
    await page.getByRole('button', { name: 'Submit', exact: true }).click()
    await page.locator('h1', { hasText: 'complete' }).waitFor()
    t.equal(await page.locator('[role=treeitem][data-node=job]').count(), 4)
    t.equal(await page.locator('[role=treeitem][data-node=event]').count(), 5)
    await shoot(page, 'event-tree')
    t.match(await page.title(), '✔ new_assembly minimus_exemplaris · Signalbox')
    t.same(problems, [])
  })

  await t.test('an event and a job have addresses that open cold, and back leads back', async (t) => {
    const { page, see } = await openPage(t, browser, `${url}/console/events`)
    await page.getByRole('link', { name: 'new_assembly' }).first().click()
    await see('dump_dna')
    await page.getByRole('treeitem', { name: /dump_dna/ }).click()
    await see('3 regions, 28000 bases')
    const job = page.url()
    await page.goBack()
    await page.goBack()
    t.match(page.url(), '/console/events')
    const cold = await openPage(t, browser, job)
    await cold.see('3 regions, 28000 bases')
    t.same(cold.problems, [])
    for (const view of ['time', 'table']) {
      const { page: other } = await openPage(t, browser, job.replace('node=', `view=${view}&node=`))
      await other.getByText('verify_dump').first().waitFor()
      await shoot(other, `event-${view}`)
      t.same(await violations(other), [], view)
    }
  })

  await t.test('every page is readable for everybody, light and dark, narrow and wide', async (t) => {
    const pages = ['', 'failures', 'events', 'processes', 'processes/dump_dna', 'schedules', 'backfills', 'submit', 'subjects/minimus_exemplaris', 'blocks', 'events/none', 'no-such-page']
    for (const scheme of ['light', 'dark'] as const) {
      const { page, problems } = await openPage(t, browser, `${url}/console/`, { scheme })
      for (const width of [320, 768, 1280, 1920]) {
        await page.setViewportSize({ width, height: 800 })
        for (const path of pages) {
          await page.goto(`${url}/console/${path}`)
          await page.locator('main h1, main .empty').first().waitFor()
          // A page may ask for several things at once.
          await page.waitForFunction(() => document.querySelector('.skeleton') === null)
          t.ok(await fits(page), `${path} at ${width}`)
          // Colours are the same at every width, and names too: axe looks at the ends.
          if (width === 320 || width === 1920) t.same(await violations(page), [], `${path} at ${width} ${scheme}`)
          await shoot(page, `${path === '' ? 'overview' : path.replaceAll('/', '-')}-${width}-${scheme}`)
        }
      }
      t.same(problems, [])
    }
  })

  await t.test('the documentation and the board ask no other host', async (t) => {
    for (const path of ['/docs', '/board']) {
      const { page, problems } = await openPage(t, browser, url + path)
      await page.waitForLoadState('networkidle')
      t.same(problems, [], path)
      t.equal(await page.getByText('No workers').count(), 0)
      await shoot(page, path.slice(1))
    }
  })
})
