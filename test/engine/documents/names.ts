import t from 'tap'
import { eventOfJob, gateDoc, gateOfDue, dueMember, isWide, processOfGate, processOfJob, readAbsorbedMember, absorbedMember, readRoundId, roundId, wideGateDoc } from '../../../src/engine/documents/names.ts'

t.test('no key is taken for the gate of all, for that of an event, or for another key', async (t) => {
  const keys = ['*', '@e1', '"', '#', 'a', 'x'.repeat(300), 'x'.repeat(301), '']
  const names = [wideGateDoc('p'), gateDoc('p', undefined, 'e1'), ...keys.map((key) => gateDoc('p', key, ''))]
  t.equal(new Set(names).size, names.length)
  t.same(names.filter(isWide), ['gate:p:*'])
  t.same(new Set(names.map(processOfGate)), new Set(['p']))
})

t.test('a gate is read from what is due for it, whatever its key holds', async (t) => {
  for (const key of ['a b', 'c\u00a0d', '"', 'at']) t.equal(gateOfDue(dueMember(gateDoc('p', key, ''), 'out~j~2')), gateDoc('p', key, ''))
})

t.test('event, process and round are read from the id of a job', async (t) => {
  t.equal(eventOfJob('e1.dump.v2'), 'e1')
  t.equal(processOfJob('e1.dump.v2'), 'dump.v2')
  t.equal(roundId('e1.p', 0), 'e1.p')
  t.same(readRoundId(roundId('e1.p', 12)), { job: 'e1.p', round: 12 })
  t.same(readRoundId('e1.p'), { job: 'e1.p', round: 0 })
  t.same(readAbsorbedMember(absorbedMember('e1.p', 'a type with spaces')), { job: 'e1.p', type: 'a type with spaces' })
})
