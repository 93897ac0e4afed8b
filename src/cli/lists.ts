import { EVENT_STATUSES } from '../schemas/events.ts'
import { limitOf, oneOf, timeOf } from './arguments.ts'
import {
  EVENTS, EVENT_TYPES, FAILED_JOBS, FAILURE_GROUPS, JOBS, PROCESSES, QUEUES, BACKFILLS, WORKERS
} from './columns.ts'
import {
  allOption, limitOption, sinceOption, type Command, type CommandContext, type CommandOptions
} from './command.ts'
import { EXIT } from './exit-code.ts'
import { showPages, type Listed } from './pages.ts'
import type { ItemColumn } from './table.ts'

type List<T> = Omit<Command, 'run'> & {
  columns: Array<ItemColumn<T>>
  /** What is said where there is nothing. */
  none: string
  /** Reads the options once, and answers how a page is read. */
  read: (context: Pick<CommandContext, 'args' | 'client'>) => (cursor: string | undefined) => Promise<Listed<T>>
}

/** A command that shows a list. */
const listing = <T>({ columns, none, read, ...rest }: List<T>): Command => ({
  ...rest,
  run: async ({ args, client, screen }) => {
    await showPages(read({ args, client }), { all: args.has('all'), columns, none }, screen)
    return EXIT.ok
  }
})

const STATUSES = ['submitted', 'running', 'complete', 'failed', 'cancelled'] as const

const paging: CommandOptions = { limit: limitOption, all: allOption }

export const events = listing({
  details: [
    'STATUS is what an event came to with all that followed, and how many jobs of it have failed.',
    '`signalbox export` has the jobs too, as JSON lines.'
  ],
  options: {
    type: { type: 'string', value: 'TYPE', help: 'of this event type' },
    subject: { type: 'string', value: 'NAME', help: 'about this' },
    source: { type: 'string', value: 'URI', help: 'of this source, such as /schedules/nightly' },
    status: {
      type: 'string',
      value: 'STATUS',
      help: `${EVENT_STATUSES.join(', ')}; with --roots that of the whole tree`
    },
    roots: { type: 'boolean', help: 'only what was submitted, not what followed from it' },
    search: {
      type: 'string',
      value: 'TEXT',
      help: 'what the id, or the id that the sender gave, begins with; or the subject'
    },
    since: sinceOption('accepted then or later'),
    until: sinceOption('accepted before'),
    oldest: { type: 'boolean', help: 'the oldest first' },
    ...paging
  },
  examples: [
    'signalbox events --type new_assembly --since 2d',
    'signalbox events --roots --status failed --since 1d'
  ],
  columns: EVENTS,
  none: 'no events',
  read: ({ args, client }) => {
    const order = args.has('oldest') ? 'asc' : undefined
    const [status, isTree] = [oneOf(args, 'status', EVENT_STATUSES), args.has('roots')]
    const filter = {
      type: args.text('type'),
      subject: args.text('subject'),
      source: args.text('source'),
      status: isTree ? undefined : status,
      treeStatus: isTree ? status : undefined,
      rootsOnly: args.has('roots') ? true : undefined,
      q: args.text('search'),
      since: timeOf(args, 'since'),
      until: timeOf(args, 'until'),
      order,
      limit: limitOf(args)
    } as const
    return (cursor) => client.listEvents({ ...filter, cursor })
  }
})

export const list = listing({
  options: {
    status: { type: 'string', value: 'STATUS', help: STATUSES.join(', ') },
    subject: { type: 'string', value: 'NAME', help: 'what their events are about' },
    ...paging
  },
  examples: ['signalbox list dump_dna --status failed'],
  columns: JOBS,
  none: 'no jobs',
  read: ({ args, client }) => {
    const [processName = ''] = args.positionals
    const filter = { status: oneOf(args, 'status', STATUSES), subject: args.text('subject'), limit: limitOf(args) }
    return (cursor) => client.listJobs(processName, { ...filter, cursor })
  }
})

export const failed = listing({
  options: {
    process: { type: 'string', value: 'PROCESS', help: 'of this process' },
    subject: { type: 'string', value: 'NAME', help: 'what their events are about' },
    reason: { type: 'string', value: 'TEXT', help: 'whose reason holds this text' },
    since: sinceOption('failed then or later'),
    until: sinceOption('failed before'),
    handled: { type: 'boolean', help: 'also those that a later event has made good, and those that were dismissed' },
    ...paging
  },
  examples: ['signalbox failed --since 2h', 'signalbox failed --process dump_dna --all --json'],
  columns: FAILED_JOBS,
  none: 'no failed jobs',
  read: ({ args, client }) => {
    const filter = {
      process: args.text('process'),
      subject: args.text('subject'),
      reason_contains: args.text('reason'),
      since: timeOf(args, 'since'),
      until: timeOf(args, 'until'),
      handled: args.has('handled') ? true : undefined,
      limit: limitOf(args)
    }
    return (cursor) => client.listFailedJobs({ ...filter, cursor })
  }
})

export const failures = listing({
  details: ['Causes are told apart by their reasons without numbers, ids and what stands in quotes.'],
  options: {
    process: { type: 'string', value: 'PROCESS', help: 'of this process' },
    subject: { type: 'string', value: 'NAME', help: 'what their events are about' },
    since: sinceOption('failed then or later'),
    until: sinceOption('failed before'),
    all: allOption
  },
  examples: ['signalbox failures --since 1d'],
  columns: FAILURE_GROUPS,
  none: 'no failed jobs',
  read: ({ args, client }) => {
    const filter = {
      process: args.text('process'),
      subject: args.text('subject'),
      since: timeOf(args, 'since'),
      until: timeOf(args, 'until')
    }
    return (cursor) => client.groupFailedJobs({ ...filter, cursor })
  }
})

export const workers = listing({
  options: {},
  examples: ['signalbox workers'],
  columns: WORKERS,
  none: 'no workers',
  read: ({ client }) => () => client.workers()
})

export const eventTypes = listing({
  options: {},
  examples: ['signalbox event_types'],
  columns: EVENT_TYPES,
  none: 'no event types',
  read: ({ client }) => () => client.eventTypes()
})

export const processes = listing({
  options: {},
  examples: ['signalbox processes --json'],
  columns: PROCESSES,
  none: 'no processes',
  read: ({ client }) => () => client.processes()
})

export const queues = listing({
  options: {},
  examples: ['signalbox queues'],
  columns: QUEUES,
  none: 'no queues',
  read: ({ client }) => () => client.queues()
})

export const backfills = listing({
  options: paging,
  examples: ['signalbox backfills'],
  columns: BACKFILLS,
  none: 'no backfills',
  read: ({ args, client }) => {
    const limit = limitOf(args)
    return (cursor) => client.listBackfills({ limit, cursor })
  }
})
