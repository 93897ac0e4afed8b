import t from 'tap'
import { openAnyBackend } from '../fixtures/servers.ts'
import { openService } from '../fixtures/service.ts'
import { createContract } from './fixtures/contract.ts'
import { routesOf, type Document } from './fixtures/document.ts'
import { play } from './fixtures/play.ts'
import { environment, lookups } from './fixtures/service.ts'

/** `npm run fuzz -- 100000` sends more, to a service in a process of its own. */
const REQUESTS = 2000

t.test('random and hostile requests get no 5xx, no silence, and only what the OpenAPI document describes', { timeout: 600_000 }, async (t) => {
  const backend = await openAnyBackend()
  t.teardown(() => backend.close())
  const { SIGNALBOX_SECRET_KEY: key = '' } = environment('', '', 0)
  const { url, call } = await openService(t, { backend: backend.url, lookups, env: { SIGNALBOX_SECRET_KEY: key, SIGNALBOX_CLOUDEVENTS: 'true', SIGNALBOX_BACKEND_TIMEOUT_MS: '60000' } })
  const { problems, hung, byStatus, sent } = await play(url, { rounds: REQUESTS, seed: 1, patienceMs: 120_000 })
  t.same([...problems.values()], [], 'npm run fuzz shows the same')
  t.same([hung, sent], [0, REQUESTS])
  for (const status of [200, 202, 400, 404, 409, 413, 415, 417, 421, 431]) t.ok((byStatus.get(status) ?? 0) > 0, `${status} was among the answers`)
  t.equal((await call('GET', '/ready')).status, 200, 'and it serves on')
})

t.test('an answer that the document does not describe is found', async (t) => {
  const string = { type: 'string' }
  const document: Document = {
    paths: { '/a/{id}': { get: { operationId: 'a', responses: { 200: { content: { 'application/json': { schema: { type: 'object', required: ['a'], properties: { a: string } } } } } } } } },
    components: { schemas: { Error: { type: 'object', required: ['code'], properties: { code: string } } } }
  }
  const { check } = createContract(document, routesOf(document))
  const answer = (status: number, body: unknown, type = 'application/json') => check({ method: 'GET', path: '/a/1?x=y', headers: {}, body: undefined }, { status, type, body: JSON.stringify(body) })
  t.equal(answer(200, { a: 'x' }), undefined)
  t.match(answer(200, { a: 1 }), /must be string/)
  t.match(answer(200, {}), /must have required property/)
  t.match(answer(200, { a: 'x' }, 'text/html'), 'text/html is not in the document')
  t.match(answer(404, { code: 'X' }), /^404 is not in the document/)
  t.match(answer(500, {}), /^500/)
  t.match(check({ method: 'GET', path: '/b', headers: {}, body: undefined }, { status: 200, type: '', body: '' }), /no operation/)
})
