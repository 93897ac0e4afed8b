import { uuidv7 } from 'uuidv7'
import type { ReplayAs } from '../schemas/redrive.ts'
import { limitOf, oneOf, timeOf, waitMsOf } from './arguments.ts'
import { MOST_AT_ONCE, askAll, bulkCode, bulkOptions, showBulk } from './bulk.ts'
import { UsageError } from '../base/errors.ts'
import { sinceOption, waitOption, type Arguments, type Command, type CommandContext } from './command.ts'
import { showDispatch } from './dispatch-lines.ts'
import { sourceOption } from './event.ts'
import { plain } from './screen.ts'

const STATUSES = ['incomplete', 'complete', 'failed', 'cancelled'] as const
const CONDITIONS = ['type', 'subject', 'since', 'until', 'status'] as const

export const replay: Command = {
  details: [
    'Without ID the options say which of the submitted events, the oldest first; follow-on events come again by ' +
    'themselves.'
  ],
  options: {
    as: {
      type: 'string',
      value: 'now|then',
      help: 'now: by the lookups of now (the default); then: to the processes and queues of then'
    },
    source: sourceOption,
    wait: waitOption,
    type: { type: 'string', value: 'TYPE', help: 'events of this type' },
    subject: { type: 'string', value: 'NAME', help: 'about this' },
    since: sinceOption('accepted then or later'),
    until: sinceOption('accepted before'),
    status: { type: 'string', value: 'STATUS', help: STATUSES.join(', ') },
    key: { type: 'string', value: 'TEXT', help: 'a name for this request: the same again makes nothing twice' },
    ...bulkOptions
  },
  examples: ['signalbox replay e3f0… --wait', 'signalbox replay --type new_assembly --since 2d --as then --dry-run'],
  run: async (context) => {
    const { args, client } = context
    const as = asOf(args)
    const [id] = args.positionals
    if (id === undefined) return await replayMany(as, context)
    const bulk = [...CONDITIONS, 'key', ...Object.keys(bulkOptions)].find(args.has)
    if (bulk !== undefined) throw new UsageError(`--${bulk} does not go with ID`)
    const waitMs = waitMsOf(args)
    return await showDispatch(
      'dispatched again',
      await client.replayEvent(id, { source: args.text('source'), as }),
      waitMs,
      context
    )
  }
}

async function replayMany (as: ReplayAs | undefined, { args, client, screen }: CommandContext): Promise<number> {
  const single = ['wait', 'source'].find(args.has)
  if (single !== undefined) throw new UsageError(`--${single} is for one event: ID`)
  if (!CONDITIONS.some(args.has)) throw new UsageError('ID is missing, or a condition')
  const dryRun = args.has('dry-run')
  const status = oneOf(args, 'status', STATUSES)
  // One name for all its requests, so that it can be sent again whole.
  const id = args.text('key') ?? uuidv7()
  const filter = {
    type: args.text('type'),
    subject: args.text('subject'),
    since: timeOf(args, 'since'),
    until: timeOf(args, 'until'),
    status,
    as,
    id,
    limit: limitOf(args, MOST_AT_ONCE),
    dry_run: dryRun
  }
  const answer = await askAll(async (cursor) => {
    const { replayed, skipped, next } = await client.replayEvents({ ...filter, cursor })
    return { done: replayed, skipped, next }
  }, args.has('all'))
  if (screen.json) {
    screen.printJson({ id, dry_run: dryRun, replayed: answer.done, skipped: answer.skipped, next: answer.next })
    return bulkCode(answer.done, answer.skipped)
  }
  return showBulk(answer, screen, {
    words: `${answer.done.length === 1 ? 'event' : 'events'} ${dryRun ? 'would be ' : ''}dispatched again`,
    columns: [{ title: 'EVENT' }, { title: 'AS' }, { title: 'STARTS', flexible: true }],
    row: ({ event, as: key, jobs }) => [plain(event), key, jobs.map(([processName]) => processName).join(' ')],
    skippedRow: ({ event, reason }) => [event, reason]
  })
}

function asOf ({ text }: Arguments): ReplayAs | undefined {
  const as = text('as')
  if (as !== undefined && as !== 'now' && as !== 'then') {
    throw new UsageError(`--as ${JSON.stringify(as)} is neither now nor then`)
  }
  return as
}
