import { existsSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import t from 'tap'
import { createDocuments, writeJson } from '../../../../src/pipelines/councils/model/documents.ts'
import { buildIndex } from '../../../../src/pipelines/councils/index/build.ts'
import { clean, tokensOf } from '../../../../src/pipelines/councils/index/clean.ts'
import { contextSpan, ratio } from '../../../../src/pipelines/councils/index/context-span.ts'
import { countFrequencies } from '../../../../src/pipelines/councils/index/frequencies.ts'
import { readManifest } from '../../../../src/pipelines/councils/index/manifest.ts'
import { indexRows, type IndexRow } from '../../../../src/pipelines/councils/index/rows.ts'
import { createOriginalSearch, type Question } from '../../../../src/pipelines/councils/index/original-search.ts'
import { LENGTHS, makeSegment, type Length } from '../../../../src/pipelines/councils/index/segment.ts'
import type { Transcript } from '../../../../src/pipelines/councils/model/transcript.ts'
import { openStore, type OpenStore } from '../../../../src/sdk/store/open.ts'
import { temporaryFolder } from '../../../fixtures/service.ts'
import { tell } from '../fixtures/told.ts'
import { DATA } from '../../../fixtures/places.ts'

const INDEX = join(DATA, 'cdp', 'index')
const NOW = Date.parse('2021-08-14T00:32:55.292Z')
const DAY_S = 86_400

t.test('texts are made ready alike, whatever their letters', async (t) => {
  const cases: Array<[string, string]> = [
    ['CB-120,345', 'CB120345'], ['land-use', 'landuse'], ["don't", 'dont'], ['The end of the day', 'The end day'], ['García sat', 'García sat'],
    ['one -- two\tthree\nfour', 'one two three four'], ['fine \u{1f600}\u{1f680} day', 'fine day'], ['\u65e5\u672c now', ''], ['a\u001cb\u0085c d', 'b c'], ['', '']
  ]
  t.same(cases.map(([text]) => [text, clean(text)]), cases)
  t.equal(clean('\u{1f600} day', { pictograms: true }), '\u{1f600} day')
  t.same(tokensOf('I.'), [])
  t.same(tokensOf('the \u{1d538}'), [])
})

t.test('the context of a gram is found by likeness', async (t) => {
  t.equal(ratio('landuse', 'land-use'), 200 * 7 / 15)
  t.equal(ratio('', 'x'), 0)
  t.equal(ratio('\u{1f600}a', '\u{1f600}b'), 50)
  const sentence = 'one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen'
  t.equal(contextSpan(sentence, 'ten'), '... two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen...')
  t.equal(contextSpan(sentence, 'one'), 'one two three four five six seven...')
  t.equal(contextSpan(sentence, 'seventeen'), '... nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen')
})

async function rowsOf (meetings: Array<{ id: string, at: string, sentences: string[] }>, length: Length, nowMs = NOW): Promise<IndexRow[]> {
  const opened = meetings.map(({ id, at, sentences }) => ({ meeting: { event_id: id, event_datetime: Date.parse(at) / 1000 }, segment: makeSegment(sentences) }))
  const each = async function * () { yield * opened }
  const frequencies = await countFrequencies(each())
  const rows: IndexRow[] = []
  for await (const row of indexRows(each(), length, { frequencies, meetings: meetings.length, nowMs, decayDays: 30 })) rows.push(row)
  return rows
}

t.test('the rows of two real meetings are those of the original', { skip: existsSync(INDEX) ? false : 'the data is not on this machine' }, async (t) => {
  const sentences = (name: string): string[] => (JSON.parse(readFileSync(join(INDEX, name), 'utf8')) as Transcript).sentences.map(({ text }) => text)
  const rows = await rowsOf([{ id: '16cf799ab182', at: '2021-08-14T00:32:55.292Z', sentences: sentences('transcript_a.json') }, { id: '961c6a8d4524', at: '2021-01-01T00:00:00Z', sentences: sentences('transcript_b.json') }], 1)
  const expected = JSON.parse(readFileSync(join(INDEX, 'expected_1_gram_index.json'), 'utf8')) as Array<Omit<IndexRow, 'event_datetime'> & { event_datetime: string }>
  const numbers = ['idf', 'tfidf', 'datetime_weighted_tfidf'] as const
  const plain = (row: object): object => Object.fromEntries(Object.entries(row).filter(([name]) => !numbers.includes(name as typeof numbers[number])))
  t.equal(rows.length, 70)
  t.same(rows.map((row) => ({ ...plain(row), event_datetime: new Date(row.event_datetime * 1000).toISOString() })), expected.map(plain))
  t.same(rows.filter((row, i) => numbers.some((name) => Math.abs(row[name] - (expected[i]?.[name] ?? NaN)) > 1e-9)), [])
})

t.test('dates in the future count as now, and what all have is left out', async (t) => {
  const rows = await rowsOf([{ id: 'a', at: '2031-01-01', sentences: ['budget talk'] }, { id: 'b', at: '2021-08-14', sentences: ['budget vote'] }], 1)
  t.same(rows.map((row) => [row.stemmed_gram, row.tfidf, row.datetime_weighted_tfidf]), [['talk', Math.log(2), 1], ['vote', Math.log(2), 1]])
})

const build = async (store: OpenStore, nowMs = NOW) => await buildIndex({ store, nowMs, decayDays: 30, lengths: LENGTHS, perChunk: 3, signal: AbortSignal.timeout(60_000), log: () => {}, progress: () => {} })
const ask = async (store: OpenStore, query: string, more: Partial<Question> = {}) => await createOriginalSearch({ openStore: async () => store }).ask({ query, sort: 'weighted', first: 4, ...more }, NOW)
const files = async (store: OpenStore): Promise<string[]> => {
  const names: string[] = []
  for await (const { name } of store.walk('index')) names.push(name)
  return names
}

t.test('only what has changed is read again; the new index takes the place of the old one as a whole', async (t) => {
  const folder = temporaryFolder(t)
  const store = openStore(`file:${folder}`)
  t.same(await ask(store, 'budget'), { index: null, meetings: 0, hits: [] })
  t.match(await build(store), { made: 0, rows: 0, manifest: { meetings: [] } }, 'no transcripts')
  const first = await tell(store, 'one', { at: 1_600_000_000, sentences: ['The police budget was discussed.', 'Nothing else.'] })
  t.match(await build(store), { made: 1, rows: 0 }, 'a single meeting has nothing that tells it from others')
  const second = await tell(store, 'two', { at: 1_600_086_400, sentences: ['The library budget was cut.'] })
  const both = await build(store)
  t.match(both, { made: 1, rows: 17, manifest: { meetings: { length: 2 }, skipped: [] } })
  const chunks = both.manifest.chunks.filter((name) => name.includes('n_gram-1'))
  t.equal(chunks.length, 2, 'three rows in a file')
  const read = (await Promise.all(chunks.map(async (name) => await parquetReadObjects({ file: toBuffer(await readFile(join(folder, name))), compressors })))).flat()
  t.same(read.map((row) => [row['event_id'], row['stemmed_gram'], row['tf'], (row['event_datetime'] as Date).getTime()]).sort(), [
    [first, 'discuss', 1n, 1_600_000_000_000], [first, 'els', 1n, 1_600_000_000_000], [first, 'noth', 1n, 1_600_000_000_000], [first, 'polic', 1n, 1_600_000_000_000],
    [second, 'cut', 1n, 1_600_086_400_000], [second, 'librari', 1n, 1_600_086_400_000]
  ].sort().slice(0, 6))
  const before = await files(store)
  await tell(store, 'one', { at: 1_600_000_000, sentences: ['The harbour was discussed.'], created: 2 })
  t.match(await build(store), { made: 1 })
  t.match((await ask(store, 'harbour')).hits, [{ event_id: first, contained: ['harbour'], context_span: 'The harbour was discussed.' }])
  t.same((await ask(store, 'police')).hits, [], 'what is not said any more is not found')
  t.ok((await files(store)).some((name) => before.includes(name)), 'who reads the old one can end')
  t.match(await build(store), { made: 0 })
  t.same((await files(store)).filter((name) => name.startsWith('index/segments/')).length, 2, 'then it is removed')
})

t.test('a bad meeting is skipped and named; a build that is cut off changes nothing', async (t) => {
  const store = openStore(`file:${temporaryFolder(t)}`)
  const good = [await tell(store, 'a', { at: 1, sentences: ['harbour'] }), await tell(store, 'b', { at: 2, sentences: ['library'] })]
  const gone = await tell(store, 'c', { at: 3, sentences: ['x y'] })
  await store.remove('c-transcript.json')
  const broken = await tell(store, 'd', { at: 4, sentences: ['x y'] })
  await writeJson(store, 'd-transcript.json', { sentences: 'none' })
  const { manifest } = await build(store)
  t.same(manifest.meetings.map((one) => one.event_id).sort(), [...good].sort())
  t.same(new Map(manifest.skipped.map((one) => [one.event_id, one.reason])), new Map([[gone, 'c-transcript.json is not there'], [broken, 'd-transcript.json is no transcript']]))
  await tell(store, 'e', { at: 5, sentences: ['museum'] })
  const abort = new AbortController()
  const cut = buildIndex({ store, nowMs: NOW, decayDays: 30, lengths: LENGTHS, perChunk: 1, signal: abort.signal, log: () => {}, progress: (_done, _all, message) => { if (message.startsWith('rows of 2')) abort.abort(new Error('cut')) } })
  await t.rejects(cut, { message: 'cut' })
  t.equal((await readManifest(store))?.generation, manifest.generation)
  const { manifest: next } = await build(store)
  t.same((await files(store)).filter((name) => ![...next.chunks, ...manifest.chunks].includes(name) && !name.includes('/segments/')), ['index/current.json'], 'its leftovers are removed by the next')
})

t.test('the better of two transcripts of a session counts', async (t) => {
  const store = openStore(`file:${temporaryFolder(t)}`)
  await tell(store, 'a', { at: 1, sentences: ['library'] })
  const event = await tell(store, 'b', { at: 2, sentences: ['harbor'], confidence: 0.5 })
  const documents = createDocuments(store)
  const { session_ref: sessionRef } = (await documents.get('transcript', (await documents.ids('transcript')).at(-1) ?? ''))!
  const sessions = (await documents.ids('session')).length
  const file = await documents.upsert('file', { uri: store.url('better.json'), name: 'better.json' })
  for await (const session of documents.all('session')) if (session.event_ref === event) await documents.upsert('transcript', { session_ref: session.id, file_ref: file.id, confidence: 0.8, created: 1 })
  await writeJson(store, 'better.json', { sentences: [{ text: 'harbour' }] })
  await build(store)
  t.ok(sessionRef.length > 0 && sessions === 2)
  t.same([(await ask(store, 'harbour')).hits.length, (await ask(store, 'harbor')).hits.length], [1, 0])
})

t.test('meetings are ranked, sorted and filtered', async (t) => {
  const store = openStore(`file:${temporaryFolder(t)}`)
  const now = NOW / 1000
  const old = await tell(store, 'old', { at: now - 900 * DAY_S, sentences: ['Land-use rules and land-use law.', 'Land-use again.'], body: 'Land Use Committee' })
  const young = await tell(store, 'young', { at: now - DAY_S, sentences: ['The land-use map was shown.', 'Trees, trees and trees.'] })
  const other = await tell(store, 'other', { at: now - 10 * DAY_S, sentences: ['Parks alone.'] })
  await build(store)
  const ids = async (query: string, more: Partial<Question> = {}): Promise<string[]> => (await ask(store, query, more)).hits.map((hit) => hit.event_id)
  t.same(await ids('land-use'), [young, old], 'what is long ago counts less')
  t.same(await ids('landuse', { sort: 'relevance' }), [old, young], 'with and without its hyphen')
  t.same(await ids('land-use', { sort: 'newest' }), [young, old])
  t.same(await ids('land-use', { sort: 'oldest' }), [old, young])
  t.same(await ids('land-use', { first: 1 }), [young])
  t.same(await ids('LAND-USE Parks trees', { body: 'Land Use Committee' }), [old])
  t.same(await ids('land-use parks', { beginMs: (now - 20 * DAY_S) * 1000, endMs: (now - 2 * DAY_S) * 1000 }), [other])
  t.same(await ids('the and of'), [], 'stop words alone')
  t.same(await ids('submarine'), [])
  const [hit] = (await ask(store, 'trees trees')).hits
  t.match(hit, { event_id: young, contained: ['Trees', 'Trees trees'], relevance: 3 * Math.log(3) + 2 * Math.log(3) })
  t.equal((await readManifest(store))?.meetings.find((one) => one.event_id === young)?.keywords[0], 'Trees')
})

t.test('whatever was said and asked, a search ranks as the rows of the index do', async (t) => {
  const words = ['budget', 'Police', 'park', 'the', 'land-use', 'vote', 'García']
  const sentence = fc.array(fc.constantFrom(...words), { maxLength: 6 }).map((list) => list.join(' '))
  await fc.assert(fc.asyncProperty(fc.array(fc.array(sentence, { maxLength: 4 }), { minLength: 2, maxLength: 4 }), sentence, async (told, query) => {
    const store = openStore(`file:${temporaryFolder(t)}`)
    const ids: string[] = []
    for (const [i, sentences] of told.entries()) ids.push(await tell(store, `m${i}`, { at: NOW / 1000 - i * 40 * DAY_S, sentences }))
    await build(store)
    const { meetings } = (await readManifest(store))!
    const rows = (await Promise.all(LENGTHS.map(async (length) => await rowsOf(meetings.map(({ event_id: id, event_datetime: at }) => ({ id, at: new Date(at * 1000).toISOString(), sentences: told[ids.indexOf(id)] ?? [] })), length)))).flat()
    const { hits } = await ask(store, query, { sort: 'relevance', first: 10 })
    const asked = new Set(LENGTHS.flatMap((length) => {
      const tokens = query === '' ? [] : clean(query, { pictograms: true }).toLowerCase().split(' ')
      return tokens.map((_, i) => tokens.slice(i, i + length)).filter((one) => one.length === length).map((one) => stems(one))
    }))
    const expected = meetings.map(({ event_id: id }) => rows.filter((row) => row.event_id === id && asked.has(row.stemmed_gram)).reduce((total, row) => total + row.tfidf, 0))
    for (const hit of hits) {
      const wanted = expected[meetings.findIndex((one) => one.event_id === hit.event_id)] ?? NaN
      if (Math.abs(hit.relevance - wanted) > 1e-9) throw new Error(`${hit.relevance} for ${wanted}`)
    }
    return hits.length === expected.filter((one) => one > 0).length
  }), { numRuns: 25 })
  t.pass('in every corpus')
})

/** The stems of the words above, as a person would write them down. */
function stems (tokens: string[]): string {
  const known: Record<string, string> = { budget: 'budget', police: 'polic', park: 'park', landuse: 'landus', vote: 'vote', garcía: 'garcía' }
  return tokens.map((token) => known[token] ?? token).join(' ')
}

const toBuffer = (bytes: Buffer): ArrayBuffer => bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
