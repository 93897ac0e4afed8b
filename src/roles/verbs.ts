import { uuidv7 } from 'uuidv7'
import type { Ledger } from '../ledger/contract.ts'
import type { Clock } from '../ledger/clock.ts'
import type { ForeignEnd } from '../engine/results/collect.ts'
import { createVerbs, type Verbs, type VerbSettings } from '../engine/verbs.ts'
import { CANCEL_TOPIC } from '../engine/jobs/stop.ts'
import { forgetLog } from '../engine/jobs/logs.ts'
import { forgetSteps } from '../engine/jobs/steps.ts'
import { forgetFiles } from '../engine/jobs/written-files.ts'
import { forgetNotices } from '../engine/notifications/of-job.ts'
import type { StoredJob, Work } from '../queues/work.ts'
import { outcomeOf } from '../runners/outcome.ts'
import type { Config } from './config.ts'

type Given = Pick<VerbSettings, 'lookups' | 'notices' | 'onRefused' | 'onError' | 'told' | 'tracer'> & {
  config: Config
  ledger: Ledger
  work: Work
  clock: Clock
}

/** The engine's verbs over the queues and the ledger of this process. */
export function createConfiguredVerbs ({ config, ledger, work, clock, ...given }: Given): Verbs {
  const { max_depth: maxDepth, max_fan_out: maxFanOut } = config.events
  return createVerbs({
    ...given,
    ledger,
    now: clock.now,
    limits: { maxDepth, maxFanOut },
    nonce: uuidv7,
    take: async (queue, id) => {
      const found = await work.remove(queue, id)
      return found === 'removed' ? 'taken' : found
    },
    tellToStop: (job) => work.publish(CANCEL_TOPIC, { id: job }),
    ended: async (queue, limit) => (await work.ends([queue], limit)).map(toForeignEnd),
    remove: async (queue, id) => { await work.remove(queue, id) },
    readOutcome: (value) => outcomeOf(value, { maxOutputBytes: config.worker.max_output }),
    unknown: (jobs) => unknownJobs(work, jobs),
    forgetJob: async (job) => {
      const parts = [forgetLog, forgetFiles, forgetSteps, forgetNotices]
      await Promise.all(parts.map(async (forget) => { await forget(ledger, job) }))
    }
  })
}

async function unknownJobs (work: Work, jobs: Array<{ queue: string, id: string }>): Promise<Set<string>> {
  const found = await work.get(jobs)
  return new Set(jobs.flatMap(({ id }, i) => found[i] === undefined ? [id] : []))
}

/** What has ended on a queue: by a foreign worker, or because BullMQ gave it up. */
function toForeignEnd ({
  queue,
  id,
  data,
  state,
  returnValue,
  failedReason,
  attemptsMade,
  startedAt,
  finishedAt = Date.now(),
  worker,
  progress
}: StoredJob): ForeignEnd {
  const reason = state === 'completed' ? undefined : (failedReason ?? 'failed without a reason')
  const attempt = {
    attempt: Math.max(1, attemptsMade),
    started: startedAt ?? finishedAt,
    ended: finishedAt,
    worker,
    reason
  }
  return {
    queue,
    id,
    data,
    result: reason === undefined ? { returned: returnValue } : { failed: reason },
    report: { attempt, progress }
  }
}
