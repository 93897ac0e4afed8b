import { errors } from '../../../base/errors.ts'
import type { ProcessContext } from '../../../sdk/process.ts'
import { instantOf, offsetAt } from '../../../base/zone.ts'
import type { Range } from '../meetings/range.ts'
import type { Found, Skipped } from '../model/found.ts'
import { createLegistarClient, idOf, rows, textOf, type LegistarClient, type Row } from './client.ts'
import { readItem } from './minutes.ts'
import { createPeople } from './people.ts'
import type { LegistarSettings } from './settings.ts'
import { WORDS, withWords } from './words.ts'

type Context = Pick<ProcessContext, 'call' | 'signal' | 'log' | 'progress'> & { zone: string, pauseMs: number }
type Content = { video_uri: string, caption_uri?: string | null }
type FindContent = (event: Row) => Promise<Content[]>

/** As many as the API gives at most in one answer. */
const PAGE = 1000

/** The meetings of a city in a range, by their local date and time. Those that cannot be had are named with the reason. */
export async function gatherLegistar (settings: LegistarSettings, range: Range, { call, signal, log, progress, zone, pauseMs }: Context): Promise<Found> {
  const client = createLegistarClient(settings, { signal, log, pauseMs })
  const unknownWords = new Set<string>()
  const skipped: Skipped[] = []
  const given: unknown[] = []
  const { votes, decisions, statuses } = settings.words ?? {}
  const words = { votes: withWords(WORDS.votes, votes), decisions: withWords(WORDS.decisions, decisions), statuses: withWords(WORDS.statuses, statuses) }
  const people = createPeople(client, settings, zone)
  const reading = { client, people, words, unknown: (kind: string, word: string) => { unknownWords.add(`${kind}: ${word.slice(0, 100)}`) } }
  try {
    const findContent = contentFinder(settings, { call, signal, log })
    const events = await listEvents(client, range, zone)
    for (const [i, event] of events.entries()) {
      signal.throwIfAborted()
      progress({ complete: i, total: events.length, message: 'meetings asked for' })
      const name = [textOf(event, 'EventBodyName'), textOf(event, 'EventDate')?.slice(0, 10), `EventId ${textOf(event, 'EventId') ?? 'missing'}`].filter(Boolean).join(', ')
      try {
        given.push(await readEvent(event, findContent, reading, zone))
      } catch (error) {
        signal.throwIfAborted()
        if (error instanceof ContentRefused) throw error.cause
        skipped.push({ event: name, reason: (error as Error).message.slice(0, 500) })
      }
    }
    log(`${events.length} events in the answer of Legistar, ${client.requests()} requests`)
    return { given, skipped, unknownWords: [...unknownWords].sort() }
  } finally {
    await client.close()
  }
}

/** The API compares the date at local midnight, so whole days are asked for, and the range is cut by the hour here. */
async function listEvents (client: LegistarClient, range: Range, zone: string): Promise<Row[]> {
  const local = (instant: number): string => new Date(instant + offsetAt(zone, instant)).toISOString().slice(0, 19)
  const filter = `EventDate ge datetime'${local(range.begin).slice(0, 10)}T00:00:00' and EventDate lt datetime'${local(range.end)}'`
  const events: Row[] = []
  for (let page: Row[] = [], skip = 0; skip === 0 || page.length === PAGE; skip += PAGE) {
    const answer = await client.get('Events', { $filter: filter, ...(skip === 0 ? {} : { $skip: String(skip) }) })
    if (!Array.isArray(answer)) throw errors.final('Legistar knows no such client, or its answer to Events is no list')
    page = rows(answer)
    events.push(...page)
  }
  return events.filter((event) => {
    const at = beginOf(event, zone)
    return at === undefined || (at >= range.begin && at < range.end)
  })
}

/** Milliseconds of EventDate and EventTime, which are those of the city's clocks. */
function beginOf (event: Row, zone: string): number | undefined {
  const date = /^\d{4}-\d\d-\d\d/.exec(textOf(event, 'EventDate') ?? '')?.[0]
  const time = textOf(event, 'EventTime')
  const [, hour = '12', minute = '00', half = 'AM'] = time === null ? ['', '12', '00', 'AM'] : /^(0?[1-9]|1[0-2]):([0-5]\d) ?([AP]M)$/i.exec(time) ?? ['', 'x']
  const local = Date.parse(`${date}T00:00:00Z`) + ((Number(hour) % 12 + (half.toUpperCase() === 'PM' ? 12 : 0)) * 60 + Number(minute)) * 60_000
  return Number.isNaN(local) ? undefined : instantOf(zone, local)
}

async function readEvent (event: Row, findContent: FindContent, reading: Parameters<typeof readItem>[1], zone: string): Promise<Row> {
  const id = idOf(event, 'EventId')
  if (id === undefined) throw new Error('it has no EventId')
  const at = beginOf(event, zone)
  if (at === undefined) throw new Error(`EventDate ${textOf(event, 'EventDate')} and EventTime ${textOf(event, 'EventTime')} are no time`)
  const content = await findContent(event)
  if (content.length === 0) throw new Error(isCancelled(event) ? 'it was cancelled' : 'it has no video: EventVideoPath is empty')
  const body = await reading.people.body(idOf(event, 'EventBodyId'), textOf(event, 'EventBodyName'))
  if (body === null) throw new Error('it has no body')
  const items: Row[] = []
  for (const item of rows(await reading.client.get(`Events/${id}/EventItems`, { AgendaNote: '1', MinutesNote: '1', Attachments: '1' }))) {
    const read = await readItem(item, reading)
    if (read !== undefined) items.push(read)
  }
  return {
    body,
    sessions: content.map(({ video_uri: video, caption_uri: caption }, index) => ({ session_datetime: at / 1000, session_index: index, video_uri: video, caption_uri: caption ?? null })),
    event_minutes_items: items,
    agenda_uri: textOf(event, 'EventAgendaFile'),
    minutes_uri: textOf(event, 'EventMinutesFile'),
    external_source_id: id
  }
}

const isCancelled = (event: Row): boolean => ['EventAgendaStatusName', 'EventMinutesStatusName', 'EventComment', 'EventLocation'].some((field) => /\bcancel+ed\b/i.test(textOf(event, field) ?? ''))

/** A function of the operator's that is not there, or that says of itself that asking it again is of no use. */
class ContentRefused extends Error { override name = 'ContentRefused' }

/** Where the videos of a meeting are: as Legistar says, else as the city's own function says. */
function contentFinder ({ content_uris: settings }: LegistarSettings, { call, signal, log }: Pick<Context, 'call' | 'signal' | 'log'>): FindContent {
  return async (event) => {
    const path = textOf(event, 'EventVideoPath')
    if (path !== null) return [{ video_uri: path }]
    if (settings === undefined) return []
    const { module, export: name = ['get_content_uris', 'default'] } = settings
    try {
      return rows(await call({ module, export: name }, [event, { signal, log }]) ?? []) as Content[]
    } catch (error) {
      throw (error as { code?: unknown }).code === 'FINAL' ? new ContentRefused('', { cause: error }) : error
    }
  }
}
