import { checkGather, isSpecial, zoneOf } from './meetings/check.ts'
import { compare, keep, readResult, writeResult, type GatheredEvent, type GatherResult } from './meetings/gathered.ts'
import { readRange } from './meetings/range.ts'
import { mergeMeetings } from './meetings/merge.ts'
import { describe, readFound, type Meeting } from './meetings/read-found.ts'
import { askSource, nameOfSource } from './meetings/source.ts'
import { foundNothingElse, type Found, type Skipped } from './model/found.ts'
import { writeInstant } from '../../base/datetime.ts'
import { errors } from '../../base/errors.ts'
import type { FollowOn } from '../../base/event.ts'
import type { ProcessContext, ProcessFunction } from '../../sdk/process.ts'

/**
 * What is handed over must fit the result of a job (SIGNALBOX_MAX_OUTPUT); a range that holds more
 * is asked for in pieces.
 */
const MAX_BYTES = 512 * 1024

/** The first pause before something is tried again. */
const RETRY_MS = 1000

/**
 * Asks the source of a city for the meetings of a range, or takes the one that a special event brings along, and starts
 * what is new: `event_gathered` for each meeting, `session_gathered` for each session.
 *
 * Run again, it answers what it answered the first time: the result is kept in the store before the meetings are.
 */
export const createGather = ({ pauseMs = RETRY_MS } = {}): ProcessFunction => async (context) => {
  const { store, jobId, signal, log, step } = context
  const result = await readResult(store, jobId) ?? await run(context, pauseMs)
  await writeResult(store, jobId, result, signal)
  await step('keep the meetings', async ({ count }) => {
    await keep(store, result.kept, signal)
    count('meetings', result.kept.length)
  })
  showLeftOut(context, result)
  log(`${result.events.length} follow-on events`)
  return { output: result.output, events: result.events }
}

export const gather = createGather()

/** A run that goes on where one before it has died shows the same. */
function showLeftOut ({ artefact }: Pick<ProcessContext, 'artefact'>, { output }: GatherResult): void {
  const { skipped, noted } = output as { skipped?: Skipped[], noted?: Skipped[] }
  for (const [name, list = []] of [['skipped meetings', skipped], ['noted', noted]] as const) {
    if (list.length > 0) artefact({ name, table: list })
  }
}

async function run (context: ProcessContext, pauseMs: number): Promise<GatherResult> {
  const { store, signal, params, step } = context
  const zone = zoneOf(params)
  const { range, found, source } = await step('ask the source', async ({ count }) => {
    const asked = await find(context, { zone, pauseMs })
    count('meetings', asked.found.given.length)
    count('skipped', asked.found.skipped.length)
    return asked
  })
  const force = params['force'] === true
  const skipped = [...found.skipped]
  const kept = new Map<string, GatheredEvent>()
  const events: FollowOn[] = []
  const counts = { found: found.given.length + found.skipped.length, unchanged: 0, sessions: 0 }
  const read = await step('read the meetings', async ({ progress }) =>
    await readAll(found, { ...context, progress }, zone, skipped))
  await step('compare with what is known', async ({ count }) => {
    for (const meeting of mergeMeetings(read, skipped)) {
      signal.throwIfAborted()
      const compared = await compare(meeting, { store, source, force }, kept)
      kept.set(compared.kept.event_id, compared.kept)
      events.push(...compared.events)
      counts.sessions += compared.sessions
      if (compared.events.length === 0) counts.unchanged++
    }
    count('unchanged', counts.unchanged)
    count('sessions started', counts.sessions)
  })
  if (range === undefined && kept.size === 0) {
    throw errors.final(
      skipped
        .map(({ session, reason }) => `data/sessions${session === undefined ? '' : `/${session}`}: ${reason}`)
        .join('; ')
    )
  }
  const output = {
    begin: range === undefined ? null : writeInstant(range.begin),
    end: range === undefined ? null : writeInstant(range.end),
    meetings: counts.found,
    unchanged: counts.unchanged,
    sessions_started: counts.sessions,
    skipped,
    noted: found.noted,
    unknown_words: found.unknownWords
  }
  const bytes = Buffer.byteLength(JSON.stringify([output, events]))
  if (bytes > MAX_BYTES) {
    throw errors.final(
      `${counts.found} meetings are more than one job can hand over (${bytes} bytes, ${MAX_BYTES} are the most): ask for the range in pieces, with a backfill`
    )
  }
  return { output, events, kept: [...kept.values()] }
}

/** The meetings of the list that can be gone on with. */
async function readAll (
  { given: list, partial }: Found,
  { inputs, signal, progress }: ProcessContext,
  zone: string,
  skipped: Skipped[]
): Promise<Array<{ meeting: Meeting, place: number }>> {
  const meetings: Array<{ meeting: Meeting, place: number }> = []
  for (const [place, given] of list.entries()) {
    signal.throwIfAborted()
    progress({ complete: place, total: list.length, message: 'meetings' })
    const meeting = await readFound(given, place, { zone, inputs, signal, skipped })
    if (meeting !== undefined) {
      meetings.push({ meeting: { ...meeting, isPartial: meeting.isPartial || partial.has(place) }, place })
    }
  }
  return meetings
}

type Asked = { range?: { begin: number, end: number }, found: Found, source: string }

async function find (context: ProcessContext, options: { zone: string, pauseMs: number }): Promise<Asked> {
  const { params, event } = context
  const problems = checkGather({ ...event, data: params })
  if (problems.length > 0) throw errors.final(describe(problems))
  if (isSpecial(params)) return { found: foundNothingElse([params]), source: 'special' }
  const { range } = readRange(params, Date.now())
  if (range === undefined) throw errors.final('begin must be before end')
  return {
    range,
    found: await askSource(params['source'], range, context, options),
    source: nameOfSource(params['source'])
  }
}
