import t from 'tap'
import { createDispatch, type DispatchDependencies } from '../../../src/engine/dispatch/dispatch.ts'
import { accept } from '../../../src/engine/dispatch/accept.ts'
import { noNotices } from '../../../src/engine/dispatch/core.ts'
import { readEvent } from '../../../src/base/event.ts'
import type { Lookups } from '../../../src/engine/lookups/lookups.ts'
import { createMemoryLedger } from '../../../src/ledger/memory.ts'

const lookups: Lookups = {
  eventTypes: new Map([['noted', { type: 'noted', processes: [], description: undefined, example: undefined }]]),
  processes: new Map(),
  schedules: new Map(),
  hash: 'none',
  warnings: []
}

function open (more: Partial<DispatchDependencies> = {}) {
  const ledger = createMemoryLedger()
  const core = { ledger, lookups: () => lookups, now: Date.now, limits: { maxDepth: 5, maxFanOut: 10 }, notices: noNotices, woken: () => {}, onRefused: () => {} }
  const dispatch = createDispatch({ ledger, verbs: { accept: (acceptance) => accept(core, acceptance) }, lookups: () => lookups, foretell: async () => undefined, timeoutMs: 5000, maxWaiting: 100, ...more })
  return { ledger, dispatch }
}

const noted = (more: object = {}) => readEvent({ type: 'noted', id: '1', source: '/test', ...more })

t.test('an event is taken once; another one under its id and source is refused, with the field that differs', async (t) => {
  const { dispatch } = open()
  const first = noted({ data: { n: 1 } })
  t.match(await dispatch.submit(first), { key: first.key, known: false, entry: 'noted' })
  t.match(await dispatch.submit(noted({ data: { n: 1 }, time: '2026-01-01T00:00:00Z' })), { key: first.key, known: true }, 'a time of its own makes no other event')
  await t.rejects(dispatch.submit(noted({ data: { n: 2 } })), { code: 'EVENT_ID_CONFLICT', statusCode: 409, message: /data/ })
  await t.rejects(dispatch.submitAll([{ keyed: noted({ id: '2' }) }, { keyed: noted({ data: { n: 3 } }), at: '1' }]), { code: 'EVENT_ID_CONFLICT', message: /1\/data/ })
  t.match(await dispatch.explain(noted({ id: '2' })), { known: undefined }, 'nothing of that request was taken')
  t.match(await dispatch.explain(first), { known: [] })
})

t.test('an event that no entry lists is refused alone, and left out of several', async (t) => {
  const { dispatch } = open()
  const other = readEvent({ type: 'other', id: '2', source: '/test' })
  await t.rejects(dispatch.submit(other), { code: 'UNKNOWN_EVENT_TYPE' })
  t.match(await dispatch.submitAll([{ keyed: other }, { keyed: noted() }, { keyed: noted() }]), [undefined, { known: false }, { known: false }])
})

t.test('a datastore that does not answer is 503, and more events than may wait for it are turned away', async (t) => {
  const { dispatch } = open({ verbs: { accept: () => new Promise(() => {}) }, timeoutMs: 50, maxWaiting: 1 })
  const waits = dispatch.submit(noted())
  await t.rejects(dispatch.submit(noted({ id: '2' })), { code: 'OVERLOADED' })
  await t.rejects(waits, { code: 'BACKEND_UNAVAILABLE', statusCode: 503 })
  const failing = open({ verbs: { accept: async () => { throw new Error('gone') } } })
  await t.rejects(failing.dispatch.submit(noted()), { code: 'BACKEND_UNAVAILABLE' })
})
