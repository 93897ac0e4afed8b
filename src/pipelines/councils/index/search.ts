import type { OpenStore, Store } from '../../../sdk/store/open.ts'
import { contextSpan } from './context-span.ts'
import { readManifest } from './manifest.ts'
import { momentsOf, type Moment } from './moments.ts'
import { readQuestion, type Asked } from './question.ts'
import { glance, rankMeeting, weightsOf, type Corpus, type Ranked } from './rank.ts'
import { listSpoken, readSpoken, readState } from './spoken-files.ts'
import type { Spoken } from './spoken.ts'
import { fold, wordsOf } from './terms.ts'

/** How often is looked whether a meeting has come or changed. */
const LOOK_MS = 2000
/** What is new counts more, by a fifth at most; half of that for each year. */
const [NEW, HALF_DAYS, DAY_MS] = [0.2, 365, 86_400_000]
const MOMENTS = 3
/** So many meetings are looked at line by line. */
const CANDIDATES = 40
const MOMENTS_WITHIN = 100

export type Sort = 'weighted' | 'relevance' | 'newest' | 'oldest'

export type Question = {
  query: string
  sort: Sort
  first: number
  body?: string | undefined
  /** Milliseconds since 1970; meetings before `beginMs` and from `endMs` on are left out. */
  beginMs?: number | undefined
  endMs?: number | undefined
  /** Meetings in which this person speaks, votes or sponsors; the moments are those of the person where one speaks. */
  person?: string | undefined
  /** One meeting alone, by its id, with all its moments. */
  within?: string | undefined
}

export type Hit = {
  event_id: string
  event_datetime: number
  body: string
  relevance: number
  weighted: number
  /** The words of the query that were found, as the meeting has them. */
  contained: string[]
  context_span: string
  keywords: string[]
  /** Where it was said, best first. */
  moments: Moment[]
}

export type Answer = { index: string | null, meetings: number, hits: Hit[] }

export interface Search {
  /** Ranks the meetings. Where nothing of the query is left, there are no hits. */
  ask: (question: Question, nowMs?: number) => Promise<Answer>
}

type Open = {
  generation: string
  built: string
  corpus: Corpus
  files: Map<string, Spoken>
  keywords: ReadonlyMap<string, string[]>
}
type State = {
  openStore: () => Promise<OpenStore>
  open: Open | undefined
  looking: Promise<Open | undefined> | undefined
  lookedAt: number
}

/**
 * Keeps the words of all meetings in memory. They are read when the first question comes, then those that have changed.
 */
export function createSearch ({ openStore }: { openStore: () => Promise<OpenStore> }): Search {
  const state: State = { openStore, open: undefined, looking: undefined, lookedAt: -Infinity }
  return { ask: ask.bind(null, state) }
}

async function ask (state: State, question: Question, nowMs = Date.now()): Promise<Answer> {
  const now = await current(state)
  if (now === undefined) return { index: null, meetings: 0, hits: [] }
  return { index: now.built, meetings: now.corpus.meetings.length, hits: rank(now, question, nowMs) }
}

async function current (state: State): Promise<Open | undefined> {
  if (performance.now() - state.lookedAt < LOOK_MS) return state.open
  state.looking ??= look(state).finally(() => { state.looking = undefined })
  return await state.looking
}

async function look (state: State): Promise<Open | undefined> {
  const store = await state.openStore()
  try {
    const now = await readState(store)
    if (now === undefined) state.open = undefined
    else if (now.generation !== state.open?.generation) state.open = { ...now, ...await readFiles(store, state.open) }
    state.lookedAt = performance.now()
    return state.open
  } finally {
    store.close()
  }
}

/** What has not changed is kept. */
async function readFiles (store: Store, before: Open | undefined): Promise<Omit<Open, 'generation' | 'built'>> {
  const files = new Map<string, Spoken>()
  for (const { name } of (await listSpoken(store)).values()) {
    files.set(name, before?.files.get(name) ?? (await readSpoken(store, name)))
  }
  const keywords = new Map((await readManifest(store))?.meetings.map((one) => [one.event_id, one.keywords]))
  return { files, corpus: corpusOf([...files.values()], before), keywords }
}

/** The counts of the terms follow the meetings that have come and gone. */
function corpusOf (meetings: Spoken[], before: Open | undefined): Corpus {
  const df = new Map(before?.corpus.df)
  const [now, then] = [new Set(meetings), new Set(before?.corpus.meetings)]
  const count = (spoken: Spoken, by: number): void => {
    for (const key of spoken.keys) df.set(key, (df.get(key) ?? 0) + by)
  }
  for (const spoken of meetings) if (!then.has(spoken)) count(spoken, 1)
  for (const spoken of then) if (!now.has(spoken)) count(spoken, -1)
  const words = meetings.reduce((sum, spoken) => sum + spoken.words, 0)
  return { meetings, df, meanWords: Math.max(1, words / Math.max(1, meetings.length)) }
}

function rank ({ corpus, keywords }: Open, question: Question, nowMs: number): Hit[] {
  const asked = readQuestion(question.query)
  if (asked.units.length === 0 && asked.phrases.length === 0) return []
  const weights = weightsOf(asked, corpus)
  const { sort } = question
  const found = candidatesOf(asked, weights, question, corpus, nowMs).flatMap((spoken) => {
    const ranked = rankMeeting(asked, weights, spoken, corpus)
    return ranked === undefined
      ? []
      : [{ ranked, at: spoken.meeting.event_datetime, weighted: ranked.score * newness(spoken, nowMs) }]
  })
  found.sort((a, b) => {
    if (sort === 'newest' || sort === 'oldest') return (sort === 'newest' ? -1 : 1) * (a.at - b.at)
    return sort === 'relevance' ? b.ranked.score - a.ranked.score : b.weighted - a.weighted
  })
  return found
    .slice(0, question.first)
    .map(({ ranked, weighted }) => toHit(ranked, weighted, asked, question, keywords))
}

/**
 * Those that are looked at line by line: the best at a glance, or the first by date. All of them
 * where a phrase decides.
 */
function candidatesOf (asked: Asked, weights: number[], question: Question, corpus: Corpus, nowMs: number): Spoken[] {
  const { sort, first } = question
  const found = corpus.meetings.flatMap((spoken) => {
    const score = isWanted(spoken, question) ? glance(asked, weights, spoken, corpus) : 0
    return score > 0
      ? [
          {
            spoken,
            score: score * (sort === 'relevance' ? 1 : newness(spoken, nowMs)),
            at: spoken.meeting.event_datetime
          }
        ]
      : []
  })
  if (asked.phrases.length > 0) return found.map(({ spoken }) => spoken)
  const isByDate = sort === 'newest' || sort === 'oldest'
  found.sort((a, b) => isByDate ? (sort === 'newest' ? -1 : 1) * (a.at - b.at) : b.score - a.score)
  return found.slice(0, isByDate ? 3 * first : Math.max(CANDIDATES, 2 * first)).map(({ spoken }) => spoken)
}

function newness ({ meeting: { event_datetime: at } }: Spoken, nowMs: number): number {
  const days = Math.max(0, (nowMs - at * 1000) / DAY_MS)
  return 1 - NEW + NEW * 2 ** (-days / HALF_DAYS)
}

function isWanted (spoken: Spoken, { body, beginMs = -Infinity, endMs = Infinity, person, within }: Question): boolean {
  const { meeting } = spoken
  const at = meeting.event_datetime * 1000
  if ((within !== undefined && within !== meeting.event_id) || at < beginMs || at >= endMs) return false
  if (body !== undefined && fold(body) !== fold(meeting.body)) return false
  return person === undefined || peopleOf(spoken).some((name) => isSamePerson(person, name))
}

function * namesOf (spoken: Spoken): Generator<string> {
  for (const { field, text } of spoken.meeting.fields) if (field === 'person') yield text
  for (let line = 0; line < spoken.lines; line++) {
    const { speaker } = spoken.line(line)
    if (speaker !== null) yield speaker
  }
}

const peopleOf = (spoken: Spoken): string[] => [...new Set(namesOf(spoken))]

/** All words that are asked for are in the name. */
function isSamePerson (asked: string, name: string): boolean {
  const parts = new Set(fold(name).split(/[^\p{L}\p{N}]+/u))
  return fold(asked).split(/[^\p{L}\p{N}]+/u).every((word) => word === '' || parts.has(word))
}

function toHit (
  { spoken, score, lines }: Ranked,
  weighted: number,
  { units }: Asked,
  { person, within }: Question,
  keywords: ReadonlyMap<string, string[]>
): Hit {
  const own =
    person === undefined
      ? []
      : lines.filter(({ line }) => line < spoken.lines && isSamePerson(person, spoken.line(line).speaker ?? ''))
  const best = own.length > 0 ? own : lines
  const words = best.slice(0, MOMENTS).flatMap(({ line }) => wordsOf(spoken.text(line)).words)
  const contained = units.flatMap((unit) => words.find(({ term }) => unit.terms.includes(term))?.written ?? [])
  const text = spoken.text(best[0]?.line ?? 0)
  const { event_id: eventId, event_datetime: at, body } = spoken.meeting
  return {
    event_id: eventId,
    event_datetime: at,
    body,
    relevance: score,
    weighted,
    contained: [...new Set(contained)],
    context_span: contextSpan(text, contained[0] ?? ''),
    keywords: keywords.get(eventId) ?? [],
    moments: momentsOf(
      spoken,
      best.map(({ line }) => line),
      within === undefined ? MOMENTS : MOMENTS_WITHIN
    )
  }
}
