import type { ListedCommand } from './command.ts'

/** The client commands in the order of the help; pipelines bring more (query.ts). */
export const COMMANDS: Readonly<Record<string, ListedCommand>> = {
  submit: {
    positionals: ['[TYPE]'],
    summary: 'Submits an event, which starts jobs',
    load: async () => (await import('./submit.ts')).submit
  },
  event: {
    positionals: ['ID'],
    summary: 'Draws an event with its jobs and all that followed',
    load: async () => (await import('./event.ts')).event
  },
  events: {
    positionals: [],
    summary: 'Lists the events of the past, newest first',
    load: async () => (await import('./lists.ts')).events
  },
  subject: {
    positionals: ['NAME'],
    summary: 'Shows what each process has last done for a genome, a council, a document',
    load: async () => (await import('./subject.ts')).subject
  },
  export: {
    positionals: [],
    summary: 'Writes events and the ends of their jobs as JSON lines, the oldest first',
    load: async () => (await import('./export.ts')).exportHistory
  },
  replay: {
    positionals: ['[ID]'],
    summary: 'Dispatches an event again, or events by filter, each as a new one',
    load: async () => (await import('./replay.ts')).replay
  },
  get: {
    positionals: ['PROCESS', 'ID'],
    summary: 'Shows a job: where it stands and what came of it',
    load: async () => (await import('./get.ts')).get
  },
  list: {
    positionals: ['PROCESS'],
    summary: 'Lists the jobs of a process, newest first',
    load: async () => (await import('./lists.ts')).list
  },
  failed: {
    positionals: [],
    summary: 'Lists the failed jobs of all processes, the last failure first',
    load: async () => (await import('./lists.ts')).failed
  },
  failures: {
    positionals: [],
    summary: 'Lists the failed jobs by process and cause, the largest group first',
    load: async () => (await import('./lists.ts')).failures
  },
  dismiss: {
    positionals: ['[PROCESS]', '[ID]'],
    summary: 'Takes failed jobs off that list: nobody has to look at them any more',
    load: async () => (await import('./dismiss.ts')).dismiss
  },
  cancel: {
    positionals: ['[PROCESS]', '[ID]'],
    summary: 'Cancels a job, or all of an event; removes a job that has ended',
    load: async () => (await import('./cancel.ts')).cancel
  },
  retry: {
    positionals: ['[PROCESS]', '[ID]'],
    summary: 'Runs a failed or cancelled job again, or failed jobs by filter, under the same id',
    load: async () => (await import('./redrive.ts')).retry
  },
  stats: {
    positionals: [],
    summary: 'Counts events and jobs by process, with how long they wait and run',
    load: async () => (await import('./stats.ts')).stats
  },
  workers: {
    positionals: [],
    summary: 'Lists the workers: what they serve, and when they were last seen',
    load: async () => (await import('./lists.ts')).workers
  },
  event_types: {
    positionals: [],
    summary: 'Lists the event types and the processes that they start',
    load: async () => (await import('./lists.ts')).eventTypes
  },
  processes: {
    positionals: [],
    summary: 'Lists the processes, how they run and on which queues',
    load: async () => (await import('./lists.ts')).processes
  },
  queues: {
    positionals: [],
    summary: 'Lists the queues: what waits, what runs, who works',
    load: async () => (await import('./lists.ts')).queues
  },
  pause: {
    positionals: ['NAME'],
    summary: 'Lets no worker take jobs from a queue, or begin those of a process; running ones go on',
    load: async () => (await import('./pause.ts')).pause
  },
  resume: {
    positionals: ['NAME'],
    summary: 'Lets workers take jobs from a queue, or begin those of a process, again',
    load: async () => (await import('./pause.ts')).resume
  },
  schedules: {
    positionals: ['[pause|resume|run]', '[NAME]'],
    summary: 'Lists the schedules with their next tick; pauses, resumes or runs one',
    load: async () => (await import('./schedules.ts')).schedules
  },
  backfill: {
    positionals: ['[show|windows|retry|cancel|pause|resume|concurrency]', '[ID]', '[NUMBER]'],
    summary: 'Submits an event for each window of a range of time; shows or steers a backfill',
    load: async () => (await import('./backfill.ts')).backfill
  },
  backfills: {
    positionals: [],
    summary: 'Lists the backfills, newest first',
    load: async () => (await import('./lists.ts')).backfills
  },
  blocks: {
    positionals: ['[apply|get|remove|rekey]', '[FILE|KIND/NAME]'],
    summary: 'Lists the blocks; applies those of a file or the environment; shows or removes one',
    load: async () => (await import('./blocks.ts')).blocks
  },
  completion: {
    positionals: ['bash|zsh|fish'],
    summary: 'Writes the script with which a shell completes commands, options, types and processes',
    load: async () => (await import('./completion.ts')).completion
  },
  complete: {
    positionals: ['LINE'],
    summary: 'What may stand at the end of a line, for the scripts of completion',
    isHidden: true,
    load: async () => (await import('./completion.ts')).complete
  }
}

/** Actions of Ensembl's event client whose names are others here. */
export const ALIASES: Readonly<Record<string, string>> = { retrieve: 'get', delete: 'cancel' }

/** The name under which a command is listed. */
export const commandName = (name: string): string => Object.hasOwn(ALIASES, name) ? ALIASES[name] as string : name

export const isClientCommand = (name: string): boolean => Object.hasOwn(COMMANDS, commandName(name))
