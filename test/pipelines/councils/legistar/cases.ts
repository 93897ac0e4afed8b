import t, { type Test } from 'tap'
import { createGather } from '../../../../src/pipelines/councils/gather.ts'
import { minutesOfDay } from '../../../../src/pipelines/councils/legistar/time.ts'
import { WORDS, meaning } from '../../../../src/pipelines/councils/legistar/words.ts'
import { cleanName } from '../../../../src/pipelines/councils/model/clean-name.ts'
import { readGathered, type GatheredEvent } from '../../../../src/pipelines/councils/meetings/gathered.ts'
import { createStoreEvent } from '../../../../src/pipelines/councils/store_event.ts'
import { councilCase, noCases } from '../fixtures/cases.ts'
import { openCouncil, startSite } from '../fixtures/council.ts'

const gather = createGather({ pauseMs: 1 })

type City = { zone?: string, begin?: string, end?: string, events: object[], routes?: Record<string, unknown>, more?: object }

/** Gathers from a made-up city: what it found, and what is kept of it. */
async function gatherCity (t: Test, { zone = 'America/Chicago', begin = '2024-03-01', end = '2024-03-31', events, routes = {}, more = {} }: City) {
  const answers: Record<string, unknown> = { Events: events, ...routes }
  const site = await startSite(t, (path) => {
    const body = answers[path.replace('/v1/city/', '')]
    return body === undefined ? { status: 404 } : typeof body === 'number' ? { status: body } : { body }
  })
  const council = openCouncil(t)
  const found = await council.run(gather, { begin, end, timezone: zone, source: { legistar: { client: 'city', base_url: `${site.url}/v1`, ...more } } })
  const files = found.events.filter(({ type }) => type === 'event_gathered').map(({ data }) => (data as { event_file: string }).event_file)
  const kept = await Promise.all(files.map(async (file) => await readGathered(council.store, file) as GatheredEvent))
  return { ...found, kept, council }
}

const byCase = async (t: Test, name: string) => {
  const { input, expected } = councilCase<City, Record<string, unknown>>(`legistar-${name}`)
  return { expected, found: await gatherCity(t, input) }
}

t.test('times as clerks type them', { skip: noCases }, async (t) => {
  const { expected, found } = await byCase(t, 'times-of-other-forms')
  t.same(found.kept.map(({ event_datetime: at }) => new Date(at * 1000).toISOString()), expected['datetimes'])
  t.same(found.output['skipped'], [])
})

t.test('votes of one item that answer 500 cost those votes alone, and are named', { skip: noCases }, async (t) => {
  const { expected, found } = await byCase(t, 'votes-of-one-item-answer-500')
  t.equal(found.kept.length, expected['meetings'])
  t.equal(found.kept[0]?.event.event_minutes_items.length, expected['items'])
  t.match(found.output['noted'], [{ reason: /^votes of item 100: .*status 500/ }])
})

t.test('an item without a place in the minutes has that of the agenda', { skip: noCases }, async (t) => {
  const { expected, found } = await byCase(t, 'place-in-the-agenda')
  const items = found.kept[0]?.event.event_minutes_items ?? []
  t.same([...items].sort((one, other) => (one.index ?? 0) - (other.index ?? 0)).map(({ matter }) => matter?.name), expected['order'])
})

t.test('names have single blanks', { skip: noCases }, async (t) => {
  const { expected, found } = await byCase(t, 'blanks-in-names')
  t.same(found.kept[0]?.event.event_minutes_items.flatMap(({ votes }) => votes.map(({ person }) => person.name)), expected['voters'])
})

t.test('statuses that contradict', { skip: noCases }, async (t) => {
  const { input, expected } = councilCase<{ phrases: string[] }, { meanings: Array<Array<string | null>> }>('legistar-statuses-that-contradict')
  for (const [i, phrase] of input.phrases.entries()) t.ok(expected.meanings[i]?.includes(meaning(phrase, WORDS.statuses) ?? null), phrase)
})

t.test('a time is read where no person would be in doubt', async (t) => {
  const times: Record<string, number | undefined> = {
    '13:00': 780,
    '9:30 a.m.': 570,
    '9:30 A.M': 570,
    '9:30AM': 570,
    '10 AM': 600,
    '10AM': 600,
    NOON: 720,
    '12 noon': 720,
    '12:00 NOON': 720,
    midnight: 0,
    '6:00:00 PM': 1080,
    '12:15 AM': 15,
    '12:15 pm': 735,
    ' 6:30  p.m. ': 1110,
    '6.30 pm': 1110,
    '09:30': 570,
    '9:30': 570,
    '00:15': 15,
    '18:30:00': 1110,
    '6:00 PM *REVISED*': 1080,
    '6:00 PM - 8:00 PM': 1080,
    '13:00 PM': 780,
    '6:00': undefined,
    '25:00': undefined,
    '9:75 AM': undefined,
    '13 AM': undefined,
    TBD: undefined,
    'after lunch': undefined,
    '': undefined,
    2024: undefined,
    '1:00:00:00': undefined
  }
  t.same(Object.fromEntries(Object.keys(times).map((text) => [text, minutesOfDay(text)])), times)
})

t.test('names are without markup and entities', async (t) => {
  t.equal(cleanName(' <b>Ada&nbsp;</b> Lindqvist&#45;Orr,\u00a0Jr. '), 'Ada Lindqvist-Orr, Jr.')
  t.equal(cleanName('Smith &amp; Sons'), 'Smith & Sons')
  t.equal(cleanName('A < B'), 'A < B')
})

const EVENT = { EventId: 41, EventBodyId: 9, EventBodyName: 'Harbor Board', EventDate: '2024-03-05T00:00:00', EventTime: '6:00 PM', EventVideoPath: 'https://v.example/41.mp4' }
const ITEM = { EventItemId: 100, EventItemTitle: 'A lease', EventItemPassedFlagName: 'Pass', EventItemMatterId: 5, EventItemMatterFile: 'HB 1', EventItemMatterType: 'Lease', EventItemMatterStatus: 'Passed', EventItemMatterAttachments: [] }

t.test('titles of roles are those that the pages know, by default and by the words of the city', async (t) => {
  const titles = ['Council Member', 'Vice-Chair', 'Boardmember', 'Policy Chair', 'Harbor Master']
  const routes = {
    'Events/41/EventItems': [ITEM],
    'EventItems/100/Votes': [{ VoteId: 1, VotePersonId: 7, VoteValueName: 'Aye' }],
    'Persons/7': { PersonId: 7, PersonFullName: 'Ada Orr', PersonActiveFlag: 1 },
    'Persons/7/OfficeRecords': titles.map((title, i) => ({ OfficeRecordId: i, OfficeRecordTitle: title, OfficeRecordBodyName: 'Harbor Board', OfficeRecordStartDate: '2020-01-01T00:00:00' }))
  }
  const { events, council, output } = await gatherCity(t, { events: [EVENT], routes, more: { words: { roles: { Secretary: ['harbor master'] } } } })
  t.same(output['unknown_words'], [])
  await council.run(createStoreEvent({ pauseMs: 1 }) as never, events[0]?.data as Record<string, unknown>)
  const stored = await Promise.all((await council.store.list('documents/role')).map(async (name) => (JSON.parse(council.text(name)) as { title: string }).title))
  t.same(stored.sort(), ['Chair', 'Councilmember', 'Member', 'Secretary', 'Vice Chair'])
})

t.test('one person under several names, with a picture; items that the city leaves out; parts that do not answer', async (t) => {
  const routes = {
    'Events/41/EventItems': [ITEM, { ...ITEM, EventItemId: 101, EventItemTitle: 'Adjournment', EventItemMatterFile: null }],
    'EventItems/100/Votes': [{ VoteId: 1, VotePersonId: 7, VotePersonName: 'A. Orr', VoteValueName: 'Absent' }, { VoteId: 2, VotePersonId: 8, VotePersonName: 'Ben  Vance', VoteValueName: 'Nay' }],
    'Persons/7': { PersonId: 7, PersonFullName: 'A. ORR' },
    'Persons/7/OfficeRecords': 503,
    'Persons/8': 500,
    'Bodies/9': 500,
    'Matters/5/Sponsors': 500
  }
  const more = { persons: { 'Ada Orr': { aliases: ['A. Orr'], picture_uri: 'https://city.example/orr.jpg' } }, ignore_items: ['^adjourn'] }
  const { kept, output } = await gatherCity(t, { events: [EVENT], routes, more })
  t.match(kept[0]?.event, { body: { name: 'Harbor Board' }, event_minutes_items: [{ matter: { sponsors: [] }, votes: [{ decision: 'Absent (Non-Voting)', person: { name: 'Ada Orr', picture_uri: 'https://city.example/orr.jpg' } }, { decision: 'Reject', person: { name: 'Ben Vance' } }] }] })
  t.equal(kept[0]?.event.event_minutes_items.length, 1)
  t.same((output['noted'] as Array<{ reason: string }>).map(({ reason }) => reason.split(':')[0]).sort(), ['body 9', 'office records of person 7', 'person 8', 'sponsors of matter 5'])
  await t.rejects(gatherCity(t, { events: [EVENT], more: { ignore_items: ['('] } }), { code: 'FINAL', message: /no regular expression/ })
})
