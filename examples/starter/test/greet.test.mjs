import assert from 'node:assert/strict'
import test from 'node:test'
import { runProcess } from 'signalbox/testing'

test('greet writes a greeting and tells that it did', async () => {
  const { output, events, files, log } = await runProcess('lookups/greet.ts', {
    event: { type: 'visitor_arrived', data: { name: 'Ada' } }
  })
  assert.equal(files.get(output.file)?.toString(), 'Good day, Ada!\n')
  assert.deepEqual(events, [{ type: 'greeted', subject: 'Ada' }])
  assert.deepEqual(log, ['Ada is greeted'])
})
