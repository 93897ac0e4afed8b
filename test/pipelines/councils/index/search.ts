import { join } from 'node:path'
import t, { type Test } from 'tap'
import { buildIndex } from '../../../../src/pipelines/councils/index/build.ts'
import { linkTo } from '../../../../src/pipelines/councils/index/moments.ts'
import { createSearch, type Hit, type Question } from '../../../../src/pipelines/councils/index/search.ts'
import { listSpoken, markPending, updatePending } from '../../../../src/pipelines/councils/index/spoken-files.ts'
import { termsOf } from '../../../../src/pipelines/councils/index/terms.ts'
import { openStore, type OpenStore } from '../../../../src/sdk/store/open.ts'
import { openService, temporaryFolder } from '../../../fixtures/service.ts'
import { councilCase, noCases } from '../fixtures/cases.ts'
import { tell } from '../fixtures/told.ts'

const build = async (store: OpenStore) => await buildIndex({ store, nowMs: Date.now(), decayDays: 30, lengths: [1], perChunk: 1000, signal: AbortSignal.timeout(60_000), log: () => {}, progress: () => {} })
const ask = async (store: OpenStore, query: string, more: Partial<Question> = {}, nowMs = Date.now()): Promise<Hit[]> => (await createSearch({ openStore: async () => store }).ask({ query, sort: 'weighted', first: 10, ...more }, nowMs)).hits

/** Meetings by name, and what a question finds, by name. */
async function openTold (t: Test, meetings: Record<string, [string, string, string[]]>) {
  const store = openStore(`file:${temporaryFolder(t)}`)
  const names = new Map<string, string>()
  for (const [name, [date, body, sentences]] of Object.entries(meetings)) names.set(await tell(store, name, { at: Date.parse(date) / 1000, body, sentences }), name)
  await build(store)
  return { store, names, find: async (query: string, more: Partial<Question> = {}) => (await ask(store, query, more)).map((hit) => names.get(hit.event_id)) }
}

for (const name of ['without-diacritics', 'hyphen-as-blank', 'word-of-every-meeting', 'many-times-one-word']) {
  t.test(`searches of the cases: ${name}`, { skip: noCases }, async (t) => {
    const { input, expected } = councilCase<{ now: string, meetings: Record<string, [string, string, string[]]>, query: string }, { first?: string, some?: boolean }>(`search-${name}`)
    const { store, names } = await openTold(t, input.meetings)
    const hits = await ask(store, input.query, {}, Date.parse(input.now))
    if (expected.first !== undefined) t.equal(names.get(hits[0]?.event_id ?? ''), expected.first)
    if (expected.some === true) t.ok(hits.length > 0)
  })
}

t.test('a question finds what is written otherwise: accents, hyphens, numbers of bills', async (t) => {
  const { find } = await openTold(t, {
    pena: ['2024-01-01', 'A', ['Member Pe\u00f1a spoke.', 'Nothing else.']],
    garcia: ['2024-01-02', 'A', ['Ms. Garc\u00eda\u2019s motion.', 'Nothing else.']],
    apart: ['2024-01-03', 'A', ['On land use we agree.', 'We read CB 120345 aloud.']],
    hyphen: ['2024-01-04', 'A', ['On land-use we agree.', 'We read CB-120,345 aloud.']],
    joined: ['2024-01-05', 'A', ['On landuse we agree.', 'We read CB120345 aloud.']],
    other: ['2024-01-06', 'A', ['The land is wide, and its use is old.', 'We read CB 120346 aloud.']]
  })
  for (const query of ['Pena', 'PE\u00d1A', 'pen\u0303a']) t.same(await find(query), ['pena'], query)
  for (const query of ['garcia', 'Garc\u00eda', 'garcias']) t.same(await find(query), ['garcia'], query)
  for (const query of ['land use', 'land-use', 'landuse', 'LAND USE', '"land use"']) t.same((await find(query)).filter((name) => name !== 'other').sort(), query.startsWith('"') ? ['apart', 'hyphen'] : ['apart', 'hyphen', 'joined'], query)
  t.not((await find('land use'))[0], 'other')
  for (const query of ['CB120345', 'CB 120345', 'cb-120345', 'CB 120,345']) t.same((await find(query)).slice(0, 3).sort(), ['apart', 'hyphen', 'joined'], query)
  t.same(await find('120346'), ['other'])
  t.same(await find('the and of'), [], 'words that say nothing')
  t.same(await find('submarine'), [])
  t.same([...termsOf('Land-use of CB 120,345')].sort(), ['120345', 'cb', 'cb120345', 'land', 'landus', 'use'])
})

t.test('a phrase in quotes must be said as it is; filters; orders', async (t) => {
  const { store, find } = await openTold(t, {
    old: ['2020-01-01', 'Harbor Board', ['The public comes first.', 'Safety is next.', 'Budget.']],
    phrase: ['2024-01-01', 'Full Council', ['We speak on public safety today.', 'Budget.']],
    turned: ['2024-06-01', 'Full Council', ['Safety for the public.', 'Budget.', 'The budget again.']]
  })
  t.same(await find('"public safety"'), ['phrase'])
  t.same(await find('"public safety" budget'), ['phrase'])
  t.equal((await find('public safety'))[0], 'phrase')
  t.same(await find('budget', { sort: 'newest' }), ['turned', 'phrase', 'old'])
  t.same(await find('budget', { sort: 'oldest' }), ['old', 'phrase', 'turned'])
  t.same(await find('budget'), ['turned', 'phrase', 'old'], 'what all have is ranked by how often, and by date')
  t.same(await find('budget', { body: 'harbor board' }), ['old'])
  t.same(await find('budget', { beginMs: Date.parse('2024-01-01'), endMs: Date.parse('2024-06-01') }), ['phrase'])
  t.same(await find('budget', { first: 1 }), ['turned'])
  const within = (await ask(store, 'budget')).at(0)?.event_id ?? ''
  t.same(await find('budget', { within }), ['turned'])
  t.equal((await ask(store, 'budget', { within }))[0]?.moments.length, 1, 'sentences beside each other are one moment')
})

t.test('a hit is a moment: sentence, context, speaker, second, session, link', async (t) => {
  const store = openStore(`file:${temporaryFolder(t)}`)
  const eventId = await tell(store, 'a', { at: 1_700_000_000, sentences: ['Good evening.', 'The ferry stops at noon.', 'Any questions?', 'None.', 'The ferry is late.'], speakers: [null, 'Kenji Ito', null, null, 'Ada Orr'] })
  await tell(store, 'b', { at: 1_600_000_000, sentences: ['A library.'] })
  await build(store)
  const [hit] = await ask(store, 'ferry noon')
  t.match(hit, { event_id: eventId, contained: ['ferry', 'noon'], context_span: 'The ferry stops at noon.' })
  t.match(hit?.moments[0], { session_index: 0, sentence_index: 1, start_time: 10, end_time: 19, speaker: 'Kenji Ito', text: 'The ferry stops at noon.', before: 'Good evening.', after: 'Any questions?', video_uri: 'https://city.example/a.mp4', link: 'https://city.example/a.mp4#t=10' })
  t.same((await ask(store, 'ferry', { person: 'orr' }))[0]?.moments.map(({ text }) => text), ['The ferry is late.'])
  t.same(await ask(store, 'ferry', { person: 'Nobody' }), [])
  t.equal(linkTo('https://www.youtube.com/watch?v=abc', 75.9), 'https://www.youtube.com/watch?v=abc&t=75s')
  t.equal(linkTo('https://vimeo.com/123', 75), 'https://vimeo.com/123#t=75s')
})

t.test('adding a meeting reads that one alone, and the search follows', async (t) => {
  const { store } = await openTold(t, { a: ['2024-01-01', 'A', ['The harbor is deep.']], b: ['2024-01-02', 'A', ['A library.']] })
  const before = await listSpoken(store)
  const search = createSearch({ openStore: async () => store })
  const count = async (): Promise<number> => (await search.ask({ query: 'harbor', sort: 'weighted', first: 10 })).hits.length
  t.equal(await count(), 1)
  const added = await tell(store, 'c', { at: 1_700_000_000, sentences: ['The harbor is wide.'], isPlaced: true })
  await markPending(store, added, AbortSignal.timeout(10_000))
  const read: string[] = []
  const watched: OpenStore = { ...store, read: (name) => { read.push(name); return store.read(name) } }
  t.equal(await updatePending({ store: watched, signal: AbortSignal.timeout(10_000), skip: () => {} }), 1)
  t.ok(read.length < 12 && !read.some((name) => name.endsWith('.words') || name.startsWith('index/segments')), read.join(' '))
  await new Promise((resolve) => setTimeout(resolve, 2100))
  t.equal(await count(), 2)
  t.same(await store.list('documents/pending_index'), [])
  const after = await listSpoken(store)
  t.same([...before.values()].map(({ name }) => name).sort(), [...after.values()].filter(({ eventId }) => before.has(eventId)).map(({ name }) => name).sort(), 'the others are as they were')
})

t.test('the process builds it and the service answers', { timeout: 120_000 }, async (t) => {
  const lookups = { events: { index_due: ['index'], index_built: [] }, processes: { index: { coalesce: { by: 'type' }, emits: ['index_built'] } } }
  const { call, folder } = await openService(t, { backend: `pglite:${temporaryFolder(t)}`, lookups })
  const store = openStore(`file:${join(folder, 'store')}`)
  const event = await tell(store, 'a', { at: Date.parse('2021-07-01T05:30:00Z') / 1000, sentences: ['The harbour is deep.', 'How deep?'], speakers: ['Kenji Ito', null], isPlaced: true })
  await tell(store, 'b', { at: 2, sentences: ['A library.'] })
  const [[processName, id]] = (await call('POST', '/jobs', { type: 'index_due' })).body
  t.match((await call('GET', `/jobs/${processName}/${id}?wait=30`)).body, { status: 'complete', output: { meetings: 2, segments_made: 2, skipped: [] } })
  t.match((await call('GET', '/search?q=harbour')).body, { meetings: 2, hits: [{ event_id: event, event_datetime: '2021-07-01T05:30:00.000Z', body: 'Full Council', moments: [{ speaker: 'Kenji Ito', start_time: 0, text: 'The harbour is deep.' }] }] })
  const found = async (query: string): Promise<number> => (await call('GET', `/search?q=harbour&${query}`)).body.hits.length
  t.equal(await found('end=2021-07-01'), 1, 'a day with the whole of it')
  t.equal(await found('end=2021-06-30'), 0)
  t.equal(await found('end=2021-06-30&timezone=America/Los_Angeles'), 1, 'in its zone')
  t.equal(await found('begin=2021-07-01&timezone=America/Los_Angeles'), 0)
  t.equal(await found('body=Nobody'), 0)
  for (const address of [`/councils/meetings/${event}`, `/meeting?id=${event}`]) {
    t.match(await call('GET', address), { status: 200, body: { event_id: event, body: 'Full Council', event_datetime: '2021-07-01T05:30:00.000Z', sessions: [{ session_index: 0, sentences: 2, video_uri: 'https://city.example/a.mp4' }], items: [] } }, address)
  }
  t.match((await call('GET', `/councils/meetings/${event}/transcript`)).body, { session_index: 0, transcript: { sentences: [{ text: 'The harbour is deep.' }, {}] }, text: null })
  t.equal((await call('GET', `/councils/meetings/${event}/transcript?format=vtt`)).body.text, 'WEBVTT\n\n00:00:00.000 --> 00:00:09.000\n<v Kenji Ito>The harbour is deep.\n\n00:00:10.000 --> 00:00:19.000\nHow deep?\n')
  t.equal((await call('GET', `/transcript?id=${event}&format=text`)).body.text, '00:00:00  Kenji Ito: The harbour is deep.  https://city.example/a.mp4#t=0\n00:00:10  How deep?  https://city.example/a.mp4#t=10\n')
  t.match(await call('GET', '/councils/meetings/000000000000'), { status: 404, body: { code: 'NOT_FOUND' } })
  t.match(await call('GET', `/councils/meetings/${event}/transcript?session=7`), { status: 404 })
  t.equal((await call('GET', '/councils/meetings/none')).status, 400)
  for (const [query, field] of [['', 'querystring/q'], [`q=${'x'.repeat(201)}`, 'querystring/q'], ['q=x&sort=best', 'querystring/sort'], ['q=x&first=0', 'querystring/first'], ['q=x&begin=soon', 'begin'], ['q=x&timezone=Mars', 'timezone'], ['q=x&more=1', 'querystring/more']]) {
    const answer = await call('GET', `/search?${query}`)
    t.same([answer.status, answer.body.field], [400, field], query ?? '')
  }
})
