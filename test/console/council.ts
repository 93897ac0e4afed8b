import { join } from 'node:path'
import t from 'tap'
import { gatheredFile } from '../../src/pipelines/councils/meetings/gathered.ts'
import { writeJson } from '../../src/pipelines/councils/model/documents.ts'
import { markPending, updatePending } from '../../src/pipelines/councils/index/spoken-files.ts'
import { updateSections } from '../../src/pipelines/councils/session/sections.ts'
import { openStore } from '../../src/sdk/store/open.ts'
import { missing, openBackend } from '../fixtures/servers.ts'
import { openService } from '../fixtures/service.ts'
import { tell } from '../pipelines/councils/fixtures/told.ts'
import { noBrowser, openBrowser, openPage, violations } from './fixtures/browser.ts'

const SAID = ['Good evening.', 'CB 120345, an ordinance on the sale of Pier Nine.', 'The ferry stops at ten.', 'Adjournment.']
const person = (name: string) => ({ name, is_active: true, seat: null })

t.test('a citizen searches, comes to the moment, and sees the meeting with its agenda and votes', { skip: noBrowser || missing('redis') }, async (t) => {
  const backend = await openBackend('redis')
  t.teardown(() => backend.close())
  const { url, folder } = await openService(t, { backend: backend.url, lookups: { events: {}, processes: {} } })
  const { signal } = new AbortController()
  const store = openStore(`file:${join(folder, 'store')}`)
  const id = await tell(store, 'pier', { at: 1.7e9, body: 'Harbor Board', sentences: SAID, speakers: [null, 'Clerk', 'Kenji Ito', null], isPlaced: true })
  const items = [
    { minutes_item: { name: 'CB 120345', description: 'An ordinance on the sale of Pier Nine', external_source_id: null }, index: 1, matter: null, supporting_files: [], decision: 'Passed', votes: [{ person: person('Kenji Ito'), decision: 'Approve' }, { person: person('Ana Peña'), decision: 'Reject' }] }
  ]
  await writeJson(store, gatheredFile(id), { event_id: id, event_datetime: 1.7e9, event: { body: { name: 'Harbor Board' }, event_minutes_items: items }, event_digest: '', session_digests: [] })
  await updateSections(store, id, items as never, signal)
  await markPending(store, id, signal)
  await updatePending({ store, signal, skip: () => {} })

  const { page, see, problems } = await openPage(t, await openBrowser(t), `${url}/console/council`)
  await see('Council meetings')
  await page.fill('input[name=q]', 'ferry')
  await page.click('button.main')
  await see('The ferry stops at ten.')
  t.equal(new URL(page.url()).searchParams.get('q'), 'ferry', 'a link opens the same answer')
  t.same(await violations(page), [])
  await page.click('.moments a')
  await see('Transcript')
  t.match(page.url(), new RegExp(`/console/council/${id}\\?session=0&t=20`))
  await page.waitForSelector('.said li[aria-current]')
  t.match(await page.textContent('.said li[aria-current]'), /Kenji Ito: The ferry stops at ten\./)
  t.match(await page.textContent('.agenda'), /CB 120345.*Passed.*at 0:00:10.*1 Approve, 1 Reject/)
  await page.click('.agenda button')
  await page.waitForFunction(() => document.querySelector('.said li[aria-current]')?.textContent?.includes('Pier Nine') === true)
  t.same(await violations(page), [])
  // The video of a made-up city is on no machine.
  t.same(problems.filter((one) => !one.includes('city.example')), [])
})
