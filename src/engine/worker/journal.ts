import type { Logger } from 'pino'
import type { Ledger } from '../../ledger/contract.ts'
import type { WorkerJob } from '../../queues/work.ts'
import type { Redactor } from '../../sdk/blocks/redactor.ts'
import type { Progress } from '../../sdk/process.ts'
import { appendLog } from '../jobs/logs.ts'

const EVERY_MS = 250
/** Lines that wait to be written: more than a log keeps are not kept here either. */
const MAX_WAITING = 10_000

/**
 * What a job tells while it runs. Written in order; nothing of it is lost when the job ends, and
 * none of it can fail it.
 */
export interface Journal {
  line: (line: string) => void
  progress: (progress: Progress) => void
  /** Writes what is not written yet; undefined where there is nothing. */
  flush: () => Promise<void> | undefined
  /** The last progress that was told. */
  last: () => Progress | undefined
}

type Settings = {
  ledger: Pick<Ledger, 'get' | 'commit'>
  queued: Pick<WorkerJob, 'updateProgress'>
  job: string
  log: Logger
  redactor: Pick<Redactor, 'text' | 'value'>
}

type State = Settings & {
  writing: Promise<void> | undefined
  lines: string[]
  progress: Progress | undefined
  isTold: boolean
  timer: NodeJS.Timeout | undefined
}

export function createJournal (settings: Settings): Journal {
  const state: State = {
    ...settings,
    lines: [],
    progress: undefined,
    isTold: true,
    writing: undefined,
    timer: undefined
  }
  return {
    line: (line) => {
      state.lines.push(`${new Date().toISOString()} ${settings.redactor.text(line)}`)
      if (state.lines.length > MAX_WAITING) state.lines.shift()
      writeSoon(state)
    },
    progress: (progress) => {
      state.progress = settings.redactor.value(progress)
      state.isTold = false
      writeSoon(state)
    },
    flush: () => {
      if (state.timer !== undefined) write(state)
      return state.writing
    },
    last: () => state.progress
  }
}

function writeSoon (state: State): void {
  state.timer ??= setTimeout(() => { write(state) }, EVERY_MS)
}

function write (state: State): void {
  clearTimeout(state.timer)
  state.timer = undefined
  state.writing = writeAll(state, state.writing).catch((error: unknown) => {
    state.log.debug({ err: error, job: state.job }, 'progress or log not written')
  })
}

async function writeAll (state: State, before: Promise<void> | undefined): Promise<void> {
  await before
  const { ledger, queued, job, progress } = state
  const lines = state.lines.splice(0)
  const isNew = !state.isTold && progress !== undefined
  state.isTold = true
  await Promise.all([
    lines.length === 0 ? undefined : appendLog(ledger, job, lines),
    isNew ? queued.updateProgress(progress) : undefined
  ])
}
