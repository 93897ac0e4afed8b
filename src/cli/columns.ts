import type { BackfillView, BackfillWindow } from '../schemas/backfills.ts'
import type { BlockView } from '../schemas/blocks.ts'
import type { EventSummary } from '../schemas/events.ts'
import type { JobView } from '../schemas/jobs.ts'
import type { EventTypes, ProcessView, QueueView } from '../schemas/lookups.ts'
import type { Act } from '../schemas/parts.ts'
import type { FailureGroup } from '../schemas/redrive.ts'
import type { ScheduleView } from '../schemas/schedules.ts'
import type { WorkerView } from '../schemas/stats.ts'
import { byWhom } from './acts.ts'
import { age, took } from './ago.ts'
import { plain, type Colors } from './screen.ts'
import { statusMark, statusWord } from './status-mark.ts'
import type { ItemColumn } from './table.ts'

/** What the lists show, a table of columns for each kind of thing. */

type Status = Parameters<typeof statusMark>[0]

const status: ItemColumn<{ status: Status }> = {
  title: 'STATUS',
  of: (one, colors) => `${statusMark(one.status, colors)} ${statusWord(one.status, colors)}`
}

/** What came of the whole tree. */
const treeStatus: ItemColumn<EventSummary> = {
  title: 'STATUS',
  of: ({ tree_status: tree, failed_jobs: failed }, colors) =>
    `${statusMark(tree, colors)} ${statusWord(tree, colors)}${failed > 0 ? colors.red(` ${failed}`) : ''}`
}

export const EVENTS: Array<ItemColumn<EventSummary>> = [
  treeStatus,
  { title: 'TYPE', flexible: true, of: ({ type }) => plain(type) },
  { title: 'SUBJECT', flexible: true, of: ({ subject }) => plain(subject ?? '') },
  { title: 'AGE', right: true, optional: true, of: ({ received }) => age(received) },
  { title: 'JOBS', right: true, optional: true, of: ({ jobs }) => String(jobs.length) },
  { title: 'ID', of: ({ id }) => id }
]

const tookOf = ({ status, timestamps }: JobView): string =>
  timestamps.ended === null && status !== 'running' ? '' : took(timestamps)

const jobColumns = (first: ItemColumn<JobView>, since: 'submitted' | 'ended'): Array<ItemColumn<JobView>> => [
  first,
  { title: 'ID', below: true, of: ({ id }) => id },
  { title: 'SUBJECT', flexible: true, optional: true, of: ({ input }) => plain(String(input?.['subject'] ?? '')) },
  { title: 'AGE', right: true, optional: true, of: ({ timestamps }) => age(timestamps[since]) },
  { title: 'TOOK', right: true, optional: true, of: tookOf },
  {
    title: 'REASON',
    flexible: true,
    of: ({ status, reason }) => status === 'cancelled' ? '' : plain(reason ?? '')
  }
]

export const JOBS = jobColumns(status, 'submitted')

export const FAILED_JOBS = jobColumns({
  title: 'PROCESS',
  of: (job, colors) => `${statusMark(job.status, colors)} ${job.process}`
}, 'ended')

export const FAILURE_GROUPS: Array<ItemColumn<FailureGroup>> = [
  { title: 'PROCESS', of: ({ process: name }, colors) => `${statusMark('failed', colors)} ${name}` },
  { title: 'JOBS', right: true, of: ({ count: n }) => String(n) },
  { title: 'LAST', right: true, of: ({ last }) => age(last) },
  { title: 'REASON', flexible: true, of: ({ reason }) => plain(reason) },
  {
    title: 'SUBJECTS',
    flexible: true,
    optional: true,
    of: ({ subjects, subject_count: n }) => plain(`${subjects.slice(0, 2).join(', ')}${n > 2 ? ` +${n - 2}` : ''}`)
  }
]

export const WORKERS: Array<ItemColumn<WorkerView>> = [
  { title: 'WORKER', of: ({ name, lost }, colors) => `${lost ? colors.red('✖') : colors.green('●')} ${plain(name)}` },
  { title: 'HOST', optional: true, of: ({ host }) => plain(host) },
  { title: 'VERSION', of: ({ version }) => plain(version) },
  { title: 'RUNNING', right: true, of: ({ running_count: n }) => String(n) },
  { title: 'SEEN', right: true, of: ({ last_seen: seen }) => age(seen) },
  { title: 'PROCESSES', flexible: true, of: ({ processes }) => processes.join(', ') }
]

export const EVENT_TYPES: Array<ItemColumn<EventTypes['items'][number]>> = [
  {
    title: 'EVENT TYPE',
    flexible: true,
    of: ({ type, match }) => plain(match == null ? type : `${type} ${JSON.stringify(match)}`)
  },
  { title: 'STARTS', flexible: true, of: ({ processes }) => processes.join(', ') || '(recorded only)' },
  { title: 'DESCRIPTION', flexible: true, of: ({ description }) => plain(description ?? '') }
]

export const PROCESSES: Array<ItemColumn<ProcessView>> = [
  { title: 'PROCESS', of: ({ process: name }) => name },
  { title: 'QUEUE', of: ({ queue }) => queue },
  { title: 'RUNS', flexible: true, of: ({ run }) => plain(runOf(run)) },
  { title: 'ATTEMPTS', right: true, optional: true, of: ({ attempts }) => String(attempts) },
  { title: 'EMITS', flexible: true, optional: true, of: ({ emits }) => (emits ?? []).join(', ') },
  {
    title: 'STATE',
    flexible: true,
    optional: true,
    of: (process, colors) => stateOf(process, 'open', colors)
  },
  { title: 'DESCRIPTION', flexible: true, of: ({ description }) => plain(description ?? '') }
]

/** The runner and what it is given first: `module dump_dna`. */
function runOf (run: object): string {
  const [kind = '', what] = Object.entries(run)[0] ?? []
  return typeof what === 'string' ? `${kind} ${what}` : Array.isArray(what) ? `${kind} ${what.join(' ')}` : kind
}

type Pausable = { paused: boolean, acts?: Act[] | undefined }

/** Whether a thing goes on, and who has seen to it that it does not. */
export function stateOf ({ paused, acts }: Pausable, open: string, colors: Colors): string {
  return paused ? colors.yellow(['paused', ...byWhom(acts, 'pause')].join(' ')) : colors.green(open)
}
const redIfAny = (count: number, colors: Colors): string => count > 0 ? colors.red(String(count)) : '0'

type Count = 'workers' | 'waiting' | 'active' | 'delayed' | 'blocked' | 'completed'
const count = (name: Count, optional = false): ItemColumn<QueueView> =>
  ({ title: name.toUpperCase(), right: true, optional, of: (queue) => String(queue[name]) })

export const QUEUES: Array<ItemColumn<QueueView>> = [
  { title: 'QUEUE', of: ({ queue }) => queue },
  { title: 'STATE', flexible: true, of: (queue, colors) => stateOf(queue, 'open', colors) },
  count('workers'),
  count('waiting'),
  count('active'),
  count('delayed', true),
  count('blocked', true),
  count('completed', true),
  { title: 'FAILED', right: true, of: ({ failed }, colors) => redIfAny(failed, colors) }
]

export const SCHEDULES: Array<ItemColumn<ScheduleView>> = [
  { title: 'SCHEDULE', of: ({ schedule }) => schedule },
  { title: 'STATE', flexible: true, of: (schedule, colors) => stateOf(schedule, 'active', colors) },
  { title: 'TYPE', flexible: true, of: ({ type }) => plain(type) },
  {
    title: 'TICKS',
    flexible: true,
    of: ({ cron, every, timezone }) => plain(cron === null ? `every ${every ?? ''}` : `${cron} ${timezone}`)
  },
  { title: 'NEXT', of: ({ next }) => next ?? '-' },
  { title: 'LAST', optional: true, of: ({ last }) => last ?? '-' },
  {
    title: 'PROBLEM',
    flexible: true,
    of: ({ problem }, colors) => problem === null ? '' : colors.red(plain(problem))
  }
]

export const BACKFILLS: Array<ItemColumn<BackfillView>> = [
  status,
  { title: 'TYPE', flexible: true, of: ({ type }) => plain(type) },
  { title: 'BEGIN', of: ({ begin }) => begin },
  { title: 'END', of: ({ end }) => end },
  { title: 'EVERY', optional: true, of: ({ every }) => every },
  { title: 'DONE', right: true, of: ({ windows }) => `${windows.complete}/${windows.total}` },
  { title: 'FAILED', right: true, of: ({ windows }, colors) => redIfAny(windows.failed, colors) },
  { title: 'AGE', right: true, optional: true, of: ({ created }) => age(created) },
  { title: 'ID', of: ({ id }) => id }
]

export const WINDOWS: Array<ItemColumn<BackfillWindow>> = [
  {
    title: 'STATUS',
    of: ({ status }, colors) => {
      const shown = status === 'waiting' ? 'submitted' : status
      return `${statusMark(shown, colors)} ${status}`
    }
  },
  { title: 'BEGIN', of: ({ begin }) => begin },
  { title: 'END', optional: true, of: ({ end }) => end },
  { title: 'TRIES', right: true, optional: true, of: ({ tries }) => String(tries) },
  { title: 'EVENT', of: ({ event }) => event ?? '' },
  { title: 'REASON', flexible: true, optional: true, of: ({ reason }) => plain(reason ?? '') }
]

export const BLOCKS: Array<ItemColumn<BlockView>> = [
  { title: 'KIND', of: ({ kind }) => kind },
  { title: 'NAME', of: ({ name }) => name },
  {
    title: 'FIELDS',
    flexible: true,
    optional: true,
    of: ({ value }) => plain(Object.entries(value).map(fieldOf).join(' '))
  },
  { title: 'CHANGED', of: ({ updated, acts }) => [updated, ...byWhom(acts, 'put')].join(' ') },
  { title: 'KEY', of: ({ key }, colors) => key === 'current' ? key : colors.yellow(key) }
]

const fieldOf = ([name, value]: [string, unknown]): string =>
  `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`
