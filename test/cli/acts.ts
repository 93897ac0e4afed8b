import { createColors } from 'picocolors'
import t from 'tap'
import { actLine, byWhom } from '../../src/cli/acts.ts'
import { stateOf } from '../../src/cli/columns.ts'
import { drawTree } from '../../src/cli/event-tree.ts'
import type { EventTree } from '../../src/schemas/events.ts'

const plain = createColors(false)
const at = '2026-01-01T00:00:00Z'

t.test('who did it stands behind what it was done to', async (t) => {
  const line = actLine({ act: 'retry', by: 'on-call\u001b[31m', at })
  t.match(line, /^retry by on-call.*, \d+ days ago$/)
  t.notOk(line.includes('\u001b'), 'no colours of a stranger')
  t.same(byWhom([{ act: 'pause', by: 'a', at }, { act: 'resume', by: 'b', at }, { act: 'pause', by: 'c', at }], 'pause'), ['by c'])
  t.same(byWhom(undefined, 'pause'), [])
  t.equal(stateOf({ paused: true, acts: [{ act: 'pause', by: 'on-call', at }] }, 'open', plain), 'paused by on-call')
  t.equal(stateOf({ paused: false, acts: [{ act: 'pause', by: 'on-call', at }] }, 'open', plain), 'open')
  t.equal(stateOf({ paused: true, acts: [{ act: 'pause', by: 'on-call', at, note: 'no\u001b[2J space' }] }, 'open', plain), 'paused by on-call: no space')
  t.equal(stateOf({ paused: true }, 'open', plain), 'paused')
})

t.test('a tree names who submitted its event, and who retried a job last', async (t) => {
  const job = { process: 'p', id: 'k.p', status: 'failed', progress: null, reason: null, waiting_for: null, absorbed_by: null, timestamps: { submitted: at, gated: null, queued: null, started: null, ended: null }, refused: [], events: [], more: 0, acts: [{ act: 'retry', by: 'bob', at }] }
  const tree = { id: 'k', event: { type: 'go' }, status: 'failed', tree_status: 'failed', received: at, jobs: [job], replays: null, refused: null, truncated: false, submitted_by: 'alice' } as unknown as EventTree
  const lines = drawTree(tree, { colors: plain })
  t.match(lines[0], /go .* by alice/)
  t.match(lines[1], /p {2}.*retry by bob/)
})
