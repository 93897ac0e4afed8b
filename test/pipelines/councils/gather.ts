import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { WORDS, meaning, voteDecision, withWords } from '../../../src/pipelines/councils/legistar/words.ts'
import { createGather } from '../../../src/pipelines/councils/gather.ts'
import { councilJson, openCouncil, skip, startSite, type CouncilReply } from './fixtures/council.ts'
import { temporaryFolder } from '../../fixtures/service.ts'

const range = { begin: '2019-07-29', end: '2019-07-30', timezone: 'America/Los_Angeles' }
const gather = createGather({ pauseMs: 1 })
const session = { session_datetime: 1631491200, video_uri: 'https://video.example/a.mp4', session_index: 0 }
const meeting = { body: { name: 'Full Council' }, sessions: [session] }

/** Answers by the recording, changed as a test needs it. */
function recorded (change: (path: string, body: unknown, times: number) => CouncilReply | undefined = () => undefined) {
  const routes = councilJson('legistar', 'routes.json') as Record<string, string>
  return (path: string, _url: URL, times: number): CouncilReply => {
    const file = routes[path]
    const body = file === undefined ? undefined : councilJson('legistar', file)
    return change(path, body, times) ?? (file === undefined ? { status: 404, body: { Message: 'no' } } : { body })
  }
}
const withVideos = (path: string, body: unknown): CouncilReply | undefined => path.endsWith('/Events') ? { body: (body as Array<{ EventId: number }>).map((event) => ({ ...event, EventVideoPath: `https://video.example/${event.EventId}.mp4` })) } : undefined

/** A module that returns what is written here, as a city's own get_events would. */
function moduleSource (t: Parameters<typeof temporaryFolder>[0], code: string): { module: string } {
  const module = join(temporaryFolder(t), 'get_events.ts')
  writeFileSync(module, code)
  return { module }
}

t.test('the recording as it is: every meeting is skipped with its reason', { skip }, async (t) => {
  const site = await startSite(t, recorded())
  const { output, events, steps, artefacts } = await openCouncil(t).run(gather, { ...range, source: { legistar: { client: 'seattle', base_url: `${site.url}/v1` } } })
  t.same(events, [])
  t.same(steps.map(({ name, state }) => `${name}: ${state}`), ['ask the source: complete', 'read the meetings: complete', 'compare with what is known: complete', 'keep the meetings: complete'])
  t.match(artefacts, [{ name: 'skipped meetings', kind: 'table', columns: ['event', 'reason'], total: 3 }])
  t.match(output, { begin: '2019-07-29T07:00:00Z', end: '2019-07-30T07:00:00Z', meetings: 3, sessions_started: 0 })
  t.same((output['skipped'] as Array<{ reason: string }>).map(({ reason }) => reason), Array.from({ length: 3 }, () => 'it has no video: EventVideoPath is empty'))
  t.same(site.asked, ["/v1/seattle/Events?$filter=EventDate ge datetime'2019-07-29T00:00:00' and EventDate lt datetime'2019-07-30T00:00:00'"])
})

t.test('with videos each meeting has its session, minutes and votes; a second run finds nothing new', { skip }, async (t) => {
  const site = await startSite(t, recorded(withVideos))
  const { run, store } = openCouncil(t)
  const source = { legistar: { client: 'seattle', base_url: `${site.url}/v1` } }
  const first = await run(gather, { ...range, source })
  t.match(first.output, { meetings: 3, sessions_started: 3, skipped: [], unknown_words: [] })
  t.same(first.events.map(({ type }) => type), ['event_gathered', 'session_gathered', 'event_gathered', 'session_gathered', 'event_gathered', 'session_gathered'])
  t.match(first.events[1], { subject: first.events[0]?.subject, data: { body_name: 'Council Briefing', session_index: 0, event_datetime: Date.parse('2019-07-29T09:30:00-07:00') / 1000, session: { video_uri: 'https://video.example/4048.mp4' } } })
  t.equal(new Set(site.asked).size, site.asked.length, 'nothing is asked for twice')
  const forms = ['/v1/seattle/Bodies/211', '/v1/seattle/Events/4048/EventItems?AgendaNote=1&MinutesNote=1&Attachments=1', '/v1/seattle/EventItems/65936/Votes', '/v1/seattle/Persons/183', '/v1/seattle/Persons/183/OfficeRecords', '/v1/seattle/Matters/8862/Sponsors']
  t.same(forms.filter((path) => !site.asked.includes(path)), [])

  const chunks: string[] = []
  for await (const chunk of store.read(String((first.events[2]?.data as { event_file: string }).event_file))) chunks.push(Buffer.from(chunk).toString())
  const { event } = JSON.parse(chunks.join('')) as { event: { body: { name: string }, event_minutes_items: Array<{ minutes_item: { name: string, description: string | null }, matter: { name: string, title: string, result_status: string } | null, decision: string | null, votes: Array<{ decision: string }> }> } }
  t.equal(event.body.name, 'City Council', 'no body in the recording: the name in the event')
  const bill = event.event_minutes_items.find(({ minutes_item: { name } }) => name === 'CB 119583')
  t.match(bill, { minutes_item: { description: /^AN ORDINANCE related to appropriations/ }, matter: { name: 'CB 119583', title: /^AN ORDINANCE/, result_status: 'Adopted' }, decision: 'Passed' })
  t.same(event.event_minutes_items.flatMap(({ votes }) => votes.map(({ decision }) => decision)), Array.from({ length: 32 }, () => 'Approve'))

  const second = await run(gather, { ...range, source })
  t.match(second.output, { meetings: 3, unchanged: 3, sessions_started: 0 })
  t.same(second.events, [])
  t.equal((await run(gather, { ...range, source, force: true })).events.length, 6, 'force starts all again')
})

t.test('an outage is waited out, and one that lasts fails the job, or the one meeting that it concerns', { skip }, async (t) => {
  const source = (url: string) => ({ legistar: { client: 'seattle', base_url: `${url}/v1` } })
  const shaky = await startSite(t, recorded((path, body, times) => times === 1 ? 'reset' : times === 2 ? { status: 503 } : withVideos(path, body)))
  t.match((await openCouncil(t).run(gather, { ...range, source: source(shaky.url) })).output, { sessions_started: 3, skipped: [] })
  const limited = await startSite(t, recorded((path, body) => path.endsWith('/EventItems/65936/Votes') ? { status: 429 } : withVideos(path, body)))
  const partly = await openCouncil(t).run(gather, { ...range, source: source(limited.url) })
  t.match(partly.output, { sessions_started: 3, skipped: [], noted: [{ event: 'City Council, 2019-07-29, EventId 4049', reason: /^votes of item 65936: .*status 429/ }] }, 'what is not to be had costs itself, not the meeting')
  t.equal(limited.asked.filter((path) => path.endsWith('/65936/Votes')).length, 3)
  const down = await startSite(t, () => ({ status: 500 }))
  await t.rejects(openCouncil(t).run(gather, { ...range, source: source(down.url) }), /status 500/)
  t.equal(down.asked.length, 3)
  const unknown = await startSite(t, () => ({ status: 400, body: {} }))
  await t.rejects(openCouncil(t).run(gather, { ...range, source: source(unknown.url) }), { code: 'FINAL' })
})

t.test('people, seats and roles of Legistar; meetings out of the range and cancelled ones', async (t) => {
  const event = (id: number, more: Record<string, unknown> = {}) => ({ EventId: id, EventBodyId: 7, EventBodyName: 'Council', EventDate: '2021-03-14T00:00:00', EventTime: '2:00 PM', EventVideoPath: 'https://video.example/1.mp4', ...more })
  const answers: Record<string, unknown> = {
    Events: [event(1), event(2, { EventTime: '11:30 PM' }), event(3, { EventVideoPath: null, EventComment: 'Meeting CANCELLED' }), event(4, { EventTime: 'after lunch', EventBodyId: null, EventBodyName: 'Lunch Board' }), event(5, { EventTime: null, EventBodyId: null, EventBodyName: null })],
    'Bodies/7': { BodyId: 7, BodyName: 'Full Council', BodyActiveFlag: 0 },
    'Events/1/EventItems': [{ EventItemId: 5, EventItemTitle: 'A bill', EventItemMatterId: 9, EventItemMatterFile: 'CB 1', EventItemMatterType: 'Bill', EventItemMatterStatus: 'Sleeping', EventItemPassedFlagName: 'Tabled' }],
    'EventItems/5/Votes': [{ VoteId: 1, VotePersonId: 3, VoteValueName: 'Absent' }, { VoteId: 2, VotePersonId: 3, VoteValueName: 'Aye' }, { VoteId: 3, VotePersonId: 4, VotePersonName: 'Gone', VoteValueName: 'Nay' }],
    'Persons/3': { PersonId: 3, PersonFullName: 'Ann Lee', PersonEmail: 'a.b.c@sub.city.gov', PersonActiveFlag: 1 },
    'Persons/3/OfficeRecords': [{ OfficeRecordId: 8, OfficeRecordTitle: null, OfficeRecordMemberType: 'Chair', OfficeRecordBodyId: 7, OfficeRecordBodyName: 'x', OfficeRecordStartDate: '2020-01-01T00:00:00', OfficeRecordEndDate: null }],
    'Matters/9/Sponsors': [{ MatterSponsorNameId: 3 }]
  }
  const site = await startSite(t, (path) => path.replace('/v1/city/', '') in answers ? { body: answers[path.replace('/v1/city/', '')] } : { status: 404 })
  const { run, store } = openCouncil(t)
  const { output, events } = await run(gather, { begin: '2021-03-14', end: '2021-03-14T23:00', timezone: 'America/Los_Angeles', source: { legistar: { client: 'city', base_url: `${site.url}/v1/`, words: { votes: { 'Absent (Non-Voting)': ['absent'] } } } } })
  t.same(output['skipped'], [
    { event: 'Council, 2021-03-14, EventId 3', reason: 'it was cancelled' },
    { event: '2021-03-14, EventId 5', reason: 'it has no body' }
  ])
  t.same(output['noted'], [{ event: 'Lunch Board, 2021-03-14, EventId 4', reason: 'EventTime "after lunch" is no time: the meeting is kept for its day' }])
  t.match(events[3], { data: { body_name: 'Lunch Board', event_datetime: Date.parse('2021-03-14T00:00:00-08:00') / 1000 } })
  t.same(output['unknown_words'], ['EventItemMatterStatus: Sleeping', 'EventItemPassedFlagName: Tabled'])
  t.match(events[1], { data: { event_datetime: Date.parse('2021-03-14T14:00:00-07:00') / 1000 } }, 'in summer time, though it began that night')
  let text = ''
  for await (const chunk of store.read(String((events[0]?.data as { event_file: string }).event_file))) text += Buffer.from(chunk).toString()
  t.match(JSON.parse(text).event, {
    body: { name: 'Full Council', is_active: false, external_source_id: '7' },
    event_minutes_items: [{
      decision: null,
      matter: { result_status: 'In Progress', sponsors: [{ name: 'Ann Lee', email: 'a.b.c@sub.city.gov', seat: { name: 'Full Council', roles: [{ title: 'Chair', body: { name: 'Full Council' }, start_datetime: Date.parse('2020-01-01T08:00Z') / 1000, external_source_id: '8' }] } }] },
      votes: [{ decision: 'Absent (Non-Voting)' }, { decision: 'Approve' }, { decision: 'Reject', person: { name: 'Gone' } }]
    }]
  })
})

t.test('the words of votes, decisions and statuses: whole words, negation first, never guessed', async (t) => {
  const votes: Record<string, string | undefined> = {
    'In Favor': 'Approve',
    Aye: 'Approve',
    Yea: 'Approve',
    Yes: 'Approve',
    'Not in favor': 'Reject',
    Disapprove: 'Reject',
    Nay: 'Reject',
    No: 'Reject',
    Opposed: 'Reject',
    'Abstain (Non-Voting)': 'Abstain (Non-Voting)',
    'Abstain-Approve': 'Abstain (Approve)',
    'Recused (NV)': 'Abstain (Non-Voting)',
    'Absent (No)': 'Absent (Reject)',
    'Excused - in favor': 'Absent (Approve)',
    'Not Present (Non voting)': 'Absent (Non-Voting)',
    Absent: 'Absent (Non-Voting)',
    Excused: 'Absent (Non-Voting)',
    Abstain: 'Abstain (Non-Voting)',
    Recused: 'Abstain (Non-Voting)',
    'Not Present': 'Absent (Non-Voting)',
    'Absent and abstain': undefined,
    'Non-voting': undefined,
    Unknown: undefined,
    Present: undefined,
    Nobody: undefined,
    'Never in favor': undefined,
    'Yes and no': undefined
  }
  t.same(Object.fromEntries(Object.keys(votes).map((word) => [word, voteDecision(word, WORDS.votes)])), votes)
  const decisions = { Pass: 'Passed', Passed: 'Passed', 'Not Passed': 'Failed', 'Failed to pass': 'Failed', Fail: 'Failed', Bypassed: undefined }
  t.same(Object.fromEntries(Object.keys(decisions).map((word) => [word, meaning(word, WORDS.decisions)])), decisions)
  const statuses = { 'Passed in Committee': undefined, 'Vetoed by Mayor': 'Rejected', 'Adopted as Amended': 'Adopted', 'Passed at Full Council': 'Adopted', 'Heard in Committee': 'In Progress', 'Committee Agenda Ready': 'In Progress', Adopted: 'Adopted', 'Not adopted': 'Rejected', Dropped: 'Rejected', Household: undefined }
  t.same(Object.fromEntries(Object.keys(statuses).map((word) => [word, meaning(word, WORDS.statuses)])), statuses)
  t.equal(voteDecision('Dafür', withWords(WORDS.votes, { approve: ['dafür'] })), 'Approve')
  t.equal(voteDecision('no', withWords(WORDS.votes, { abstain: ['no'] })), 'Abstain (Non-Voting)', 'what a city says of a phrase stands over what is shipped')
})

t.test('a module as the source: one bad meeting, session or item is named, the rest goes on', async (t) => {
  const source = moduleSource(t, `
    import type { Range } from 'nowhere'
    export async function get_events (begin: Date, end: Date, { log }: { log: (line: string) => void }) {
      log('asked for ' + begin.toISOString() + ' to ' + end.toISOString())
      const session = ${JSON.stringify(session)}
      return [
        { body: { name: 'A' }, sessions: [{ ...session, session_datetime: 'soon', session_index: 1 }, { ...session, session_index: 2 }, { ...session, video_uri: null }], event_minutes_items: [{ minutes_item: null }, { minutes_item: { name: 'kept' } }] },
        { body: null, sessions: [session] }, null, { body: { name: 'C' }, sessions: [{}] }, { body: { name: 'D' }, sessions: [{ ...session, video_uri: '/etc/passwd' }] },
        { body: { name: 'E' }, sessions: [session] }, { body: { name: 'E' }, sessions: [session] }
      ]
    }`)
  const { output, events, lines } = await openCouncil(t).run(gather, { begin: '2021-09-13', end: '2021-09-14T12:00Z', timezone: 'America/Los_Angeles', source })
  t.match(lines, ['asked for 2021-09-13T07:00:00.000Z to 2021-09-14T12:00:00.000Z'])
  t.match(output['skipped'], [
    { event: 'A, number 0 of the list', session: 0, reason: /session_datetime must be seconds/ },
    { event: 'A, number 0 of the list', session: 2, reason: /video_uri must be string/ },
    { event: 'A, number 0 of the list', item: 0, reason: /minutes_item must be object/ },
    { reason: 'body must be object' }, { reason: 'must be object' }, { event: 'C, number 3 of the list', session: 0 }, { event: 'C, number 3 of the list', reason: /no session is left/ },
    { event: 'D, number 4 of the list', session: 0, reason: /SIGNALBOX_INPUTS/ }, { event: 'E, number 6 of the list', reason: /already/ }
  ])
  t.equal((output['skipped'] as unknown[]).length, 9)
  t.same(events.map(({ type, data }) => [type, (data as { body_name: string }).body_name]), [['event_gathered', 'A'], ['session_gathered', 'A'], ['event_gathered', 'E'], ['session_gathered', 'E']])
})

t.test('a command as the source; what a source must not return', async (t) => {
  const command = (code: string) => ({ command: [process.execPath, '-e', code] })
  const { run } = openCouncil(t)
  const echo = `let text = ''; process.stdin.on('data', (part) => { text += part }).on('end', () => { console.log('chatter'); console.log(JSON.stringify([{ body: { name: JSON.parse(text).begin }, sessions: [${JSON.stringify(session)}] }])) })`
  t.match((await run(gather, { begin: '2021-09-13', end: '2021-09-14', source: command(echo) })).events[0], { data: { body_name: '2021-09-13T00:00:00.000Z' } })
  t.same((await run(gather, { begin: '2021-09-13', end: '2021-09-14', source: command('console.log(null)') })).events, [])
  await t.rejects(run(gather, { source: command('console.log(5)') }), { code: 'FINAL', message: /must return a list/ })
  await t.rejects(run(gather, { source: command('process.exit(3)') }), /exit code 3/)
  await t.rejects(run(gather, {}), { code: 'FINAL', message: /no source/ })
  await t.rejects(run(gather, { source: { legistar: { client: '../x' } } }), { code: 'FINAL' })
  await t.rejects(run(gather, { source: { module: './nowhere.ts' } }), { code: 'FINAL', message: /does not exist/ })
})

t.test('a source is tried again for what may pass, not for what will not', async (t) => {
  const { run } = openCouncil(t)
  const failing = (error: string) => moduleSource(t, `export const get_events = async () => { const seen = globalThis as { tries?: number }; seen.tries = (seen.tries ?? 0) + 1; ${error} }`)
  const tries = (): number => { const { tries: count = 0 } = globalThis as { tries?: number }; delete (globalThis as { tries?: number }).tries; return count }
  const quick = { begin: '2021-09-13', end: '2021-09-14' }
  await t.rejects(run(gather, { ...quick, source: failing("throw new Error('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) })") }), /fetch failed/)
  t.equal(tries(), 3)
  await t.rejects(run(gather, { ...quick, source: failing("throw new TypeError('x is undefined')") }), /x is undefined/)
  t.equal(tries(), 1)
})

t.test('a special event; a job that runs twice answers the same at the same places', async (t) => {
  const folder = temporaryFolder(t)
  const video = join(folder, 'a.mp4')
  writeFileSync(video, 'video')
  const { run } = openCouncil(t, [folder])
  const special = { ...meeting, sessions: [{ ...session, video_uri: video, session_index: 1, session_datetime: 1631495000 }, session, { ...session, video_uri: '/etc/passwd', session_index: 2 }] }
  const first = await run(gather, special, { jobId: 'same' })
  t.match(first.output, { begin: null, sessions_started: 2, skipped: [{ session: 2, reason: /SIGNALBOX_INPUTS/ }] })
  t.match(first.events[1], { type: 'session_gathered', data: { session: { video_uri: video }, event_datetime: session.session_datetime, body_id: '4346a8351006' } })
  t.same((await run(gather, special, { jobId: 'same' })).events, first.events)
  t.same((await run(gather, special)).events, [])
  const moved = await run(gather, { ...special, agenda_uri: 'https://city.example/agenda.pdf', sessions: [...special.sessions, { ...session, session_index: 3, video_uri: 'https://video.example/b.mp4' }] })
  t.same(moved.events.map(({ type, data }) => [type, (data as { session_index?: number }).session_index]), [['event_gathered', undefined], ['session_gathered', 3]], 'what is new of a meeting that is known')
  await t.rejects(run(gather, { ...meeting, sessions: [{ ...session, video_uri: '/etc/passwd' }] }), { code: 'FINAL', message: /data\/sessions\/0: video_uri is not in one of the folders/ })
  await t.rejects(run(gather, { body: null }), { code: 'FINAL', message: 'data/sessions is required; data/body must be object' })
})

t.test('more than one job can hand over is refused before anything is kept', async (t) => {
  const source = moduleSource(t, `export default async () => Array.from({ length: 800 }, (_, i) => ({ body: { name: 'Body ' + i }, sessions: [${JSON.stringify(session)}] }))`)
  const { run, store } = openCouncil(t)
  await t.rejects(run(gather, { begin: '2021-09-13', end: '2021-09-14', source }), { code: 'FINAL', message: /with a backfill/ })
  t.same(await store.list('gathered'), [])
})
