import t from 'tap'
import { createHostCheck } from '../../../src/api/access/hosts.ts'

const check = createHostCheck({ host: '127.0.0.1', publicUrl: 'https://jobs.example/box', allowed: 'inner.example, other.example' })

function codeOf (method: string, headers: Record<string, string>): string {
  try {
    check({ method, headers })
    return 'served'
  } catch (error) {
    return (error as { code: string }).code
  }
}

t.test('a name that is not ours in Host is refused, whatever the method', async (t) => {
  for (const host of ['127.0.0.1:3000', 'localhost', 'LOCALHOST:3000', '[::1]:3000', '127.8.9.1', 'jobs.example', 'inner.example:80', 'other.example', 'localhost.']) {
    t.equal(codeOf('GET', { host }), 'served', host)
  }
  for (const host of ['evil.example:3000', 'localhost.evil.example', '127.0.0.1.evil.example', '10.0.0.1', '', 'user@localhost', '[::2]', '0.0.0.0', 'jobs.example.evil']) {
    t.equal(codeOf('GET', { host }), 'HOST_NOT_ALLOWED', host)
    t.equal(codeOf('POST', { host }), 'HOST_NOT_ALLOWED', host)
  }
})

t.test('a page of another origin changes nothing, with or without a body', async (t) => {
  const host = 'localhost:3000'
  for (const origin of ['http://evil.example', 'null', 'https://localhost.evil.example', 'http://localhost:3001', 'nonsense']) {
    t.equal(codeOf('POST', { host, origin }), 'ORIGIN_NOT_ALLOWED', origin)
    t.equal(codeOf('DELETE', { host, origin }), 'ORIGIN_NOT_ALLOWED', origin)
    t.equal(codeOf('GET', { host, origin }), 'served', `${origin} may ask; no answer of ours lets it read`)
  }
  t.equal(codeOf('POST', { host, 'sec-fetch-site': 'cross-site' }), 'ORIGIN_NOT_ALLOWED')
  t.equal(codeOf('POST', { host: '127.0.0.1:3000', origin: 'http://127.0.0.1:8888' }), 'ORIGIN_NOT_ALLOWED', 'another program on this machine')
})

t.test('a target that names a host is held against the same list', async (t) => {
  const of = (url: string) => () => { check({ method: 'GET', url, headers: { host: 'localhost:3000' } }) }
  t.throws(of('http://evil.example/events'), { code: 'HOST_NOT_ALLOWED' })
  t.throws(of('HTTPS://evil.example:3000'), { code: 'HOST_NOT_ALLOWED' })
  t.doesNotThrow(of('http://localhost:3000/events'))
  t.doesNotThrow(of('/events?next=http://evil.example/'))
})

t.test('our own pages, and programs that name no origin, are served', async (t) => {
  const host = 'localhost:3000'
  t.equal(codeOf('POST', { host, origin: 'http://localhost:3000', 'sec-fetch-site': 'same-origin' }), 'served')
  t.equal(codeOf('POST', { host: 'jobs.example', origin: 'https://jobs.example' }), 'served')
  t.equal(codeOf('POST', { host: '127.0.0.1', origin: 'https://inner.example' }), 'served', 'a configured name, behind a proxy that writes Host anew')
  t.equal(codeOf('POST', { host }), 'served')
})

t.test('a service on all addresses is not every name', async (t) => {
  const open = createHostCheck({ host: '0.0.0.0', publicUrl: '', allowed: '' })
  t.doesNotThrow(() => { open({ method: 'GET', headers: { host: 'localhost:3000' } }) })
  t.doesNotThrow(() => { open({ method: 'GET', headers: { host: '10.1.2.3:3000' } }) }, 'orchestrators ask by address')
  t.doesNotThrow(() => { open({ method: 'GET', headers: { host: '[fd00::1]:3000' } }) })
  t.throws(() => { open({ method: 'GET', headers: { host: 'evil.example' } }) }, { code: 'HOST_NOT_ALLOWED' })
})
