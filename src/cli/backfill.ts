import type { BackfillView } from '../schemas/backfills.ts'
import type { NewBackfill } from '../client/answers.ts'
import { limitOf, waitMsOf } from './arguments.ts'
import { followBackfill, showBackfill, showPlan, showWindows } from './backfill-lines.ts'
import { UsageError } from '../base/errors.ts'
import { waitOption, type Command, type CommandContext } from './command.ts'
import { readEventInput } from './event-input.ts'
import { EXIT } from './exit-code.ts'

const ACTIONS: readonly string[] = ['show', 'windows', 'retry', 'cancel', 'pause', 'resume', 'concurrency']

export const backfill: Command = {
  details: [
    'The range begins with --begin and ends before --end; dates and times are UTC where they have no offset.',
    'retry runs the windows that failed again; cancel submits no more of them, pause none until resume.',
    'concurrency ID NUMBER changes how many run at once; windows lists them with their events.'
  ],
  options: {
    type: { type: 'string', value: 'TYPE', help: 'the event type' },
    begin: { type: 'string', value: 'TIME', help: 'where the range begins: 2026-01-31, or 2026-01-31T06:00:00Z' },
    end: { type: 'string', value: 'TIME', help: 'where it ends, itself not within' },
    every: { type: 'string', value: 'LENGTH', help: 'length of a window: 1d, 6h, 1w' },
    limit: { type: 'string', value: 'NUMBER', help: 'windows that run at once (4)' },
    subject: { type: 'string', value: 'NAME', help: 'what the events are about' },
    source: { type: 'string', value: 'URI', help: 'source of the events' },
    id: { type: 'string', value: 'ID', help: 'of your choosing: the same again starts nothing' },
    data: { type: 'string', value: 'JSON|@FILE|-', help: 'data of the events, which also get begin and end' },
    set: {
      type: 'string',
      multiple: true,
      value: 'KEY=TEXT',
      help: 'a field of the data, over --data; KEY:=JSON for what is no text'
    },
    'dry-run': { type: 'boolean', help: 'tell how many events it would submit; submit none' },
    wait: waitOption
  },
  examples: [
    'signalbox backfill --type gather --begin 2026-01-01 --end 2027-01-01 --every 1d --limit 4 --wait',
    'signalbox backfill retry my-year --wait'
  ],
  run: async (context) => {
    const { args, client } = context
    const [action, id, number] = args.positionals
    const waitMs = waitMsOf(args)
    if (action === undefined && args.has('dry-run')) {
      return showPlan(await client.planBackfill(await readInput(context)), context)
    }
    if (action === undefined) return await show(await client.startBackfill(await readInput(context)), waitMs, context)
    if (!ACTIONS.includes(action)) throw new UsageError(`${JSON.stringify(action)} is not one of ${ACTIONS.join(', ')}`)
    if (id === undefined) throw new UsageError('ID is missing: which backfill')
    if (action === 'windows') return await showWindows(id, context)
    return await show(await act(action, id, { client, number }), waitMs, context)
  }
}

type Steering = Pick<CommandContext, 'client'> & { number: string | undefined }

async function act (action: string, id: string, { client, number = '' }: Steering): Promise<BackfillView> {
  if (action === 'pause') return await client.pauseBackfill(id)
  if (action === 'resume') return await client.resumeBackfill(id)
  if (action === 'concurrency') {
    if (!/^[1-9]\d{0,3}$/.test(number)) throw new UsageError('NUMBER is missing: how many windows run at once')
    return await client.setBackfillConcurrency(id, Number(number))
  }
  if (action === 'retry') return await client.retryBackfill(id)
  if (action === 'cancel') return await client.cancelBackfill(id)
  return await client.getBackfill(id)
}

async function show (state: BackfillView, waitMs: number | undefined, context: CommandContext): Promise<number> {
  if (waitMs !== undefined) return await followBackfill(state.id, waitMs, context)
  showBackfill(state, context)
  return EXIT.ok
}

async function readInput ({ args, stdin }: Pick<CommandContext, 'args' | 'stdin'>): Promise<NewBackfill> {
  const required = (name: string): string => {
    const value = args.text(name)
    if (value === undefined || value === '') throw new UsageError(`--${name} is missing`)
    return value
  }
  const range = { begin: required('begin'), end: required('end'), every: required('every') }
  const { type, subject, source, data, id } = await readEventInput({ ...args, positionals: [required('type')] }, stdin)
  return {
    type,
    ...range,
    subject,
    source,
    data: data as Record<string, unknown> | undefined,
    id,
    concurrency: limitOf(args, 1000)
  }
}
