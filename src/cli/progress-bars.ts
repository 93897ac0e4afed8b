import type { JobView } from '../schemas/jobs.ts'
import type { TreeJob } from '../schemas/events.ts'
import { took } from './ago.ts'
import { plain, shorten, type Screen } from './screen.ts'
import { statusMark, type Status } from './status-mark.ts'

const BAR = 24
const MOST_ROWS = 12

export type ShownJob = Pick<TreeJob & JobView, 'process' | 'id' | 'progress' | 'timestamps'> & { status: Status }

export interface ProgressBars {
  show: (jobs: ShownJob[]) => void
  /** Leaves the terminal as it was: what came of it is told by others. */
  clear: () => void
}

/** A line per job: redrawn on a terminal, else written when a job has come further. */
export function createProgressBars ({ stderr, stderrColors, json }: Screen): ProgressBars {
  if (json) return { show: () => {}, clear: () => {} }
  return stderr.isTTY ? redrawn(stderr, stderrColors) : written(stderr)
}

function redrawn (stderr: NodeJS.WriteStream, colors: Screen['colors']): ProgressBars {
  let drawn = 0
  const wipe = (): string => drawn === 0 ? '' : `\u001b[${drawn}A\r\u001b[J`
  return {
    show: (jobs) => {
      const rows = Math.max(1, Math.min(MOST_ROWS, (stderr.rows || 24) - 2))
      const shown =
        jobs.length <= rows
          ? jobs
          : [...jobs.filter(isRunning), ...jobs.filter((job) => !isRunning(job))].slice(0, rows)
      const width = Math.max(...shown.map((job) => job.process.length))
      const lines = shown.map((job) => line(job, width, stderr.columns || 80, colors))
      if (jobs.length > shown.length) lines.push(colors.dim(`  … and ${jobs.length - shown.length} more`))
      stderr.write(wipe() + lines.map((text) => `${text}\n`).join(''))
      drawn = lines.length
    },
    clear: () => {
      stderr.write(wipe())
      drawn = 0
    }
  }
}

const isRunning = ({ status }: ShownJob): boolean => status === 'running'

/** Never wider than the terminal: a line that wraps would be two to wipe. */
function line (job: ShownJob, width: number, columns: number, colors: Screen['colors']): string {
  const share = isRunning(job) ? shareOf(job) : undefined
  const bar =
    share === undefined
      ? ''
      : `${colors.cyan('█'.repeat(Math.round(share * BAR)))}${colors.dim('░'.repeat(BAR - Math.round(share * BAR)))} `
  const used = 2 + width + 2 + (share === undefined ? 0 : BAR + 1)
  const rest = [isRunning(job) ? amount(job) : job.status, took(job.timestamps)]
    .filter((part) => part !== '')
    .join('  ')
  return `${statusMark(job.status, colors)} ${shorten(job.process, columns - 3).padEnd(width)}  ${used + 4 > columns ? '' : bar + shorten(rest, columns - used - 1)}`
}

function shareOf ({ progress }: ShownJob): number | undefined {
  const { complete = 0, total = 0 } = progress ?? {}
  return total > 0 ? Math.min(1, Math.max(0, complete / total)) : undefined
}

function amount (job: ShownJob): string {
  const { progress } = job
  if (progress === null) return job.status
  const share = shareOf(job)
  return [
    share === undefined ? progress.complete.toLocaleString('en') : `${Math.floor(share * 100)} %`,
    plain(progress.message ?? '')
  ]
    .join(' ')
    .trim()
}

function written (stderr: NodeJS.WriteStream): ProgressBars {
  const seen = new Map<string, string>()
  return {
    show: (jobs) => {
      for (const job of jobs) {
        const share = isRunning(job) ? shareOf(job) : undefined
        // A line per tenth is enough for a log.
        const state = `${job.status} ${share === undefined ? '' : Math.floor(share * 10)}`
        if (seen.get(job.id) === state) continue
        seen.set(job.id, state)
        stderr.write(`${job.process} ${job.status}${share === undefined ? '' : ` ${amount(job)}`}\n`)
      }
    },
    clear: () => {}
  }
}
