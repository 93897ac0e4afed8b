import { connect } from 'node:net'
import t from 'tap'
import { openAnyBackend } from '../fixtures/servers.ts'
import { openService, step } from '../fixtures/service.ts'

const backend = await openAnyBackend()
t.teardown(() => backend.close())
const lookups = { events: { noted: [] }, processes: { one: step({}) } }
const { url, call } = await openService(t, { backend: backend.url, lookups, env: { SIGNALBOX_CLOUDEVENTS: 'true' } })
const { port } = new URL(url)

/** Sends bytes as they are; answers the status and the body. */
async function raw (head: string, body: Buffer = Buffer.alloc(0)): Promise<{ status: number, body: Record<string, unknown> }> {
  const socket = connect(Number(port), '127.0.0.1')
  socket.write(Buffer.concat([Buffer.from(head.replaceAll('\n', '\r\n')), body]))
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  const [answer = '', json = '{}'] = text.split('\r\n\r\n')
  return { status: Number(answer.split(' ')[1]), body: JSON.parse(json) as Record<string, unknown> }
}

const post = (path: string, type: string, body: Buffer, more = ''): string =>
  `POST ${path} HTTP/1.1\nhost: 127.0.0.1:${port}\nconnection: close\ncontent-type: ${type}\n${more}content-length: ${body.length}\n\n`

t.test('a body that is not UTF-8 is 400, on every route', async (t) => {
  const cases: Array<[name: string, bytes: number[]]> = [
    ['a lone continuation', [0x80]], ['an overlong slash', [0xc0, 0xaf]], ['a surrogate', [0xed, 0xa0, 0x80]],
    ['beyond Unicode', [0xf4, 0x90, 0x80, 0x80]], ['a letter that is cut', [0xc3]], ['Latin-1', [0xfc]]
  ]
  for (const [name, bytes] of cases) {
    const event = Buffer.concat([Buffer.from('{"type":"noted","data":"'), Buffer.from(bytes), Buffer.from('"}')])
    t.match(await raw(post('/jobs', 'application/json', event), event), { status: 400, body: { code: 'INVALID_BODY' } }, `${name} on /jobs`)
    t.match(await raw(post('/blocks/smtp/x', 'application/json', event).replace('POST', 'PUT'), event), { status: 400 }, `${name} on /blocks`)
    const cloud = Buffer.concat([Buffer.from('{"specversion":"1.0","id":"1","source":"/a","type":"noted","data":"'), Buffer.from(bytes), Buffer.from('"}')])
    t.match(await raw(post('/event/', 'application/cloudevents+json', cloud), cloud), { status: 400 }, `${name} on /event/`)
  }
})

t.test('names that change the objects of other programs are 400 on /jobs and on /event/ alike', async (t) => {
  const fields = ['"__proto__":{"x":1}', '"\\u005f_proto__":1', '"a":[{"__proto__":null}]', '"constructor":{"prototype":{"x":1}}']
  for (const field of fields) {
    const data = `"data":{${field}}`
    t.match(await call('POST', '/jobs', `{"type":"noted",${data}}`), { status: 400 }, `${field} on /jobs`)
    const cloud = Buffer.from(`{"specversion":"1.0","id":"1","source":"/a","type":"noted",${data}}`)
    t.match(await raw(post('/event/', 'application/cloudevents+json', cloud), cloud), { status: 400, body: { code: 'INVALID_EVENT' } }, `${field} on /event/`)
    const binary = Buffer.from(`{${field}}`)
    const attributes = 'ce-specversion: 1.0\nce-id: 1\nce-source: /a\nce-type: noted\n'
    t.match(await raw(post('/event/', 'application/json', binary, attributes), binary), { status: 400, body: { code: 'INVALID_EVENT' } }, `${field} in binary mode`)
  }
  t.match(await call('POST', '/jobs', { type: 'noted', data: { constructor: 'a builder', prototype: 1 } }), { status: 202 })
})

t.test('what Node would refuse by itself has the shape of every error, and stands in the OpenAPI document', async (t) => {
  const shape = { code: /^[A-Z_]+$/, error: /\w/, message: /\w/ }
  const head = `host: 127.0.0.1:${port}\nconnection: close\n`
  t.match(await raw(`POST /jobs HTTP/1.1\n${head}expect: something\ncontent-length: 0\n\n`), { status: 417, body: { statusCode: 417, ...shape } })
  t.match(await raw(`GET / HTTP/1.1\n${head}x: ${'x'.repeat(20_000)}\n\n`), { status: 431, body: { statusCode: 431, ...shape } })
  t.match(await raw('this is no HTTP\n\n'), { status: 400, body: { statusCode: 400, ...shape } })
  t.match(await call('GET', `/jobs/${'x'.repeat(600)}`), { status: 414, body: { statusCode: 414, ...shape } })
  const { paths } = (await call('GET', '/openapi.json')).body as { paths: Record<string, Record<string, { responses: object, requestBody?: object }>> }
  for (const [path, verbs] of Object.entries(paths)) {
    for (const [verb, { responses, requestBody }] of Object.entries(verbs)) {
      t.same(['414', '417', '503'].filter((code) => !(code in responses)), [], `${verb} ${path}`)
      if (requestBody !== undefined) t.ok('415' in responses || path.startsWith('/event'), `${verb} ${path}`)
    }
  }
})
