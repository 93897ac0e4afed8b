import type { CommandContext } from './command.ts'
import { exitCodeOf } from './exit-code.ts'
import { showJob } from './job-lines.ts'
import { createProgressBars } from './progress-bars.ts'

/** Waits for a job with its progress in sight, then shows it unless that is done by others. Answers the exit code. */
export async function followJob (processName: string, id: string, timeoutMs: number, { client, screen }: CommandContext, show = true): Promise<number> {
  const bars = createProgressBars(screen)
  try {
    const job = await client.waitForJob(processName, id, { timeoutMs, onUpdate: (update) => { bars.show([update]) } })
    bars.clear()
    if (show) showJob(job, screen)
    return exitCodeOf(job.status)
  } catch (error) {
    bars.clear()
    throw error
  }
}
