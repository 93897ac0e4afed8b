import type { JobView } from '../schemas/jobs.ts'
import type { CommandContext } from './command.ts'
import { exitCodeOf } from './exit-code.ts'
import { showJob } from './job-lines.ts'
import { createProgressBars, type ShownJob } from './progress-bars.ts'
import type { Screen } from './screen.ts'

type Waiting<T> = (onUpdate: (update: T) => void) => Promise<T>

/** Waits with the progress in sight, and leaves the terminal as it was. `jobsOf`: what an update says of each job. */
export async function withProgress<T> (
  screen: Screen,
  waitFor: Waiting<T>,
  jobsOf: (update: T) => ShownJob[]
): Promise<T> {
  const bars = createProgressBars(screen)
  try {
    return await waitFor((update) => {
      bars.show(jobsOf(update))
    })
  } finally {
    bars.clear()
  }
}

/** Waits for a job, then shows it unless the caller shows something else of it. Answers the exit code. */
export async function followJob (
  processName: string,
  id: string,
  timeoutMs: number,
  { client, screen }: CommandContext,
  show = true
): Promise<number> {
  const waitFor = (onUpdate: (update: JobView) => void): Promise<JobView> =>
    client.waitForJob(processName, id, { timeoutMs, onUpdate })
  const job = await withProgress(screen, waitFor, (update) => [update])
  if (show) showJob(job, screen)
  return exitCodeOf(job.status)
}
