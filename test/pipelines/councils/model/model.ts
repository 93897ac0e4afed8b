import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Ajv } from 'ajv'
import t from 'tap'
import { createDocuments, idOf } from '../../../../src/pipelines/councils/model/documents.ts'
import { documentId } from '../../../../src/pipelines/councils/model/document-id.ts'
import { readMoment } from '../../../../src/pipelines/councils/model/moment.ts'
import { DEFINITIONS } from '../../../../src/pipelines/councils/model/model.ts'
import { readIngestionEvent, schemaOf } from '../../../../src/pipelines/councils/model/read-event.ts'
import { TranscriptSchema } from '../../../../src/pipelines/councils/model/transcript.ts'
import { openStore } from '../../../../src/sdk/store/open.ts'
import { temporaryFolder } from '../../../fixtures/service.ts'

const cdp = resolve('../shared/data/cdp')
const skip = existsSync(cdp) ? false : 'the shared council data is not on this machine'
const json = (...path: string[]): unknown => JSON.parse(readFileSync(join(cdp, ...path), 'utf8'))

const session = { session_datetime: 1631491200, video_uri: 'https://video.example/a.mp4', session_index: 0 }
const minimal = { body: { name: 'Full Council' }, sessions: [session] }
const fieldsOf = (given: unknown): string[] => (readIngestionEvent(given).problems ?? []).map(({ field }) => field)

t.test('the document ids of the original', { skip }, async (t) => {
  const vectors = json('vectors', 'document_id_upstream_tests.json') as Array<{ primary_keys: Array<string | number>, id: string }>
  t.equal(vectors.length, 6)
  t.same(vectors.map(({ primary_keys: key }) => documentId(key)), vectors.map(({ id }) => id))
})

t.test('document ids of long texts and of nothing', async (t) => {
  // Python 3: sha256(pickle.dumps(x, protocol=4)).hexdigest()[:12], for 'ä' * 200, None, 'a' * 255, 'a' * 256
  t.same([['ä'.repeat(200)], [null], ['a'.repeat(255)], ['a'.repeat(256)]].map(documentId), ['65cff52c5be7', '9c298d589a21', '621b87233553', '07bed85a9c7c'])
})

t.test('datetimes as Python reads them', { skip }, async (t) => {
  const { cases } = json('vectors', 'fromisoformat_sample.json') as { cases: Array<{ input: string, ok: boolean, isoformat?: string, offset_seconds?: number | null }> }
  t.equal(cases.length, 19)
  const seconds = (isoformat: string, offset: number): number => {
    const [, whole = '', fraction = '0'] = /^(.{19})(?:\.(\d+))?/.exec(isoformat) ?? []
    return ((Date.parse(`${whole}Z`) / 1000 - offset) * 1_000_000 + Number(fraction.padEnd(6, '0'))) / 1_000_000
  }
  t.same(cases.map(({ input }) => readMoment(input, 'UTC')), cases.map(({ ok, isoformat = '', offset_seconds: offset }) => ok ? seconds(isoformat, offset ?? 0) : undefined))
})

t.test('a time without an offset is of the zone that was configured, also where its clocks change', async (t) => {
  t.equal(readMoment('2021-09-13T09:30', 'America/Los_Angeles'), Date.parse('2021-09-13T16:30Z') / 1000)
  t.equal(readMoment('2021-09-13T09:30Z', 'America/Los_Angeles'), Date.parse('2021-09-13T09:30Z') / 1000)
  t.equal(readMoment('2021-03-14T02:30', 'America/Los_Angeles'), Date.parse('2021-03-14T10:30Z') / 1000, 'an hour that is skipped: as if the clocks had not been put forward yet')
  t.equal(readMoment('2021-11-07T01:30', 'America/Los_Angeles'), Date.parse('2021-11-07T08:30Z') / 1000, 'an hour that comes twice: the first')
  t.equal(readMoment(1e13, 'UTC'), undefined)
})

t.test('events in wire form are read, whatever they leave out', { skip }, async (t) => {
  const names = ['example_minimal_event.json', 'example_filled_event.json', 'special_event_seed_example.json']
  for (const name of names) {
    const given = json('events', name)
    const { event, problems } = readIngestionEvent(given)
    t.equal(problems, undefined, name)
    t.same(event?.sessions.map((one) => one.session_datetime), (given as { sessions: Array<{ session_datetime: number }> }).sessions.map((one) => one.session_datetime))
    t.same(readIngestionEvent(event).event, event, 'what is kept is read as the same')
  }
})

t.test('what is left out is filled in, texts are trimmed, unknown fields are dropped', async (t) => {
  const { event } = readIngestionEvent({ ...minimal, body: { name: ' Full Council ', external_source_id: 12, color: 'red' }, sessions: [{ ...session, session_datetime: '2021-09-13T00:00:00.318957', video_start_time: '5', video_end_time: '37:50', caption_uri: '' }] })
  t.same(event?.body, { name: 'Full Council', is_active: true, start_datetime: null, description: null, end_datetime: null, external_source_id: '12' })
  t.same(event?.sessions, [{ session_datetime: 1631491200.318957, video_uri: session.video_uri, session_index: 0, video_start_time: '00:00:05', video_end_time: '00:37:50', caption_uri: null, external_source_id: null }])
  t.same(event?.event_minutes_items, [])
})

t.test('every bad field is named by its path', async (t) => {
  t.same(fieldsOf({}), ['body', 'sessions'])
  t.same(fieldsOf(5), [''])
  t.same(fieldsOf({ body: null, sessions: [] }), ['body', 'sessions'])
  t.same(fieldsOf({ body: { name: 5 }, sessions: [{ ...session, session_index: 'zero', session_datetime: 'yesterday' }, { video_uri: ' ' }] }), ['body/name', 'sessions/0/session_index', 'sessions/1/session_datetime', 'sessions/1/session_index', 'sessions/1/video_uri', 'sessions/0/session_datetime'])
  t.same(['111', '60', '11:1', '1:00:00:00'].map((time) => fieldsOf({ ...minimal, sessions: [{ ...session, video_start_time: time }] })[0]), Array.from({ length: 4 }, () => 'sessions/0/video_start_time'))
  t.same(fieldsOf({ ...minimal, sessions: [{ ...session, video_start_time: '37:50', video_end_time: '00:37:50' }] }), ['sessions/0/video_end_time'])
  t.same(fieldsOf({ ...minimal, sessions: [{ ...session, video_start_time: '9:59', video_end_time: '10:00' }] }), [])
  t.same(fieldsOf({ ...minimal, event_minutes_items: [{ minutes_item: { name: 'x' }, votes: [{ person: null, decision: 'Approve' }], matter: { name: 'CB 1', title: 't' } }] }), ['event_minutes_items/0/matter/matter_type', 'event_minutes_items/0/votes/0/person'])
  t.same(fieldsOf(JSON.parse(`{"__proto__": {"body": {"name": "x"}}, "sessions": [${JSON.stringify(session)}]}`)), ['body'])
})

t.test('each class has a JSON Schema of its own that stands alone', async (t) => {
  for (const name of Object.keys(DEFINITIONS) as Array<keyof typeof DEFINITIONS>) {
    const { $schema, ...schema } = schemaOf(name)
    const validate = new Ajv({ strictTypes: false }).compile(schema)
    t.notOk(validate(null), `${name} refuses null`)
    t.notOk(validate({}), `${name} refuses an empty object`)
  }
})

t.test('the transcripts of the original fit the model', { skip }, async (t) => {
  const validate = new Ajv().compile(TranscriptSchema)
  for (const file of [['index', 'transcript_a.json'], ['index', 'transcript_b.json'], ['index', 'whisper_transcript_example.json'], ['captions', 'boston_short.expected.json']]) {
    t.ok(validate(json(...file)), `${file.join('/')} ${JSON.stringify(validate.errors)}`)
  }
})

t.test('documents are found under the id of their key, and storing one again only adds to it', async (t) => {
  const store = openStore(`file:${temporaryFolder(t)}`)
  const documents = createDocuments(store)
  const { id } = await documents.upsert('body', { name: 'Full Council', is_active: true, description: 'All of them' })
  t.equal(id, '4346a8351006')
  t.same(await documents.upsert('body', { name: 'Full Council', is_active: true, description: null }), { id, changed: false })
  t.same(await documents.upsert('body', { name: 'Full Council', is_active: false }), { id, changed: true })
  t.same(await documents.get('body', id), { id, name: 'Full Council', is_active: false, description: 'All of them' })
  t.equal(idOf('event', { body_ref: id, event_datetime: 1629099730.318957 }), '6291946d4094')
  const role = await documents.upsert('role', { title: 'Chair', person_ref: id, body_ref: null, seat_ref: id })
  t.match(await documents.get('role', role.id), { body_ref: null })
  t.same(await documents.ids('body'), [id])
  t.same(await documents.ids('vote'), [])
  await documents.remove('body', id)
  t.equal(await documents.get('body', id), undefined)
})
