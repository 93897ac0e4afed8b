import type { EventSummary } from '../schemas/events.ts'
import { age } from './ago.ts'
import { limitOf, timeOf, waitMsOf } from './arguments.ts'
import { allOption, limitOption, sinceOption, waitOption, type Command } from './command.ts'
import { EXIT } from './exit-code.ts'
import { followEvent, showTree } from './follow-event.ts'
import { showPages } from './pages.ts'
import { plain, type Screen } from './screen.ts'
import { statusMark, statusWord } from './status-mark.ts'
import { drawTable } from './table.ts'

export const events: Command = {
  positionals: [],
  summary: 'Lists the events of the past, newest first',
  details: ['`signalbox export` has their jobs too, as JSON lines.'],
  options: {
    type: { type: 'string', value: 'TYPE', help: 'of this event type' },
    subject: { type: 'string', value: 'NAME', help: 'about this' },
    since: sinceOption('accepted then or later'),
    oldest: { type: 'boolean', help: 'the oldest first' },
    limit: limitOption,
    all: allOption
  },
  examples: ['signalbox events --type new_assembly --since 2d'],
  run: async ({ args, client, screen }) => {
    const filter = { type: args.text('type'), subject: args.text('subject'), since: timeOf(args, 'since'), order: args.has('oldest') ? 'asc' as const : undefined, limit: limitOf(args) }
    await showPages((cursor) => client.listEvents({ ...filter, cursor }), args.has('all'), screen, { draw: drawEvents, none: 'no events' })
    return EXIT.ok
  }
}

function drawEvents (items: EventSummary[], screen: Screen): string {
  const { colors } = screen
  const columns = [{ title: 'STATUS' }, { title: 'TYPE', flexible: true }, { title: 'SUBJECT', flexible: true }, { title: 'AGE', right: true, optional: true }, { title: 'JOBS', right: true, optional: true }, { title: 'ID' }]
  return drawTable(columns, items.map((event) => [
    `${statusMark(event.status, colors)} ${statusWord(event.status, colors)}`,
    plain(event.type),
    plain(event.subject ?? ''),
    age(event.received),
    String(event.jobs.length),
    event.id
  ]), screen)
}

export const sourceOption = { type: 'string', value: 'URI', help: "the sender's, where ID is the sender's own" } as const

export const event: Command = {
  positionals: ['ID'],
  summary: 'Draws an event with its jobs and all that followed',
  options: { source: sourceOption, wait: waitOption },
  examples: ['signalbox event e3f0…', 'signalbox event release-114 --source /staging'],
  run: async (context) => {
    const { args, client } = context
    const waitMs = waitMsOf(args)
    const [id = ''] = args.positionals
    const tree = await client.getEvent(id, { source: args.text('source') })
    if (waitMs !== undefined) return await followEvent(tree.id, waitMs, context)
    showTree(tree, context)
    return EXIT.ok
  }
}
