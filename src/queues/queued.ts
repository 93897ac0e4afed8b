import type { JobsOptions } from 'bullmq'
import type { QueuedJob } from '../base/queued-job.ts'

/** BullMQ's greatest. */
const MAX_PRIORITY = 2 ** 21 - 1
const UNFIT_JSON = /\\(?:u0000|ud[89a-f][0-9a-f]{2})/
const ESCAPES = /\\(?:u[0-9a-f]{4}|.)/g

/** Throws where BullMQ, or PostgreSQL behind it, would refuse the job: every datastore takes the same ones. */
export function checkQueued ({ queue, id, name, options = {} }: QueuedJob): void {
  checkName('queue', queue)
  checkName('id', id)
  checkName('name', name)
  for (const text of [queue, id]) if (text.includes(':')) throw new Error(`${JSON.stringify(text)} holds a colon`)
  if (String(Number.parseInt(id, 10)) === id) throw new Error(`id ${JSON.stringify(id)} is an integer`)
  const { priority = 0, delay = 0, attempts = 1, backoff } = options
  if (!isCount(priority) || priority > MAX_PRIORITY) {
    throw new Error(`priority ${priority} is not in 0 to ${MAX_PRIORITY}`)
  }
  const delays = backoff === undefined ? [] : backoff.type === 'list' ? backoff.delays : [backoff.delay]
  for (const n of [delay, attempts, ...delays]) if (!isCount(n)) throw new Error(`${n} is no whole number`)
  if (attempts === 0) throw new Error('a job without an attempt')
}

function checkName (what: string, text: string): void {
  if (text === '') throw new Error(`${what} is empty`)
  if (text.includes('\0') || !text.isWellFormed()) {
    throw new Error(`${what} ${JSON.stringify(text)} holds U+0000 or a lone surrogate`)
  }
}

const isCount = (n: number): boolean => Number.isSafeInteger(n) && n >= 0

/** The data of a job as BullMQ keeps it. */
export function toData ({ id, data }: QueuedJob): string {
  const json = JSON.stringify(data)
  if (UNFIT_JSON.test(json) && json.match(ESCAPES)?.some((escape) => UNFIT_JSON.test(escape)) === true) {
    throw new Error(`the data of job ${JSON.stringify(id)} hold U+0000 or a lone surrogate`)
  }
  return json
}

/**
 * What has ended is removed, unless it is kept for the one who collects the ends. What BullMQ gives up itself always
 * stays until then, with the reason; our own workers never let a job fail for the last time.
 */
export function toOptions ({ id, options: given = {} }: QueuedJob): JobsOptions {
  const { attempts = 1, backoff, priority, delay, keep = false } = given
  const options: JobsOptions = { jobId: id, attempts, removeOnComplete: !keep, removeOnFail: false }
  if (backoff !== undefined) options.backoff = backoff
  if (priority !== undefined && priority > 0) options.priority = priority
  if (delay !== undefined && delay > 0) options.delay = delay
  return options
}

/** A job as BullMQ's Job writes itself (`asJSON`), without the object in between. `timestamp`: now, ms since 1970. */
export function toJobJson (job: QueuedJob, timestamp: number) {
  const opts = toOptions(job)
  return {
    id: job.id,
    name: job.name,
    data: toData(job),
    opts,
    timestamp,
    delay: opts.delay ?? 0,
    priority: opts.priority ?? 0,
    progress: 0,
    attemptsMade: 0,
    attemptsStarted: 0,
    stalledCounter: 0,
    failedReason: '',
    returnvalue: 'null'
  }
}
