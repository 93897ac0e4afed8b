import type { Logger } from 'pino'
import type { Redactor } from '../../sdk/blocks/redactor.ts'
import type { Progress } from '../../sdk/process.ts'
import type { WorkerJob } from '../../queues/contract.ts'

const PROGRESS_EVERY_MS = 250

/** What a job tells while it runs. Written in order; nothing of it is lost when the job ends, and none of it can fail it. */
export type Journal = { line: (line: string) => void, progress: (progress: Progress) => void, flush: () => Promise<void> }

export function createJournal (job: WorkerJob, log: Logger, redactor: Redactor): Journal {
  let writing: Promise<void> = Promise.resolve()
  let pending: Progress | undefined
  let timer: NodeJS.Timeout | undefined
  const write = (one: () => Promise<void>): void => {
    writing = writing.then(one).catch((error: unknown) => { log.debug({ err: error, job: job.id }, 'progress or log not written') })
  }
  const writeProgress = (): void => {
    clearTimeout(timer)
    timer = undefined
    const progress = pending
    pending = undefined
    if (progress !== undefined) write(() => job.updateProgress(progress))
  }
  return {
    line: (line) => { write(() => job.addLog(`${new Date().toISOString()} ${redactor.text(line)}`)) },
    progress: (progress) => {
      pending = redactor.value(progress)
      timer ??= setTimeout(writeProgress, PROGRESS_EVERY_MS)
    },
    flush: async () => {
      writeProgress()
      await writing
    }
  }
}
