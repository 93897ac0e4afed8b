import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { inMajority, isEmail, routerStringOf } from '../../../src/pipelines/councils/model/constants.ts'
import { createDocuments } from '../../../src/pipelines/councils/model/documents.ts'
import { documentId } from '../../../src/pipelines/councils/model/document-id.ts'
import { gather } from '../../../src/pipelines/councils/gather.ts'
import { createStoreEvent } from '../../../src/pipelines/councils/store_event.ts'
import { councilJson, openCouncil, skip, startSite, type CouncilReply } from './fixtures/council.ts'
import { openService, temporaryFolder } from '../../fixtures/service.ts'
import { HOME } from '../../fixtures/places.ts'

const storeEvent = createStoreEvent({ pauseMs: 1 })
const session = { session_datetime: 1631525400, video_uri: 'https://video.example/a.mp4', session_index: 0 }
const lookups = (name: string) => JSON.parse(readFileSync(join(HOME, 'lookups', name), 'utf8')) as Record<string, unknown>

/** Gathers and stores one meeting. */
async function storeMeeting (t: Test, event: Record<string, unknown>) {
  const council = openCouncil(t)
  const { events } = await council.run(gather, event)
  const gathered = events[0]?.data as Record<string, unknown>
  const store = async () => await council.run(storeEvent, gathered)
  return { ...council, documents: createDocuments(council.store), gathered, first: await store(), again: store }
}

t.test('the filled event: every document under the id of its key, and a second run changes nothing', { skip }, async (t) => {
  const site = await startSite(t, (path) => path === '/mosqueda.jpg' || path === '/amendment.pdf' ? { body: 'bytes' } : { status: 404 })
  const text = JSON.stringify(councilJson('events', 'example_filled_event.json'))
    .replaceAll('https://www.seattle.gov/Images/Council/Members/Mosqueda/Mosqueda_225x225.jpg', `${site.url}/mosqueda.jpg`)
    .replaceAll('http://www.seattle.gov/Images/Clerk/district7_50x50.jpg', `${site.url}/gone.jpg`)
    .replaceAll('http://legistar2.granicus.com/seattle/attachments/789a0c9f-dd9c-401b-aaf5-6c67c2a897b0.pdf', `${site.url}/amendment.pdf`)
  const { first, again, documents, gathered, store, folder } = await storeMeeting(t, JSON.parse(text) as Record<string, unknown>)
  const eventId = documentId(['4346a8351006', 1631525400])
  t.equal(gathered['event_id'], eventId)
  t.match(first.output, { event_id: eventId, stored: { body: 5, event: 1, minutes_item: 2, event_minutes_item: 2, matter: 1, matter_sponsor: 2, matter_status: 1, matter_file: 1, event_minutes_item_file: 1, person: 4, seat: 4, role: 6, vote: 4, file: 1 } })
  t.match(first.output['failures'], [{ at: 'event_minutes_items/1/votes/2/person/seat/image_uri', reason: /status 404/ }])
  t.same(first.events, [{ type: 'event_stored', subject: eventId, data: { event_id: eventId, failures: 1 } }])

  const person = 'e54faa3434c9'
  t.match(await documents.get('person', person), { name: 'M. Lorena González', router_string: 'm-lorena-gonzalez', is_active: true })
  t.ok((await documents.ids('minutes_item')).includes('1e575caea0b9'))
  const [matter, item] = [documentId(['CB 119858']), documentId([eventId, documentId(['CB 119858'])])]
  t.match(await documents.get('event_minutes_item', item), { event_ref: eventId, index: 1, decision: 'Passed' })
  t.match(await documents.get('vote', documentId([matter, eventId, item, person, 'Approve'])), { in_majority: true })
  t.match(await documents.get('vote', documentId([matter, eventId, item, documentId(['Alex Pedersen']), 'Reject'])), { in_majority: false })
  t.match(await documents.get('matter_status', documentId([matter, 'Adopted', 1631525400])), { event_minutes_item_ref: item })
  t.match(await documents.get('role', documentId(['Council President', person, null, documentId(['Position 9'])])), { body_ref: null, start_datetime: 1631525400 })
  t.match(await documents.get('body', documentId(['Finance and Housing'])), { start_datetime: 1631525400 })
  const picture = `${createHash('sha256').update('bytes').digest('hex')}-person-picture`
  t.match(await documents.get('person', documentId(['Teresa Mosqueda'])), { picture_ref: documentId([store.url(picture)]) })
  t.equal(readFileSync(join(folder, picture), 'utf8'), 'bytes')
  t.equal(site.asked.filter((path) => path === '/amendment.pdf').length, 1)

  const second = await again()
  t.same(second.output, first.output)
  t.same((await documents.ids('vote')).length, 4)
})

t.test('what is at fault is left out and named, and the rest is stored', async (t) => {
  const site = await startSite(t, (path, _url, times): CouncilReply => {
    if (path === '/loop') return { status: 302, headers: { location: '/loop' } }
    if (path === '/moved') return { status: 301, headers: { location: '/there' } }
    if (path === '/busy' && times < 3) return { status: 503 }
    return ['/there', '/busy', '/minutes.pdf'].includes(path) ? { body: 'x' } : { status: 404 }
  })
  const person = { name: '北京', seat: { name: 'Seat 1', roles: [{ title: 'King' }, { title: 'Chair' }] } }
  const { first, documents } = await storeMeeting(t, {
    body: { name: 'Council' },
    sessions: [session],
    agenda_uri: `${site.url}/missing.pdf`,
    minutes_uri: `${site.url}/minutes.pdf`,
    static_thumbnail_uri: 'https://city.example/still.png',
    event_minutes_items: [
      {
        minutes_item: { name: 'one' },
        index: 7,
        decision: 'Passed',
        matter: { name: 'CB 1', matter_type: 'Bill', title: 'A bill', result_status: 'Sleeping', sponsors: [{ name: 'Bad Mail', email: 'nobody', phone: '1' }] },
        supporting_files: [{ name: 'moved', uri: `${site.url}/moved` }, { name: 'busy', uri: `${site.url}/busy` }, { name: 'loop', uri: `${site.url}/loop` }, { name: 'local', uri: '/etc/passwd' }, { name: 'cloud', uri: 'gs://bucket/file.pdf' }],
        votes: [{ person, decision: 'Approve' }, { person, decision: 'Maybe' }, { person, decision: 'Absent (Non-Voting)' }]
      },
      { minutes_item: { name: 'two' }, decision: 'Postponed', votes: [{ person, decision: 'Approve' }] }
    ]
  })
  t.match(first.output['failures'], [
    { at: 'agenda_uri', reason: /missing\.pdf.*status 404: left out/ },
    { at: 'event_minutes_items/0/matter/sponsors/0', reason: /email "nobody"/ },
    { at: 'event_minutes_items/0/matter/result_status', reason: /"Sleeping" is not one of/ },
    { at: 'event_minutes_items/0/supporting_files/2/uri', reason: /redirects more than 5 times/ },
    { at: 'event_minutes_items/0/supporting_files/3/uri', reason: /is not an http\(s\) address/ },
    { at: 'event_minutes_items/0/votes/0/person/seat/roles/0/title', reason: /"King"/ },
    { at: 'event_minutes_items/0/votes/1/decision', reason: /"Maybe"/ },
    { at: 'event_minutes_items/1/decision', reason: /"Postponed"/ },
    { at: 'event_minutes_items/1/votes', reason: '1 votes are left out: the item has no decision' }
  ])
  t.equal((first.output['failures'] as unknown[]).length, 9)
  t.match(first.output['stored'], { vote: 2, role: 1, matter_file: 3, event_minutes_item: 2 })
  const event = await documents.get('event', documentId([documentId(['Council']), session.session_datetime]))
  t.match(event, { minutes_uri: `${site.url}/minutes.pdf`, static_thumbnail_ref: documentId(['https://city.example/still.png']) })
  t.notOk('agenda_uri' in (event ?? {}), 'the bad one only')
  t.same(await documents.get('person', documentId(['Bad Mail'])), { id: documentId(['Bad Mail']), name: 'Bad Mail', is_active: true, router_string: 'bad-mail' })
  t.notOk('router_string' in (await documents.get('person', documentId(['北京'])) ?? {}), 'nothing of the name can stand in an address')
  const votes = []
  for await (const { decision, in_majority: majority } of documents.all('vote')) votes.push([decision, majority])
  t.same(votes.sort(), [['Absent (Non-Voting)', undefined], ['Approve', true]])
  await t.rejects(openCouncil(t).run(storeEvent, { event_id: '4346a8351006', event_file: 'gathered/4346a8351006.json' }), { code: 'FINAL' })
})

t.test('router strings, addresses and majorities', async (t) => {
  t.same(['M. Lorena González', "Dan  O'Brien ", 'Anne-Marie', 'Ø', 'Ann Lee, Jr.'].map(routerStringOf), ['m-lorena-gonzalez', 'dan-obrien', 'anne-marie', null, 'ann-lee-jr'])
  t.same(['a.b.c@x.gov', 'a@sub.x.gov', 'a+b@x.gov', 'nobody', 'a@b', 'a b@x.gov', 'a@x..gov'].map(isEmail), [true, true, true, false, false, false, false])
  t.same([['Approve', 'Failed'], ['Absent (Approve)', 'Passed'], ['Abstain (Reject)', 'Failed'], ['Reject', 'Passed'], ['Abstain (Non-Voting)', 'Passed']].map(([vote = '', item = '']) => inMajority(vote, item)), [false, true, true, false, null])
})

t.test('over HTTP: a bad event is refused with the path of every field, a good one ends in documents', { skip }, async (t) => {
  const processes = lookups('process_lookup.json')
  // Without a source: an event may not bring one even then. A thread would load all of TypeScript first.
  const inline = (module: string) => ({ ...processes[module] as Record<string, unknown>, run: { module, thread: false } })
  const shipped = lookups('event_lookup.json')
  const events = Object.fromEntries(['gather_due', 'special_event', 'event_gathered'].map((type) => [type, shipped[type]]))
  const { call } = await openService(t, { backend: `pglite:${temporaryFolder(t)}`, lookups: { events: { ...events, session_gathered: [], event_stored: [] }, processes: { gather: { ...inline('gather'), params: {} }, store_event: inline('store_event') } } })
  const post = async (type: string, data?: unknown) => await call('POST', '/jobs', { type, ...(data === undefined ? {} : { data }) })
  const refusals: Array<[string, unknown, string]> = [
    ['special_event', undefined, 'data/body'],
    ['special_event', {}, 'data/body'],
    ['special_event', { body: { name: 'x' }, sessions: [] }, 'data/sessions'],
    ['special_event', { body: null, sessions: [session] }, 'data/body'],
    ['special_event', { body: { name: 5 }, sessions: [session] }, 'data/body/name'],
    ['special_event', { body: { name: 'x' }, sessions: [{ ...session, session_datetime: 'soon' }] }, 'data/sessions/0/session_datetime'],
    ['special_event', { body: { name: 'x' }, sessions: [{ ...session, video_start_time: '10', video_end_time: '9' }] }, 'data/sessions/0/video_end_time'],
    ['special_event', { body: { name: 'x' }, sessions: [session], source: { command: ['id'] } }, 'data/source'],
    ['gather_due', { begin: '2021-08-16', end: '2021-08-16' }, 'data/begin'],
    ['gather_due', { end: '2021-08-16' }, 'data/begin'],
    ['gather_due', { begin: '2021-8-16' }, 'data/begin'],
    ['gather_due', { source: { module: '/tmp/x.ts' } }, 'data/source'],
    ['gather_due', 'x', 'data'],
    ['event_gathered', { event_id: '4346a8351006', body_name: 'x', event_datetime: 0, event_file: '../../etc/passwd' }, 'data/event_file']
  ]
  const answers = []
  for (const [type, data] of refusals) {
    const { status, body } = await post(type, data)
    answers.push([status, body.code, String(body.message).split(' ')[0]])
  }
  t.same(answers, refusals.map(([, , field]) => [400, 'INVALID_EVENT', field]))
  const { body: many } = await post('special_event', { body: { name: 5 }, sessions: [{ video_uri: 1, session_index: 'zero', session_datetime: 'soon' }] })
  for (const field of ['data/body/name', 'data/sessions/0/video_uri', 'data/sessions/0/session_index', 'data/sessions/0/session_datetime']) t.ok(many.message.includes(`${field} `), field)

  const flood = await post('special_event', { sessions: Array.from({ length: 100_000 }, () => ({})) })
  t.match(flood, { status: 400, body: { field: /^data\// } })
  t.ok(flood.body.message.length < 10_000)

  const ended = async (path: string) => {
    let answer = await call('GET', `${path}?wait=30`)
    while (answer.body.status === 'submitted' || answer.body.status === 'running') answer = await call('GET', `${path}?wait=30`)
    return answer
  }
  const { status, body: [[, job]] } = await post('special_event', councilJson('events', 'special_event_seed_example.json'))
  t.equal(status, 202)
  const done = await ended(`/jobs/gather/${job}`)
  t.match(done.body, { status: 'complete', output: { sessions_started: 1 } })
  const [stored] = done.body.events.filter(({ type }: { type: string }) => type === 'event_gathered')
  const answer = await ended(`/jobs/store_event/${stored.id}.store_event`)
  t.match(answer.body, { status: 'complete', output: { stored: { body: 1, event: 1 }, failures: [] } })
  const { body: types } = await call('GET', '/event_types')
  t.ok(types.items.find(({ type }: { type: string }) => type === 'special_event').example.data.sessions[0].video_uri)
})
