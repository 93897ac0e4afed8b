import { errors } from '../../../base/errors.ts'
import type { ProcessContext } from '../../../sdk/process.ts'
import { instantOf, offsetAt } from '../../../base/zone.ts'
import type { Range } from '../meetings/range.ts'
import type { Found, Skipped } from '../model/found.ts'
import { addressOf, createLegistarClient, idOf, rows, textOf, type LegistarClient, type Row } from './client.ts'
import { readItem } from './minutes.ts'
import { createPeople, type People, type Reading } from './people.ts'
import type { LegistarSettings } from './settings.ts'
import { minutesOfDay } from './time.ts'
import { WORDS, withWords, type Words } from './words.ts'

type Context = Pick<ProcessContext, 'call' | 'signal' | 'log' | 'progress'> & { zone: string, pauseMs: number }
type Content = { video_uri: string, caption_uri?: string | null }
type FindContent = (event: Row) => Promise<Content[]>

/** As many as the API gives at most in one answer. */
const PAGE = 1000
const DAY_MS = 86_400_000

/**
 * The meetings of a city in a range, by their local date and time. Those that cannot be had are named with the reason.
 */
export async function gatherLegistar (
  settings: LegistarSettings,
  range: Range,
  { call, signal, log, progress, zone, pauseMs }: Context
): Promise<Found> {
  const client = createLegistarClient(settings, { signal, log, pauseMs })
  const unknownWords = new Set<string>()
  const found = {
    given: [] as unknown[],
    skipped: [] as Skipped[],
    noted: [] as Skipped[],
    partial: new Set<number>()
  }
  refuseBadPatterns(settings)
  try {
    const findContent = contentFinder(settings, { call, signal, log })
    const events = await listEvents(client, range, zone)
    for (const [i, event] of events.entries()) {
      signal.throwIfAborted()
      progress({ complete: i, total: events.length, message: 'meetings asked for' })
      const name = nameOf(event)
      const problems: string[] = []
      const reading: Reading = {
        client,
        settings,
        zone,
        words: wordsOf(settings),
        unknown: (kind, word) => {
          unknownWords.add(`${kind}: ${word.slice(0, 100)}`)
        },
        ask: async (what, answer, otherwise) =>
          await answer.catch((error: unknown) => {
            signal.throwIfAborted()
            problems.push(`${what}: ${(error as Error).message}`)
            return otherwise
          })
      }
      try {
        const { given, notes } = await readEvent(event, findContent, reading)
        if (problems.length > 0) found.partial.add(found.given.length)
        found.given.push(given)
        for (const reason of new Set([...notes, ...problems])) {
          found.noted.push({ event: name, reason: reason.slice(0, 500) })
        }
      } catch (error) {
        signal.throwIfAborted()
        if (error instanceof ContentRefused) throw error.cause
        found.skipped.push({ event: name, reason: (error as Error).message.slice(0, 500) })
      }
    }
    log(`${events.length} events in the answer of Legistar, ${client.requests()} requests`)
    return { ...found, unknownWords: [...unknownWords].sort() }
  } finally {
    await client.close()
  }
}

const nameOf = (event: Row): string =>
  [
    textOf(event, 'EventBodyName'),
    textOf(event, 'EventDate')?.slice(0, 10),
    `EventId ${textOf(event, 'EventId') ?? 'missing'}`
  ]
    .filter(Boolean)
    .join(', ')

function wordsOf ({ words: { votes, decisions, statuses, roles } = {} }: LegistarSettings): Words {
  return {
    votes: withWords(WORDS.votes, votes),
    decisions: withWords(WORDS.decisions, decisions),
    statuses: withWords(WORDS.statuses, statuses),
    roles: withWords(WORDS.roles, roles)
  }
}

function refuseBadPatterns ({ ignore_items: patterns = [] }: LegistarSettings): void {
  for (const pattern of patterns) {
    try {
      RegExp(pattern, 'iu')
    } catch (cause) {
      throw errors.final(`source.legistar.ignore_items: ${JSON.stringify(pattern)} is no regular expression`, { cause })
    }
  }
}

/** The API compares the date at local midnight, so whole days are asked for, and the range is cut by the hour here. */
async function listEvents (client: LegistarClient, range: Range, zone: string): Promise<Row[]> {
  const local = (instant: number): string => new Date(instant + offsetAt(zone, instant)).toISOString().slice(0, 19)
  const filter = `EventDate ge datetime'${local(range.begin).slice(0, 10)}T00:00:00' and EventDate lt datetime'${local(range.end)}'`
  const events: Row[] = []
  for (let page: Row[] = [], skip = 0; skip === 0 || page.length === PAGE; skip += PAGE) {
    const query: Record<string, string> = skip === 0 ? { $filter: filter } : { $filter: filter, $skip: String(skip) }
    const answer = await client.get('Events', query)
    if (!Array.isArray(answer)) throw errors.final('Legistar knows no such client, or its answer to Events is no list')
    page = rows(answer)
    events.push(...page)
  }
  return events.filter((event) => {
    const when = beginOf(event, zone)
    if (when === undefined) return true
    const until = when.isWholeDay ? when.at + DAY_MS : when.at + 1
    return until > range.begin && when.at < range.end
  })
}

type Begin = { at: number, isWholeDay: boolean }

/** EventDate and EventTime, which are those of the city's clocks. A time that nobody can read leaves the day. */
function beginOf (event: Row, zone: string): Begin | undefined {
  const date = /^\d{4}-\d\d-\d\d/.exec(textOf(event, 'EventDate') ?? '')?.[0]
  const day = Date.parse(`${date}T00:00:00Z`)
  if (Number.isNaN(day)) return undefined
  const minutes = minutesOfDay(textOf(event, 'EventTime') ?? '')
  return { at: instantOf(zone, day + (minutes ?? 0) * 60_000), isWholeDay: minutes === undefined }
}

async function readEvent (
  event: Row,
  findContent: FindContent,
  reading: Reading
): Promise<{ given: Row, notes: string[] }> {
  const id = idOf(event, 'EventId')
  if (id === undefined) throw new Error('it has no EventId')
  const when = beginOf(event, reading.zone)
  if (when === undefined) throw new Error(`EventDate ${textOf(event, 'EventDate')} is no date`)
  const content = await findContent(event)
  if (content.length === 0) {
    throw new Error(isCancelled(event) ? 'it was cancelled' : 'it has no video: EventVideoPath is empty')
  }
  const people = createPeople(reading)
  const body = await people.body(idOf(event, 'EventBodyId'), textOf(event, 'EventBodyName'))
  if (body === null) throw new Error('it has no body')
  const time = textOf(event, 'EventTime')
  const given = {
    body,
    sessions: content.map(({ video_uri: video, caption_uri: caption = null }, index) => ({
      session_datetime: when.at / 1000,
      session_index: index,
      video_uri: video,
      caption_uri: caption
    })),
    event_minutes_items: await readItems(id, reading, people),
    agenda_uri: addressOf(event, 'EventAgendaFile'),
    minutes_uri: addressOf(event, 'EventMinutesFile'),
    external_source_id: id
  }
  return {
    given,
    notes:
      when.isWholeDay && time !== null
        ? [`EventTime ${JSON.stringify(time)} is no time: the meeting is kept for its day`]
        : []
  }
}

async function readItems (id: number, reading: Reading, people: People): Promise<Row[]> {
  const items: Row[] = []
  const list = await reading.ask(
    'items of the minutes',
    reading.client.get(`Events/${id}/EventItems`, { AgendaNote: '1', MinutesNote: '1', Attachments: '1' }),
    null
  )
  for (const item of rows(list)) {
    const read = await readItem(item, reading, people)
    if (read !== undefined) items.push(read)
  }
  return items
}

const isCancelled = (event: Row): boolean =>
  ['EventAgendaStatusName', 'EventMinutesStatusName', 'EventComment', 'EventLocation'].some((field) =>
    /\bcancel+ed\b/i.test(textOf(event, field) ?? '')
  )

/** A function of the operator's that is not there, or that says of itself that asking it again is of no use. */
class ContentRefused extends Error { override name = 'ContentRefused' }

/** Where the videos of a meeting are: as Legistar says, else as the city's own function says. */
function contentFinder (
  { content_uris: settings }: LegistarSettings,
  { call, signal, log }: Pick<Context, 'call' | 'signal' | 'log'>
): FindContent {
  return async (event) => {
    const path = addressOf(event, 'EventVideoPath')
    if (path !== null) return [{ video_uri: path }]
    if (settings === undefined) return []
    const { module, export: name = ['get_content_uris', 'default'] } = settings
    try {
      return rows((await call({ module, export: name }, [event, { signal, log }])) ?? []) as Content[]
    } catch (error) {
      throw (error as { code?: unknown }).code === 'FINAL' ? new ContentRefused('', { cause: error }) : error
    }
  }
}
