import t from 'tap'
import { readRepr, readReprObject } from '../../src/base/python-repr.ts'
import { readEvent } from '../../src/base/event.ts'
import { noCases } from '../pipelines/councils/fixtures/cases.ts'
import { openService, temporaryFolder } from '../fixtures/service.ts'

t.test('the quotes and escapes of Python are taken off', async (t) => {
  const texts: Record<string, string | undefined> = {
    "'{\"a\": 1}'": '{"a": 1}',
    "'O\\'Brien'": "O'Brien",
    "'a\\\\n\\n\\t\\xe9\\u00e9\\U0001f600'": 'a\\n\n\té\u00e9\u{1f600}',
    '"it\'s"': "it's",
    " 'x' \n": 'x',
    "'a' + 'b'": undefined,
    "'a\\'": undefined,
    "'\\q'": undefined,
    '{"a": 1}': undefined,
    "'open": undefined,
    "'\\Uffffffff'": undefined
  }
  t.same(Object.fromEntries(Object.keys(texts).map((text) => [text, readRepr(text)])), texts)
  t.same(readReprObject("'{\"name\": \"O\\'Brien \\\\u00e9\"}'"), { name: "O'Brien é" })
  t.equal(readReprObject("'not json'"), undefined)
  t.match(readEvent({ type: 'x', data: "'{\"a\": 1}'" }).event, { data: { a: 1 } })
  t.match(readEvent({ type: 'x', data: "'quoted words'" }).event, { data: "'quoted words'" })
  t.throws(() => readEvent({ type: 'x', data: `'${JSON.stringify({ a: Array.from({ length: 70 }).reduce((deep: unknown) => [deep], 1) })}'` }), { code: 'INVALID_EVENT' })
})

t.test('a special event is taken as Python prints it, wherever JSON is', { skip: noCases, timeout: 120_000 }, async (t) => {
  const lookups = { events: { special_event: ['gather'], event_gathered: [], session_gathered: [] }, processes: { gather: { run: { module: 'gather' }, emits: ['event_gathered', 'session_gathered'] } } }
  const { call } = await openService(t, { backend: `pglite:${temporaryFolder(t)}`, lookups })
  const meeting = { body: { name: "People's Council \u00e9 \\ n" }, sessions: [{ session_datetime: 1631491200.0, session_index: 0, video_uri: 'https://v.example/a.mp4' }] }
  const repr = (value: unknown): string => `'${JSON.stringify(value).replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  const json = { 'content-type': 'application/json' }
  t.equal((await call('POST', '/jobs', { type: 'special_event', data: repr(meeting) })).status, 202, 'as data')
  t.equal((await call('POST', '/jobs', repr({ type: 'special_event', data: meeting }), json)).status, 202, 'as the body')
  t.equal((await call('POST', '/jobs?type=special_event', repr(meeting), json)).status, 202, 'as the body, the type in the address')
  t.match(await call('POST', '/jobs', "'{\"type\": ", json), { status: 400, body: { code: 'INVALID_JSON' } })
})
