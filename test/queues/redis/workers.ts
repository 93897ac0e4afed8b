import t from 'tap'
import { workersIn } from '../../../src/queues/redis/work-store.ts'

t.test('a worker that is connected to several nodes of a cluster is told once', async (t) => {
  const nodes = [['p:cQ==:w:box@1#a', 'p:cQ==', 'p:cQ=='], ['p:cQ==:w:box@1#a', 'p:cQ==:w:box@1#b', 'p:cQ=='], ['', 'p:b3RoZXI=:w:box@1#a']]
  t.same(workersIn(nodes, 'p:cQ=='), ['', '', 'box@1#a', 'box@1#b'])
  t.same(workersIn([], 'p:cQ=='), [])
})
