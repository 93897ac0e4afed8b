import t from 'tap'
import { faults } from './fixtures/faults.ts'
import type { Focus } from './fixtures/happenings.ts'
import { play } from './fixtures/play.ts'

/** `npm run simulate -- 100000` plays more. */
const ROUNDS = 1500
/** Within so many each fault is found. */
const ROUNDS_OF_A_FAULT = 10_000
/** What a fault shows itself in, where one round in ten or fewer has it: then every round has. */
const FOCUS: ReadonlyMap<string, Focus> = new Map([
  ['nobody expects that a backfill is as it was', 'backfill'],
  ['a look does not remember that a process was paused when it looked', 'pause']
])

t.test('the engine keeps its promises, whoever dies when', { timeout: 600_000 }, async (t) => {
  for (let seed = 1; seed <= ROUNDS; seed++) {
    const { problems } = await play(seed)
    if (problems.length > 0) t.fail(`npm run simulate -- 1 ${seed}`, { problems })
  }
  t.pass(`${ROUNDS} rounds`)
})

t.test('a fault in any of these places is found', { timeout: 600_000 }, async (t) => {
  t.same([...FOCUS.keys()].filter((name) => !(name in faults)), [])
  for (const [name, fault] of Object.entries(faults)) t.ok(await isFound(fault, FOCUS.get(name)), name)
})

async function isFound (fault: (typeof faults)[string], focus: Focus | undefined): Promise<boolean> {
  for (let seed = 1; seed <= ROUNDS_OF_A_FAULT; seed++) {
    if ((await play(seed, { fault, focus })).problems.length > 0) return true
  }
  return false
}
