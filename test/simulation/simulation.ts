import t from 'tap'
import { faults } from './fixtures/faults.ts'
import { play } from './fixtures/play.ts'

/** `npm run simulate -- 100000` plays more. */
const ROUNDS = 1500
/** In the short form of a fault. */
const ROUNDS_OF_A_FAULT = 5000
/** Takes more rounds than a test has time for: `npm run simulate -- ROUNDS 1 all` plays it. */
const RARE = 'a look does not remember that a process was paused when it looked'

t.test('the engine keeps its promises, whoever dies when', { timeout: 600_000 }, async (t) => {
  for (let seed = 1; seed <= ROUNDS; seed++) {
    const { problems } = await play(seed)
    if (problems.length > 0) t.fail(`npm run simulate -- 1 ${seed}`, { problems })
  }
  t.pass(`${ROUNDS} rounds`)
})

t.test('a fault in any of these places is found', { timeout: 600_000 }, async (t) => {
  t.ok(RARE in faults)
  for (const [name, fault] of Object.entries(faults).filter(([name]) => name !== RARE)) t.ok(await isFound(fault), name)
})

async function isFound (fault: (typeof faults)[string]): Promise<boolean> {
  for (let seed = 1; seed <= ROUNDS_OF_A_FAULT; seed++) if ((await play(seed, { fault })).problems.length > 0) return true
  return false
}
