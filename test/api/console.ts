import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { digestOf } from '../../src/api/access/keys.ts'
import { HOME } from '../fixtures/places.ts'
import { openAnyBackend } from '../fixtures/servers.ts'
import { openService, step } from '../fixtures/service.ts'

const backend = await openAnyBackend()
t.teardown(() => backend.close())
const keys = [{ name: 'reader', sha256: digestOf('read-key'), scopes: ['read'] }]
const { call } = await openService(t, {
  backend: backend.url,
  lookups: { events: { noted: [], done: ['one'] }, processes: { one: step() } },
  env: { SIGNALBOX_TOKEN: 'all-key', SIGNALBOX_KEYS: JSON.stringify(keys) }
})
const asPage = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
const withKey = { authorization: 'Bearer all-key' }

t.test('the address of the service opens the console in a browser, and tells programs where everything is', async (t) => {
  t.match(await call('GET', '/', undefined, asPage), { status: 302, headers: { location: '/console/', vary: 'accept' } })
  t.match((await call('GET', '/')).body, { service: 'signalbox', console: '/console/', docs: '/docs' })
})

t.test('an address of an event or a job opens its page in a browser, and stays JSON for programs', async (t) => {
  const { headers } = await call('POST', '/jobs', { type: 'done' }, withKey)
  const path = String(headers['location'])
  t.match(await call('GET', path, undefined, asPage), { status: 302, headers: { location: `/console${path}` } })
  t.equal((await call('GET', '/events/a%20b?source=%2Fx', undefined, asPage)).headers['location'], '/console/events/a%20b?source=%2Fx')
  t.equal((await call('GET', '/jobs/one/x.one', undefined, asPage)).headers['location'], '/console/jobs/one/x.one')
  t.equal((await call('GET', path, undefined, withKey)).body.event.type, 'done')
  t.equal((await call('GET', path)).status, 401)
})

t.test('the pages are open, hold no data and ask no other host', { skip: existsSync(join(HOME, 'dist', 'console')) ? false : 'the console is not built: npm run build' }, async (t) => {
  for (const path of ['/console', '/console/', '/console/events/x?view=tree', '/console/anything/at/all']) {
    const { status, headers, body } = await call('GET', path)
    t.equal(status, 200, path)
    t.equal(headers['content-security-policy'], "default-src 'self'; media-src 'self' http: https:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
    t.equal(headers['cache-control'], 'no-cache')
    t.notMatch(body, /https?:\/\//)
  }
  const [script = ''] = /\/console\/assets\/console-\w+\.js/.exec((await call('GET', '/console/')).body) ?? []
  t.match((await call('GET', script)).headers, { 'cache-control': /immutable/ })
  t.equal((await call('GET', '/console/assets/none.js')).status, 404)
})

t.test('a browser that opens the documentation or the board without a key is led to the sign-in', async (t) => {
  t.match(await call('GET', '/docs', undefined, asPage), { status: 303, headers: { location: '/console/sign-in?to=%2Fdocs' } })
  t.match(await call('GET', '/board', undefined, asPage), { status: 303, headers: { location: '/console/sign-in?to=%2Fboard' } })
  t.equal((await call('GET', '/openapi.json')).status, 401, 'a program gets the error')
})

t.test('the sign-in of a browser opens them, and changes nothing', async (t) => {
  const opened = await call('POST', '/session', undefined, { authorization: 'Bearer read-key' })
  const [cookie = ''] = String(opened.headers['set-cookie']).split(';')
  t.match(String(opened.headers['set-cookie']), /; Path=\/; HttpOnly; SameSite=Strict$/)
  t.match(await call('GET', '/board', undefined, { ...asPage, cookie }), { status: 200 })
  t.equal((await call('GET', '/openapi.json', undefined, { cookie })).status, 200)
  t.equal((await call('GET', '/events', undefined, { cookie })).status, 401, 'data are asked for with the header')
  t.equal((await call('POST', '/jobs', { type: 'noted' }, { cookie })).status, 401)
  t.equal((await call('GET', '/openapi.json', undefined, { cookie: 'signalbox_key=wrong' })).status, 401)
  t.match(String((await call('DELETE', '/session')).headers['set-cookie']), /^signalbox_key=; .*Max-Age=0/)
  t.equal((await call('POST', '/session')).status, 401)
})

t.test('the board asks no other host for fonts, and does not say that there are no workers', async (t) => {
  const { body } = await call('GET', '/board', undefined, { ...withKey, ...asPage })
  t.notMatch(body, /https?:\/\//)
  t.match(body, /"showWorkers":false/)
})
