import t from 'tap'
import { digestOf, makeKey, matches, readKeys } from '../../../src/api/access/keys.ts'

const entry = (more: object = {}) => ({ name: 'ci', sha256: digestOf('one'), scopes: ['read', 'submit'], ...more })
const keysOf = (...entries: object[]) => readKeys(JSON.stringify(entries))

t.test('a key is found by its digest, with its name and scopes', async (t) => {
  const keys = keysOf(entry(), entry({ name: 'ops', sha256: digestOf('two'), scopes: ['operate'] }))
  t.match(keys.find('one'), { name: 'ci', scopes: new Set(['read', 'submit']) })
  t.match(keys.find('two'), { name: 'ops' })
  t.equal(keys.find('three'), undefined)
  t.equal(keys.find(''), undefined)
  t.equal(keys.find(digestOf('one')), undefined, 'the digest is not the key')
})

t.test('two keys of one name are good while they are changed, and none after it has expired', async (t) => {
  const keys = keysOf(entry({ sha256: [digestOf('old'), digestOf('new')], expires: '2030-01-01T00:00:00Z' }))
  const before = Date.parse('2029-12-31T23:59:59Z')
  t.equal(keys.find('old', before)?.name, 'ci')
  t.equal(keys.find('new', before)?.name, 'ci')
  t.equal(keys.find('new', before + 1000), undefined, 'at the moment of its expiry')
})

t.test('submit is narrowed to types and sources', async (t) => {
  const caller = keysOf(entry({ types: ['new_*'], sources: ['/staging/*', '/jobs'] })).find('one')
  t.equal(caller?.maySubmit({ type: 'new_assembly', source: '/jobs' }), true)
  t.equal(caller?.maySubmit({ type: 'new_assembly', source: '/staging/a' }), true)
  t.equal(caller?.maySubmit({ type: 'old_assembly', source: '/jobs' }), false)
  t.equal(caller?.maySubmit({ type: 'new_assembly', source: '/elsewhere' }), false)
  t.equal(keysOf(entry()).find('one')?.maySubmit({ type: 'x', source: 'y' }), true)
})

t.test('* stands for any letters, and no pattern takes long', async (t) => {
  t.equal(matches('a*b*c', 'a1b2c'), true)
  t.equal(matches('a*b*c', 'acb'), false)
  t.equal(matches('*', ''), true)
  t.equal(matches('a*a', 'a'), false, 'the two ends do not overlap')
  t.equal(matches('ab*ba', 'aba'), false)
  t.equal(matches('', ''), true)
  t.equal(matches('**', 'x'), true)
  t.equal(matches('*a'.repeat(50), 'a'.repeat(100_000) + 'b'), false)
})

t.test('what is wrong with the list is said by name', async (t) => {
  t.throws(() => readKeys('{'), /is not JSON/)
  t.throws(() => readKeys('{}'), /must be array/)
  t.throws(() => keysOf(entry({ scopes: ['all'] })), /\/0\/scopes\/0/)
  t.throws(() => keysOf(entry({ sha256: 'one' })), /\/0\/sha256/)
  t.throws(() => keysOf(entry({ key: 'one' })), /additional properties/)
  t.throws(() => keysOf(entry({ expires: 'soon' })), /ci: expires is not a time/)
  t.throws(() => keysOf(entry({ scopes: ['read'], types: ['x'] })), /ci: types and sources narrow submit/)
})

t.test('a new key is 32 bytes of chance', async (t) => {
  t.match(makeKey(), /^sbx_[A-Za-z0-9_-]{43}$/)
  t.not(makeKey(), makeKey())
})
