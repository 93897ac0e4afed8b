import { Type, type Static } from 'typebox'
import {
  SearchAnswerSchema, SearchHitSchema, SearchMomentSchema, type SearchAnswer, type SearchHit
} from './index/schemas.ts'
import type { Search } from './index/search.ts'
import { readMoment } from './model/moment.ts'
import { errors } from '../../base/errors.ts'
import { isZone } from '../../base/zone.ts'
import { defineQuery, type Style } from '../../sdk/pipeline.ts'

const MAX_FIRST = 100
/** Each word is looked for in each meeting. */
const MAX_QUERY = 200

const SearchParamsSchema = Type.Object(
  {
    q: Type.String({
      minLength: 1,
      maxLength: MAX_QUERY,
      description: 'Words, or a phrase in quotes; words that say nothing, such as `the`, are not looked for'
    }),
    sort: Type.Optional(
      Type.Union(
        [Type.Literal('weighted'), Type.Literal('relevance'), Type.Literal('newest'), Type.Literal('oldest')],
        { default: 'weighted', description: '`weighted`: relevance, less for what is long ago' }
      )
    ),
    first: Type.Optional(
      Type.Integer({ minimum: 1, maximum: MAX_FIRST, default: 4, description: 'So many at most' })
    ),
    body: Type.Optional(Type.String({ maxLength: 500, description: 'Meetings of this body alone, by its name' })),
    person: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        description: 'Meetings in which this person speaks, votes or sponsors; a part of the name is enough'
      })
    ),
    within: Type.Optional(
      Type.String({
        pattern: '^[0-9a-f]{12}$',
        description: 'One meeting alone, by its id, with up to a hundred moments'
      })
    ),
    begin: Type.Optional(Type.String({ maxLength: 40, description: 'Not before; a date or a time, ISO 8601' })),
    end: Type.Optional(
      Type.String({
        maxLength: 40,
        description: 'Not after: a date is meant with its whole day, a time is not within'
      })
    ),
    timezone: Type.Optional(
      Type.String({
        maxLength: 60,
        default: 'UTC',
        description: 'In which dates and times without an offset are read'
      })
    )
  },
  { additionalProperties: false }
)

/** Search in the index of the transcripts: `GET /search`, `signalbox search`, `client.query('search', …)`. */
export const searchQuery = defineQuery<Static<typeof SearchParamsSchema>, SearchAnswer>({
  name: 'search',
  summary: 'Council meetings in which something was said, best first',
  tag: { name: 'council meetings', description: 'What was said in them' },
  params: SearchParamsSchema,
  answer: SearchAnswerSchema,
  schemas: [SearchMomentSchema, SearchHitSchema],
  create: ({ openStore }) => {
    // Loaded at the first question: the help and the other commands name this query, too.
    let search: Promise<Search> | undefined
    const open = async (): Promise<Search> => (await import('./index/search.ts')).createSearch({ openStore })
    return async ({ q, sort = 'weighted', first = 4, body, person, within, begin, end, timezone = 'UTC' }) => {
      if (!isZone(timezone)) throw errors.invalidQuery('timezone', 'is not a zone such as America/Los_Angeles')
      const [beginMs, endMs] = [readBegin(begin, timezone), readEnd(end, timezone)]
      const answer = await (
        await (search ??= open())
      ).ask({ query: q, sort, first, body, person, within, beginMs, endMs })
      return {
        ...answer,
        hits: answer.hits.map((hit) => ({
          ...hit,
          event_datetime: new Date(hit.event_datetime * 1000).toISOString()
        }))
      }
    }
  },
  command: {
    summary: 'Searches what was said in council meetings, best first',
    positionals: { q: 'QUERY' },
    options: {
      sort: {
        value: 'ORDER',
        help: 'weighted, relevance, newest, oldest; weighted by default: relevance, less for what is long ago'
      },
      first: { value: 'NUMBER', help: 'so many at most; 4 by default' },
      body: { value: 'NAME', help: 'meetings of this body alone' },
      person: { value: 'NAME', help: 'meetings in which this person speaks, votes or sponsors' },
      within: { value: 'MEETING', help: 'one meeting alone, by its id' },
      begin: { value: 'TIME', help: 'not before: a date or a time' },
      end: { value: 'TIME', help: 'not after; a date is meant with its whole day' },
      timezone: { value: 'ZONE', help: 'in which dates are read; UTC by default' }
    },
    examples: [
      'signalbox search "police budget"',
      'signalbox search housing --sort newest --begin 2026-01-01 --first 10'
    ],
    print: ({ index, meetings, hits }, style) => {
      if (index === null) return [style.dim('there is no index yet: it is built when a transcript was stored')]
      if (hits.length === 0) return [style.dim(`nothing in ${meetings} meetings`)]
      return hits.flatMap((hit, place) => place === 0 ? drawHit(hit, style) : ['', ...drawHit(hit, style)])
    }
  }
})

function drawHit (
  { event_id: eventId, event_datetime: at, body, relevance, context_span: span, moments }: SearchHit,
  { bold, dim, plain }: Style
): string[] {
  const said = moments.flatMap(({ start_time: start, speaker, text, link }) => [
    `  ${dim(clockOf(start))}  ${speaker === null ? '' : `${plain(speaker)}: `}${plain(text)}`,
    `           ${dim(plain(link))}`
  ])
  return [
    `${bold(plain(body))}  ${at.slice(0, 10)}  ${dim(`${eventId}  relevance ${relevance.toFixed(1)}`)}`,
    ...(said.length > 0 ? said : [`  ${plain(span)}`])
  ]
}

/** `1:02:03` of seconds. */
function clockOf (seconds: number): string {
  const whole = Math.floor(seconds)
  const two = (number: number): string => String(number).padStart(2, '0')
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`
}

function readBegin (text: string | undefined, zone: string): number | undefined {
  return text === undefined ? undefined : readMs('begin', text, zone)
}

/** The day after a date begins where its own ends, be it 23 or 25 hours long. */
function readEnd (text: string | undefined, zone: string): number | undefined {
  if (text === undefined) return undefined
  const [date] = /^\d{4}-\d{2}-\d{2}$/.exec(text) ?? []
  if (date === undefined || readMoment(date, zone) === undefined) return readMs('end', text, zone)
  const next = new Date(Date.parse(`${date}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)
  return readMs('end', next, zone)
}

function readMs (field: string, text: string, zone: string): number {
  const seconds = readMoment(text, zone)
  if (seconds === undefined) {
    throw errors.invalidQuery(field, 'is no ISO 8601 date or time such as 2021-08-16 or 2021-08-16T07:42:10-07:00')
  }
  return seconds * 1000
}
