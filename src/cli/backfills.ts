import type { BackfillView } from '../schemas/backfills.ts'
import { age } from './ago.ts'
import type { NewBackfill } from '../client/answers.ts'
import { limitOf, waitMsOf } from './arguments.ts'
import { followBackfill, showBackfill } from './backfill-lines.ts'
import { UsageError } from '../base/errors.ts'
import { allOption, limitOption, waitOption, type Arguments, type Command, type CommandContext } from './command.ts'
import { readEventInput } from './event-input.ts'
import { EXIT } from './exit-code.ts'
import { showPages } from './pages.ts'
import { plain, type Screen } from './screen.ts'
import { statusMark, statusWord } from './status-mark.ts'
import { drawTable } from './table.ts'

const ACTIONS: readonly string[] = ['show', 'retry', 'cancel']

export const backfill: Command = {
  positionals: ['[show|retry|cancel]', '[ID]'],
  summary: 'Submits an event for each window of a range of time; shows, retries or cancels a backfill',
  details: [
    'The range begins with --begin and ends before --end; dates and times are UTC where they have no offset.',
    'retry runs the windows that failed again; cancel submits no more of them.'
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
    set: { type: 'string', multiple: true, value: 'KEY=TEXT', help: 'a field of the data, over --data; KEY:=JSON for what is no text' },
    wait: waitOption
  },
  examples: ['signalbox backfill --type gather --begin 2026-01-01 --end 2027-01-01 --every 1d --limit 4 --wait', 'signalbox backfill retry my-year --wait'],
  run: async (context) => {
    const { args, client } = context
    const [action, id] = args.positionals
    const waitMs = waitMsOf(args)
    if (action === undefined) return await show(await client.startBackfill(await readInput(context)), waitMs, context)
    if (!ACTIONS.includes(action)) throw new UsageError(`${JSON.stringify(action)} is not one of ${ACTIONS.join(', ')}`)
    if (id === undefined) throw new UsageError('ID is missing: which backfill')
    const state = action === 'retry' ? await client.retryBackfill(id) : action === 'cancel' ? await client.cancelBackfill(id) : await client.getBackfill(id)
    return await show(state, waitMs, context)
  }
}

export const backfills: Command = {
  positionals: [],
  summary: 'Lists the backfills, newest first',
  options: { limit: limitOption, all: allOption },
  examples: ['signalbox backfills'],
  run: async ({ args, client, screen }) => {
    const limit = limitOf(args)
    await showPages((cursor) => client.listBackfills({ limit, cursor }), args.has('all'), screen, { draw: drawBackfills, none: 'no backfills' })
    return EXIT.ok
  }
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
  const optional = { subject, source, data: data as Record<string, unknown> | undefined, id, concurrency: concurrencyOf(args) }
  return { type, ...range, ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)) }
}

function concurrencyOf ({ text }: Arguments): number | undefined {
  const limit = text('limit')
  if (limit === undefined) return undefined
  if (!/^\d{1,4}$/.test(limit) || Number(limit) < 1 || Number(limit) > 1000) throw new UsageError(`--limit ${JSON.stringify(limit)} is not a number from 1 to 1000`)
  return Number(limit)
}

function drawBackfills (items: BackfillView[], screen: Screen): string {
  const { colors } = screen
  const columns = [{ title: 'STATUS' }, { title: 'TYPE', flexible: true }, { title: 'BEGIN' }, { title: 'END' }, { title: 'EVERY', optional: true }, { title: 'DONE', right: true }, { title: 'FAILED', right: true }, { title: 'AGE', right: true, optional: true }, { title: 'ID' }]
  return drawTable(columns, items.map(({ windows, ...one }) => [
    `${statusMark(one.status, colors)} ${statusWord(one.status, colors)}`,
    plain(one.type),
    one.begin,
    one.end,
    one.every,
    `${windows.complete}/${windows.total}`,
    windows.failed > 0 ? colors.red(String(windows.failed)) : '0',
    age(one.created),
    one.id
  ]), screen)
}
