import t from 'tap'
import { missing, type BackendName } from '../fixtures/servers.ts'
import { play } from './fixtures/play.ts'
import { scenarios } from './fixtures/scenarios.ts'

/** The short form of `npm run faults`: those faults that nothing else tries. */
const SHORT: ReadonlyArray<[fault: string, on: BackendName]> = [
  ['terminated connections', 'postgres'],
  ['late answers', 'redis']
]

t.jobs = 1

for (const [name, backend] of SHORT) {
  t.test(`${name} on ${backend}: nothing is lost, nothing is done twice by our doing, and every role heals`, { skip: missing(backend), timeout: 400_000 }, async (t) => {
    const scenario = scenarios.find((one) => one.name === name)
    if (scenario === undefined) return t.fail(`there is no fault ${name}`)
    const { problems, ...figures } = await play(scenario, backend)
    t.same(problems, [])
    t.comment(JSON.stringify(figures))
  })
}
