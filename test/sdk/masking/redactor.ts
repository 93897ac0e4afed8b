import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import t from 'tap'
import { createRedactor, SHORT } from '../../../src/sdk/masking/redactor.ts'
import { apiCredentials } from '../../../src/pipelines/consultations/blocks/api_credentials.ts'
import { secretsOf } from '../../../src/sdk/blocks/secrets.ts'
import { DATA } from '../../fixtures/places.ts'
import { formsOf } from '../../fixtures/secret-forms.mjs'

const SECRET = 'Grün "Pass"/9+x&<y>\\z é=ü'

const redactorOf = (...secrets: string[]): ReturnType<typeof createRedactor> => {
  const redactor = createRedactor()
  redactor.add(secrets)
  return redactor
}

const bytes = Buffer.from(SECRET)
const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64')
const html = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
const FORMS = formsOf(SECRET)

t.test('a secret is taken out of a text in every form', async (t) => {
  const redactor = redactorOf(SECRET)
  for (const [name, form] of Object.entries(FORMS)) {
    const shown = redactor.text(`before ${form} after`)
    t.match(shown, /^before .*\*\*\*.* after$/s, name)
    t.notOk(redactor.finds(shown), `${name}: nothing of it is left`)
    t.notMatch(shown, /Pass|UGFzcy|50617373/, name)
  }
  t.ok(Object.keys(FORMS).length >= 56)
})

t.test('each form is found in the names and values of JSON, too', async (t) => {
  const redactor = redactorOf(SECRET)
  for (const [name, form] of Object.entries(FORMS)) {
    const shown = redactor.value({ [form]: 1, list: [{ deep: form }], safe: 'plain words' })
    t.notOk(redactor.finds(JSON.stringify(shown)), name)
    t.equal(shown.safe, 'plain words')
  }
  t.same(redactor.value({ data: [...bytes], letters: [...SECRET], numbers: [1, 2, 3] }), { data: '***', letters: '***', numbers: [1, 2, 3] })
  t.same(redactorOf('123456').value({ pin: 123456, other: 1234567 }), { pin: '***', other: '***' })
})

t.test('what holds no secret stays as it is', async (t) => {
  const redactor = redactorOf(SECRET, 'pw', 'Kq9-hidden-word')
  const texts = [
    'GET /events/e3b0c44298fc1c149afbf4c8996fb924 200 12 ms', JSON.stringify({ a: 'x\ny', b: [1, 2, 3] }), 'a%20b&amp;c',
    base64('nothing to see here, really'), 'ACGT'.repeat(1000), 'dead:beef:00:11', '', ' ', gzipSync('x').toString('base64')
  ]
  t.same(texts.map(redactor.text), texts)
  const value = { list: texts, none: null, yes: true, n: 1.5 }
  t.same(redactor.value(value), value)
})

t.test('a short secret is taken where it stands alone', async (t) => {
  const redactor = redactorOf('pw')
  t.equal(redactor.text('pw is pw, not pwd or xpw'), '*** is ***, not pwd or xpw')
  t.equal(redactor.text(`Basic ${base64('me:pw')}`), 'Basic ***')
  t.equal(redactor.text('?p=pw&q=1'), '?p=***&q=1')
})

t.test('a value that ends in a line feed, and a key line by line', async (t) => {
  t.equal(redactorOf('Kq9-hidden-word\n').text('login of Kq9-hidden-word failed'), 'login of *** failed')
  const lines = Array.from({ length: 4 }, (_, i) => base64(`key material in line ${i}, of some length`))
  const key = `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`
  const redactor = redactorOf(key)
  t.same(key.trim().split('\n').map(redactor.text), ['-----BEGIN PRIVATE KEY-----', '***', '***', '***', '***', '-----END PRIVATE KEY-----'])
  t.same(key.replaceAll('\n', '\r\n').trim().split('\n').map((line) => redactor.text(line).trim()).slice(1, 3), ['***', '***'])
  t.match(redactor.text(JSON.stringify({ key })), /^\{"key":"(-----BEGIN PRIVATE KEY-----\\n)?\*\*\*/)
  const wrapped = base64(key).match(/.{1,76}/g) ?? []
  t.same(wrapped.map(redactor.text).filter((line) => line !== '***'), [], 'base64 of the whole, a line at a time')
  const dump = key.match(/[^]{1,16}/g)?.map((piece) => Buffer.from(piece).toString('hex').replace(/....(?!$)/g, '$& ')) ?? []
  t.same(dump.slice(0, -1).map(redactor.text).filter((line) => line !== '***'), [], 'as a dump, 16 bytes a line')
})

t.test('of two secrets that overlap none is left', async (t) => {
  t.equal(redactorOf('abcdefghij', 'hijklmnop').text('<abcdefghijklmnop>'), '<***>')
  t.equal(redactorOf('secret-one', 'secret-one-more').text('secret-one-more'), '***')
})

t.test('no secret of any characters is left, whatever stands around it', async () => {
  const texts = fc.string({ unit: 'binary' })
  fc.assert(fc.property(fc.array(fc.string({ unit: 'binary', minLength: SHORT }), { minLength: 1, maxLength: 4 }), texts, texts, (secrets, before, after) => {
    const text = redactorOf(...secrets).text(`${before}${secrets.join(after)}${before}`).replaceAll('***', '')
    return secrets.every((each) => each.trim() === '' || !text.includes(each) || each.includes('*'))
  }), { numRuns: 100 })
  const encodings: Array<(text: string) => string> = [JSON.stringify, encodeURIComponent, base64, (text) => Buffer.from(text).toString('hex'), html, (text) => JSON.stringify(JSON.stringify(text)), (text) => new URLSearchParams({ p: text }).toString()]
  fc.assert(fc.property(fc.string({ unit: 'grapheme', minLength: 10 }), fc.constantFrom(...encodings), (secret, encode) => {
    const text = redactorOf(secret).text(`x=${encode(secret)};`)
    return secret.trim().length < SHORT || text.includes('***')
  }), { numRuns: 300 })
})

const cases = join(DATA, 'cases', 'consult', 'cases.json')
t.test('the masked cases', { skip: existsSync(cases) ? false : 'no shared data' }, async (t) => {
  const { masked } = JSON.parse(readFileSync(cases, 'utf8')) as { masked: Array<{ block: { username: string, password: string }, printed: string, shown: string }> }
  for (const { block, printed, shown } of masked) {
    const redactor = redactorOf(...secretsOf(apiCredentials.schema, block))
    if (shown.startsWith('contains')) t.match(redactor.text(printed), /\*\*\*/, printed)
    else t.equal(redactor.text(printed), shown, printed)
    t.notOk(redactor.finds(redactor.text(printed)), printed)
  }
})

t.test('a line of a log is looked through in little time', async (t) => {
  const redactor = redactorOf(...Array.from({ length: 50 }, (_, i) => `secret number ${i} of some length ${SECRET}`))
  const line = JSON.stringify({ level: 30, time: '2026-11-26T10:00:00.000Z', process: 'dump_dna', job: 'e3b0c44298fc1c149afbf4c8996fb924.dump_dna', ms: 1234, msg: 'job complete', url: 'https://example.org/a%20b?c=d&e=f' })
  const started = performance.now()
  for (let i = 0; i < 1000; i++) redactor.text(line)
  t.comment(`${(performance.now() - started).toFixed(0)} µs a line`)
  const hostile = ['\\'.repeat(100_000), '%25'.repeat(50_000), '&amp;'.repeat(50_000), '00'.repeat(100_000), 'QUJD'.repeat(50_000), '\\\\u005c'.repeat(20_000), '1,'.repeat(100_000), 'A\n'.repeat(50_000)]
  const begun = performance.now()
  for (const text of hostile) redactor.text(text)
  t.comment(`${(performance.now() - begun).toFixed(0)} ms for hostile ones`)
  t.ok(performance.now() - begun < 60_000)
})
