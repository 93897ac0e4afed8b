import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import type { DispatchEvent } from '../../../src/base/event.ts'
import { readCloudEvents } from '../../../src/engine/cloudevents/read.ts'
import { SignalboxError } from '../../../src/base/errors.ts'
import { readSamples } from './fixtures/samples.ts'
import { DATA } from '../../fixtures/places.ts'

const VECTORS = join(DATA, 'cloudevents')
const skip = existsSync(VECTORS) ? false : `no CloudEvents samples at ${VECTORS}`
const readData = (file: string): string => readFileSync(join(VECTORS, file), 'utf8')

type Fields = Record<string, unknown>

const minimal = { specversion: '1.0', id: '1', source: '/test', type: 'noted' }
const required = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/test', 'ce-type': 'noted' }
const STRUCTURED = 'application/cloudevents+json'
const BATCH = 'application/cloudevents-batch+json'

const read = (headers: Record<string, string>, body: string | Uint8Array = '') => readCloudEvents({ headers: Object.entries(headers), body: Buffer.from(body) })
const binary = (headers: Record<string, string> = {}, body: string | Uint8Array = ''): DispatchEvent => read({ ...required, ...headers }, body).events[0]!.event
const structured = (fields: Fields | string, contentType = STRUCTURED): DispatchEvent => read({ 'content-type': contentType }, typeof fields === 'string' ? fields : JSON.stringify({ ...minimal, ...fields })).events[0]!.event
const batch = (body: unknown): DispatchEvent[] => read({ 'content-type': BATCH }, JSON.stringify(body)).events.map(({ event }) => event)

/** Status and field of the refusal; `taken` where there is none. */
function refusal (attempt: () => unknown): string {
  try {
    attempt()
    return 'taken'
  } catch (error) {
    if (!(error instanceof SignalboxError)) throw error
    return `${error.statusCode} ${error.field ?? ''}`
  }
}

t.test('A1: the required attributes are strings that are not empty', async (t) => {
  t.same(structured({}), minimal)
  for (const name of ['specversion', 'id', 'source', 'type']) {
    for (const value of [undefined, null, '', 5, true, {}, ['a']]) t.equal(refusal(() => structured({ [name]: value })), `400 ${name}`, `${name} ${JSON.stringify(value)}`)
  }
})

t.test('A1: specversion is 1.0 and nothing else', async (t) => {
  for (const version of ['0.3', '1.0.2', '1', '2.0', ' 1.0']) t.equal(refusal(() => structured({ specversion: version })), '400 specversion', version)
  t.equal(refusal(() => binary({ 'ce-specversion': '0.3' })), '400 specversion')
})

t.test('A1: source is a URI reference', async (t) => {
  for (const source of ['/mycontext', '#fragment', '1-555-123-4567', 'https://cloudevents.io', '//authority/path', 'urn:event:from:myapi/resource/123', 'mailto:a@example.org', 'example.com', '?q=1', 'a/b:c', 'http://[::1]:80/x', 'a%20b']) {
    t.equal(structured({ source }).source, source)
  }
  for (const source of ['not a uri', 'a b', '1a:b', ':x', 'http://[::1', 'a[b]', '%zz', 'a\\b', '<x>', 'é', '#a#b', 'http://a:b:c/']) t.equal(refusal(() => structured({ source })), '400 source', source)
})

t.test('A1: datacontenttype is a media type, dataschema an absolute URI, subject not empty', async (t) => {
  for (const datacontenttype of ['text/plain', 'application/vnd.x+json; charset=utf-8', 'a/b;c="d e";', 'image/svg+xml']) t.equal(structured({ datacontenttype })['datacontenttype'], datacontenttype)
  for (const datacontenttype of ['xyz', '', 'a/', '/b', 'a/b/c', 'a b/c', 'a/b;c', 'a/b;=c', 5]) t.equal(refusal(() => structured({ datacontenttype })), '400 datacontenttype', String(datacontenttype))
  t.equal(structured({ dataschema: 'urn:x:y' })['dataschema'], 'urn:x:y')
  for (const dataschema of ['/relative', '#x', 'schema', '', 'a b:c']) t.equal(refusal(() => structured({ dataschema })), '400 dataschema', dataschema)
  t.equal(refusal(() => structured({ subject: '' })), '400 subject')
  t.equal(refusal(() => structured({ subject: 1 })), '400 subject')
})

t.test('A1: time is RFC 3339 with seconds and an offset', async (t) => {
  for (const time of ['2018-04-05T17:31:00Z', '2018-04-05T17:31:00.000000000Z', '2018-04-05T18:31:00+01:00', '2016-12-31T23:59:60Z', '2018-04-05t17:31:00z', '2018-04-05T17:31:00-23:59']) t.equal(structured({ time }).time, time)
  for (const time of ['lunchtime', '2018-04-05', '2018-04-05T17:31Z', '2018-04-05T17:31:00', '2018-04-05T17:31:00+05', '2018-02-30T00:00:00Z', '2018-04-05 17:31:00Z', '2018-04-05T25:00:00Z', '', 5]) t.equal(refusal(() => structured({ time })), '400 time', String(time))
})

t.test('A1: extensions have lower-case names and plain values', async (t) => {
  const extensions = { extinteger: 10, low: -2147483648, high: 2147483647, extboolean: false, extstring: 'text', empty: '', averylongnameofmorethantwentyletters: 'x', constructor: 'x', x1: 'digit' }
  t.same(structured(extensions), { ...minimal, ...extensions })
  for (const name of ['MyExt', 'my-ext', 'my_ext', 'é', '', '__proto__', 'a b']) t.equal(refusal(() => structured(`{"specversion":"1.0","id":"1","source":"/test","type":"noted",${JSON.stringify(name)}:"x"}`)), `400 ${name}`, name)
  for (const value of [1.5, 2147483648, -2147483649, 1e300, {}, [], [1]]) t.equal(refusal(() => structured({ ext: value })), '400 ext', JSON.stringify(value))
})

t.test('A1: null is not set, and what is not set stays so', async (t) => {
  t.same(structured({ datacontenttype: null, dataschema: null, subject: null, time: null, ext: null }), minimal)
  t.same(Object.keys(binary()).sort(), ['id', 'source', 'specversion', 'type'])
})

t.test('A1: no control characters, noncharacters, lone surrogates', async (t) => {
  for (const text of ['a\nb', 'a\0', '\u007f', '\u0085', '\ufdd0', '\ufffe', '\u{1ffff}', '\u{10fffe}', '\ud800', 'x\udc00']) {
    t.equal(refusal(() => structured({ subject: text })), '400 subject')
    t.equal(refusal(() => structured({ ext: text })), '400 ext')
  }
  t.equal(structured({ subject: 'Euro € 😀' }).subject, 'Euro € 😀')
  t.equal(refusal(() => binary({ 'ce-subject': 'a%0Ab' })), '400 subject')
  t.equal(refusal(() => structured(`${JSON.stringify({ ...minimal, data: { a: ['x\0'] } })}`)), '400 data/a/0')
  t.equal(refusal(() => structured('{"specversion":"1.0","id":"1","source":"/test","type":"noted","data":["\\ud800"]}')), '400 data/0')
})

t.test('A1: long attributes are refused, long data is not', async (t) => {
  t.equal(refusal(() => structured({ type: 'x'.repeat(257) })), '400 type')
  t.equal(refusal(() => structured({ id: 'x'.repeat(1_000_000) })), '400 id')
  t.equal(refusal(() => structured({ datacontenttype: 'a/' + 'b;'.repeat(500_000) })), '400 datacontenttype')
  t.equal((structured({ data: 'x'.repeat(900_000) }).data as string).length, 900_000)
  t.equal(refusal(() => structured({ data_base64: `${'AAAA'.repeat(4_000_000)}` })), 'taken')
  t.equal(refusal(() => structured(`{"specversion":"1.0","id":"1","source":"/test","type":"noted","data":${'['.repeat(30_000)}${']'.repeat(30_000)}}`)), '400 ', 'too deep')
})

t.test('A2: the media type tells the mode, without case and parameters', async (t) => {
  for (const type of [STRUCTURED, 'application/cloudevents+json; charset=UTF-8', 'APPLICATION/CloudEvents+JSON', 'application/cloudevents+json;charset=utf-8', ' application/cloudevents+json ;x=y']) t.same(structured({}, type), minimal, type)
  t.same(read({ 'content-type': 'Application/CloudEvents-Batch+JSON;charset=utf-8' }, '[]'), { batch: true, events: [] })
  for (const type of ['application/cloudevents+xml', 'application/cloudevents+avro', 'application/cloudevents', 'application/cloudevents-batch', 'application/cloudevents-batch+xml']) t.equal(refusal(() => structured({}, type)), '415 ', type)
  t.equal(refusal(() => read({ 'content-type': 'application/json' }, JSON.stringify(minimal))), '400 specversion', 'plain JSON is no event')
  t.equal(refusal(() => read({}, JSON.stringify(minimal))), '400 specversion')
  t.equal(structured({}, 'application/cloudevents+json').type, 'noted')
})

t.test('A3: header names are read without case, illegal and repeated ones refused', async (t) => {
  t.same(read({ 'CE-SpecVersion': '1.0', 'Ce-Id': '1', 'cE-source': '/test', 'CE-TYPE': 'noted', 'Ce-MyExt': 'x' }).events[0]!.event, { ...minimal, myext: 'x' })
  t.equal(refusal(() => binary({ 'ce-my-ext': 'x' })), '400 my-ext')
  t.equal(refusal(() => binary({ 'ce-': 'x' })), '400 ')
  t.equal(refusal(() => binary({ 'ce-data': 'x' })), '400 data')
  t.equal(refusal(() => binary({ 'ce-datacontenttype': 'text/plain' })), '400 datacontenttype')
  t.equal(refusal(() => binary({ 'Ce-Id': '2' })), '400 id')
})

t.test('A3: header values are unquoted, then percent-decoded once', async (t) => {
  const cases = [['Euro%20%E2%82%AC', 'Euro €'], ['%e2%82%ac', '€'], ['%41b', 'Ab'], ['100%2525', '100%25'], ['"a \\"b\\" c"', 'a "b" c'], ['"%22x%5C"', '"x\\'], ['%F0%9F%98%80', '😀'], ['"open', '"open'], ['\u00e2\u0082\u00ac', '€']] as const
  for (const [sent, meant] of cases) t.equal(binary({ 'ce-subject': sent }).subject, meant, sent)
  for (const sent of ['%C0%A0', '%E2%82', '%ED%A0%80', '%zz', '100%', '%FF', '\u00e9']) t.equal(refusal(() => binary({ 'ce-subject': sent })), '400 subject', sent)
  t.equal(refusal(() => binary({ 'ce-subject': '' })), '400 subject')
})

t.test('A3: Content-Type is datacontenttype, and tells how the body is kept', async (t) => {
  t.same(binary({ 'content-type': 'application/json; charset=utf-8' }, '{"a":1}'), { ...minimal, datacontenttype: 'application/json; charset=utf-8', data: { a: 1 } })
  for (const type of ['application/vnd.x+json', 'Application/JSON', 'application/problem+json;x=y']) t.same(binary({ 'content-type': type }, '[1,null]').data, [1, null], type)
  for (const [body, data] of [['null', null], ['false', false], ['0', 0], ['""', ''], ['"{}"', '{}']] as const) t.equal(binary({ 'content-type': 'application/json' }, body).data, data, body)
  t.equal(binary({ 'content-type': 'text/plain' }, 'grün').data, 'grün')
  t.equal(binary({ 'content-type': 'text/plain; charset=iso-8859-1' }, Buffer.from('gr\u00fcn', 'latin1')).data, 'grün')
  t.equal(binary({ 'content-type': 'text/plain' }, Buffer.from([0xff, 0x41])).data_base64, '/0E=', 'text that is none is kept as bytes')
  t.equal(binary({ 'content-type': 'application/octet-stream' }, Buffer.from([0x4d, 0x61])).data_base64, 'TWE=')
  t.equal(binary({}, 'Ma').data_base64, 'TWE=', 'without a media type')
  t.notOk('data' in binary({ 'content-type': 'application/json' }), 'no body is no data')
  for (const body of ['{', Buffer.from([0xff])]) t.equal(refusal(() => binary({ 'content-type': 'application/json' }, body)), '400 data')
  t.equal(refusal(() => binary({ 'content-type': 'xyz' }, 'x')), '400 datacontenttype')
  t.equal(refusal(() => binary({ 'content-type': 'text/plain' }, 'a\0')), '400 data')
  t.equal(binary({ 'ce-extinteger': '10' })['extinteger'], '10', 'extensions come as strings')
})

t.test('A4: the body is one JSON object', async (t) => {
  for (const body of ['', '{', '[]', '[{}]', '"text"', '5', 'null', '\u0000']) t.equal(refusal(() => structured(body)), '400 ', body)
  t.equal(refusal(() => read({ 'content-type': STRUCTURED }, Buffer.from([0x7b, 0xff, 0x7d]))), '400 ', 'not UTF-8')
  t.same(read({ 'content-type': STRUCTURED, 'ce-id': 'other', 'ce-my-ext': '1' }, JSON.stringify(minimal)).events[0]!.event, minimal, 'the payload counts')
})

t.test('A4: data is kept as it is', async (t) => {
  for (const data of [null, false, 0, '', '{"a":1}', [], { a: { b: [1.5] } }]) t.same(structured({ data }), { ...minimal, data })
  t.notOk('data' in structured({}))
  t.same(structured({ datacontenttype: 'application/json', data: '{"a":1}' }).data, '{"a":1}', 'a string is not read again')
  t.same(structured({ datacontenttype: 'text/plain', data: 'Simple text' }).data, 'Simple text')
  t.equal(refusal(() => structured({ datacontenttype: 'text/plain', data: { a: 1 } })), '400 data')
})

t.test('A4: data_base64 is base64, and excludes data', async (t) => {
  t.same(structured({ data_base64: 'TWE=' }), { ...minimal, data_base64: 'TWE=' })
  t.same(structured({ data_base64: '' }), { ...minimal, data_base64: '' })
  t.same(structured({ data_base64: null, data: 1 }), { ...minimal, data: 1 })
  for (const text of ['TWE', 'TW=E', '####', 'TWE=\n', 'TWE_', 5, {}]) t.equal(refusal(() => structured({ data_base64: text })), '400 data_base64', JSON.stringify(text))
  t.equal(refusal(() => structured({ data: null, data_base64: 'TWE=' })), '400 data_base64')
})

t.test('A5: a batch is an array of objects; errors name the place', async (t) => {
  t.same(batch([]), [])
  t.same(batch([minimal, minimal]).length, 2, 'copies are allowed')
  t.equal(refusal(() => batch({})), '400 ')
  t.equal(refusal(() => batch(['text'])), '400 0')
  t.equal(refusal(() => batch([minimal, [minimal]])), '400 1')
  t.equal(refusal(() => batch([minimal, minimal, minimal, { ...minimal, source: '' }])), '400 3/source')
  t.equal(refusal(() => batch([minimal, { ...minimal, specversion: '0.3' }])), '400 1/specversion', 'one version per batch')
  t.equal(refusal(() => batch([minimal, { ...minimal, data: { a: 'x\0' } }])), '400 1/data/a')
  t.equal(refusal(() => batch([minimal, { ...minimal, data: 1, data_base64: '' }])), '400 1/data_base64')
  t.equal(refusal(() => batch(Array.from({ length: 1001 }, () => minimal))), '413 ')
})

t.test('the same (source, id) has the same key, others have others', async (t) => {
  const key = (fields: Fields) => read({ 'content-type': STRUCTURED }, JSON.stringify({ ...minimal, ...fields })).events[0]!.key
  t.equal(key({}), key({ type: 'other', data: 1 }))
  t.equal(new Set([key({}), key({ id: '2' }), key({ source: '/other' })]).size, 3)
})

t.test('the scenarios of the HTTP protocol binding', { skip }, async (t) => {
  const outlines = readData('features/http-protocol-binding.feature').split('Scenario Outline:').slice(1)
  t.equal(outlines.length, 2)
  for (const outline of outlines) {
    const [request = '', data = ''] = [...outline.matchAll(/"""\n([\s\S]*?)"""/g)].map(([, block]) => unindent(block ?? ''))
    const table = (part: string) => part.split('\n').filter((line) => line.trim().startsWith('|')).map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()))
    const [attributes = '', examples = ''] = outline.split('Examples:')
    for (const [contentType = ''] of table(examples).slice(1)) {
      const [head = '', body = ''] = request.split('\n\n')
      const headers = head.split('\n').slice(1).map((line) => line.split(/: (.*)/, 2) as [string, string])
      const { events } = readCloudEvents({ headers: headers.map(([name, value]) => [name, value.replace('<contentType>', contentType)]), body: Buffer.from(body.trimEnd()) })
      for (const [name = '', value] of table(attributes).slice(1)) t.equal(events[0]!.event[name], value?.replace('<contentType>', contentType), `${contentType}: ${name}`)
      t.same(events[0]!.event.data, JSON.parse(data))
    }
  }
})

t.test('the YAML samples in both modes', { skip }, async (t) => {
  const cases = [['yaml/v1.yaml', true], ['yaml/v1.0/v1_minimum.yaml', true], ['yaml/v03.yaml', false], ['yaml/v0.3/v03_minimum.yaml', false]] as const
  let count = 0
  for (const [file, valid] of cases) {
    for (const { attributes, data } of readSamples(readData(file))) {
      count++
      const headers = Object.fromEntries(Object.entries(attributes).map(([name, value]) => name === 'datacontenttype' ? ['content-type', value] : [`ce-${name}`, encodeURIComponent(value)]))
      const inBinary = refusal(() => read(headers, data))
      const inStructured = refusal(() => structured(JSON.stringify({ ...attributes, ...(data === '' ? {} : { data: parsed(data) }) })))
      t.equal(inBinary, valid ? 'taken' : '400 specversion', `${file} binary`)
      t.equal(inStructured, valid ? 'taken' : '400 specversion', `${file} structured`)
      if (valid) t.match(read(headers, data).events[0]!.event, attributes)
    }
  }
  t.equal(count, 15)
})

t.test('the valid events and batches of the JSON format', { skip }, async (t) => {
  const core = { specversion: '1.0', type: 'io.cloudevents.test', source: 'https://cloudevents.io' }
  const instant = Date.parse('2018-04-05T17:31:00Z')
  const expected: Record<string, Fields> = {
    minimal: { ...core, id: 'minimal' },
    minimalWithTime: { ...core, id: 'minimalWithTime', time: instant },
    minimalWithRelativeSource: { ...core, id: 'minimalWithRelativeSource', source: '#fragment' },
    allCore: { ...core, id: 'allCore', datacontenttype: 'text/plain', dataschema: 'https://cloudevents.io/dataschema', subject: 'tests', time: instant },
    simpleTextData: { ...core, id: 'simpleTextData', datacontenttype: 'text/plain', data: 'Simple text' },
    allExtensionTypes: { ...core, id: 'allExtensionTypes', extinteger: 10, extboolean: true, extstring: 'text', extbinary: 'TWE=', exttimestamp: '2023-03-31T15:12:00Z', exturi: 'https://cloudevents.io', exturiref: '//authority/path' }
  }
  const normal = ({ time, ...event }: DispatchEvent): Fields => ({ ...event, ...(time === undefined ? {} : { time: Date.parse(time) }) })
  const events = (JSON.parse(readData('format-json/valid-events.json')) as { tests: Array<{ id: string, sampleId: string, event: Fields }> }).tests
  t.equal(events.length, 10)
  for (const { id, sampleId, event } of events) t.same(normal(structured(JSON.stringify(event))), expected[sampleId], id)
  const batches = (JSON.parse(readData('format-json/valid-batches.json')) as { tests: Array<{ id: string, batch: Array<Fields & { id: string }> }> }).tests
  t.equal(batches.length, 5)
  for (const { id, batch: sent } of batches) t.same(batch(sent).map(normal), sent.map((event) => expected[event.id]), id)
})

t.test('what is refused is refused with a SignalboxError, whatever comes', async (t) => {
  const value = fc.oneof(fc.string(), fc.constantFrom('1.0', '/x', 'a/b', '%E2%82%AC', '%zz', '"q"', 'application/json', '2018-04-05T17:31:00Z'))
  const name = fc.oneof(fc.constantFrom('ce-id', 'ce-source', 'ce-type', 'ce-specversion', 'ce-time', 'ce-subject', 'content-type', 'ce-datacontenttype', 'ce-ext'), fc.string().map((text) => `ce-${text}`))
  const type = fc.oneof(fc.constantFrom(STRUCTURED, BATCH, 'application/json', 'text/plain'), fc.string())
  const json = fc.oneof(fc.json(), fc.record({ specversion: fc.constant('1.0'), id: fc.jsonValue(), source: fc.constantFrom('/x', ' ', 5), type: fc.string(), data: fc.jsonValue(), data_base64: fc.jsonValue(), ext: fc.jsonValue() }, { requiredKeys: [] }).map((one) => JSON.stringify(one)))
  fc.assert(fc.property(fc.array(fc.tuple(name, value)), type, fc.oneof(json, json.map((one) => `[${one}]`), fc.string()), (headers, contentType, body) => {
    refusal(() => readCloudEvents({ headers: [...headers, ['content-type', contentType]], body: Buffer.from(body) }))
  }), { numRuns: 3000 })
  t.pass('no other error')
})

function unindent (block: string): string {
  const indent = /^ */.exec(block)?.[0].length ?? 0
  return block.split('\n').map((line) => line.slice(indent)).join('\n')
}

function parsed (data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    return data
  }
}
