import t from 'tap'
import { missing } from '../fixtures/servers.ts'
import { noBrowser } from './fixtures/browser.ts'
import { council } from './fixtures/council.ts'
import { event } from './fixtures/event.ts'
import { night } from './fixtures/night.ts'
import { openAll } from './fixtures/opened.ts'

t.setTimeout(600_000)

// One service and one browser for all of them: each costs more to start than a test takes.
t.test('the pages, on Redis', { skip: noBrowser || missing('redis') }, async (t) => {
  const opened = await openAll(t)
  await t.test('1,000 events, 47 failures of 3 causes: found and retried in few actions', (t) => night(t, opened))
  await t.test('an event and what comes of it', (t) => event(t, opened))
  await t.test('a citizen searches, comes to the moment, and sees the meeting with its agenda and votes', (t) => council(t, opened))
})
