import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { UnitRefused } from '../../ledger/contract.ts'
import type { RunData } from '../dispatch/run.ts'
import type { Begun, Settled } from '../dispatch/settle-job.ts'
import type { Outcome, Report } from '../dispatch/settling.ts'
import type { Verbs } from '../verbs.ts'

const PAUSE_MS = 500
const MAX_PAUSE_MS = 5000

type Settling = { verbs: Pick<Verbs, 'settle'>, log: Logger, isClosing: () => boolean }

/**
 * The work is done, and must not be done again for a datastore that is away for a while: it is
 * written when that is back. What no datastore can keep is a failure of the job.
 */
export async function settlePersistently (
  { verbs, log, isClosing }: Settling,
  run: RunData,
  outcome: Outcome,
  report: Report,
  begun: Begun | undefined
): Promise<Settled> {
  let given = outcome
  for (let tries = 1; ; tries++) {
    try {
      return await verbs.settle(run, given, report, begun)
    } catch (error) {
      if (error instanceof UnitRefused && given.state === 'complete') {
        given = { state: 'failed', reason: `its result cannot be kept: ${error.message}` }
        continue
      }
      if (error instanceof UnitRefused || isClosing()) throw error
      log.warn({ err: error, job: run.job }, 'the result of a job cannot be written yet')
      await sleep(Math.min(PAUSE_MS * tries, MAX_PAUSE_MS))
    }
  }
}
