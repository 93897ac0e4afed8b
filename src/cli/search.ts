import type { SearchHit } from '../pipelines/councils/index/schemas.ts'
import { UsageError, type Command } from './command.ts'
import { EXIT } from './exit-code.ts'
import type { SearchOptions } from '../client/requests.ts'
import { plain, type Screen } from './screen.ts'

const SORTS = ['weighted', 'relevance', 'newest', 'oldest'] as const

export const search: Command = {
  positionals: ['QUERY'],
  summary: 'Searches what was said in council meetings, best first',
  options: {
    sort: { type: 'string', value: 'ORDER', help: `${SORTS.join(', ')}; weighted by default: relevance, less for what is long ago` },
    first: { type: 'string', value: 'NUMBER', help: 'so many at most; 4 by default' },
    body: { type: 'string', value: 'NAME', help: 'meetings of this body alone' },
    begin: { type: 'string', value: 'TIME', help: 'not before: a date or a time' },
    end: { type: 'string', value: 'TIME', help: 'not after; a date is meant with its whole day' },
    timezone: { type: 'string', value: 'ZONE', help: 'in which dates are read; UTC by default' }
  },
  examples: ['signalbox search "police budget"', 'signalbox search housing --sort newest --begin 2026-01-01 --first 10'],
  run: async ({ args, client, screen }) => {
    const first = args.text('first')
    if (first !== undefined && !/^\d+$/.test(first)) throw new UsageError('--first must be a number')
    const sort = SORTS.find((one) => one === args.text('sort'))
    if (args.has('sort') && sort === undefined) throw new UsageError(`--sort must be one of ${SORTS.join(', ')}`)
    const options: SearchOptions = { sort, first: first === undefined ? undefined : Number(first), body: args.text('body'), begin: args.text('begin'), end: args.text('end'), timezone: args.text('timezone') }
    const answer = await client.search(args.positionals[0] ?? '', options)
    if (screen.json) screen.printJson(answer)
    else if (answer.index === null) screen.print(screen.colors.dim('there is no index yet: it is built when a transcript was stored'))
    else screen.print(answer.hits.length === 0 ? screen.colors.dim(`nothing in ${answer.meetings} meetings`) : answer.hits.map((hit) => drawHit(hit, screen)).join('\n\n'))
    return EXIT.ok
  }
}

function drawHit ({ event_id: eventId, event_datetime: at, body, relevance, weighted, contained, context_span: span, keywords }: SearchHit, { colors }: Screen): string {
  return [
    `${colors.bold(plain(body))}  ${at.slice(0, 10)}  ${colors.dim(eventId)}`,
    `  ${plain(span)}`,
    `  ${colors.dim(`found     ${plain(contained.join(', '))} (relevance ${relevance.toFixed(2)}, weighted ${weighted.toFixed(2)})`)}`,
    `  ${colors.dim(`keywords  ${plain(keywords.join(', '))}`)}`
  ].join('\n')
}
