import t from 'tap'
import { createSubjects } from '../../../src/engine/history/subject.ts'
import { createMemoryEngine } from '../../fixtures/memory-engine.ts'

t.test('what each process has last done for a subject, its success and its failure apart', async (t) => {
  const { ledger, post, pass, complete, fail } = await createMemoryEngine({ load: ['load', 'dump'], loaded: ['check'] }, { load: {}, dump: {}, check: {} })
  const subjects = createSubjects(ledger)
  const [first, second, third] = [await post('load', { subject: 'g' }), await post('load', { subject: 'g' }), await post('load', { subject: 'h' })]
  await complete(second, 'load')
  await pass(10)
  // The earlier event, and the later end.
  await complete(first, 'load', [{ type: 'loaded', subject: 'g' }])
  await fail(second, 'dump')
  await complete(third, 'dump')
  const { processes, ...rest } = await subjects.read('g')
  t.same(rest, { subject: 'g', events: 3, cut: false }, 'follow-on events too')
  t.match(processes, [
    { process: 'dump', last_success: null, last_failure: { job: `${second}.dump`, event: second } },
    { process: 'load', last_success: { event: first }, last_failure: null }
  ])
  t.equal(processes.length, 2, 'what has not ended is not told')
  t.same(await subjects.read('nobody'), { subject: 'nobody', events: 0, cut: false, processes: [] })
})
