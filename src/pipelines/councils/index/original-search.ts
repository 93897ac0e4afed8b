import type { OpenStore, Store } from '../../../sdk/store/open.ts'
import { readSegment } from './build.ts'
import { clean, splitWords } from './clean.ts'
import { halvesOf } from './key.ts'
import { readManifest, type Manifest, type ManifestMeeting } from './manifest.ts'
import { LENGTHS, type Length, type Segment } from './segment.ts'
import { stemmedGrams } from './stem.ts'
import { tfidfOf, weightedOf } from './weight.ts'

/** How often is looked whether there is a newer index. */
const LOOK_MS = 2000

export type Sort = 'weighted' | 'relevance' | 'newest' | 'oldest'

export type Question = {
  query: string
  sort: Sort
  first: number
  body?: string | undefined
  /** Milliseconds since 1970; meetings before `beginMs` and from `endMs` on are left out. */
  beginMs?: number | undefined
  endMs?: number | undefined
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
}

export type Answer = { index: string | null, meetings: number, hits: Hit[] }

export interface Search {
  /**
   * Ranks the meetings of the index that is in force. Without an index, or where nothing of the query is left, there
   * are no hits.
   */
  ask: (question: Question, nowMs?: number) => Promise<Answer>
}

type Open = { manifest: Manifest, meetings: Array<{ meeting: ManifestMeeting, segment: Segment }> }
type Match = { length: Length, place: number, tfidf: number, weighted: number }

/**
 * The ranking of the Council Data Project, to compare with: by the rows of the export.
 *
 * Keeps the index in memory: 16 bytes for each gram of each meeting, and the text. It is read when the first question
 * comes.
 */
export function createOriginalSearch ({ openStore }: { openStore: () => Promise<OpenStore> }): Search {
  let open: Open | undefined
  let looking: Promise<Open | undefined> | undefined
  let lookedAt = -Infinity

  async function current (): Promise<Open | undefined> {
    if (performance.now() - lookedAt < LOOK_MS) return open
    looking ??= look().finally(() => { looking = undefined })
    return await looking
  }

  async function look (): Promise<Open | undefined> {
    const store = await openStore()
    try {
      const manifest = await readManifest(store)
      if (manifest === undefined) open = undefined
      else if (manifest.generation !== open?.manifest.generation) open = await read(store, manifest)
      lookedAt = performance.now()
      return open
    } finally {
      store.close()
    }
  }

  /** What has not changed is kept. */
  async function read (store: Store, manifest: Manifest): Promise<Open> {
    const kept = new Map(open?.meetings.map(({ meeting, segment }) => [meeting.segment, segment]))
    const meetings: Open['meetings'] = []
    for (const meeting of manifest.meetings) {
      const segment = kept.get(meeting.segment) ?? await readSegment(store, meeting.segment)
      meetings.push({ meeting, segment })
    }
    return { manifest, meetings }
  }

  return {
    ask: async (question, nowMs = Date.now()) => {
      const now = await current()
      if (now === undefined) return { index: null, meetings: 0, hits: [] }
      return { index: now.manifest.built, meetings: now.meetings.length, hits: rank(now, question, nowMs) }
    }
  }
}

/** The meetings in which a gram of the query occurs that not all of them have, best first. */
function rank ({ manifest, meetings }: Open, question: Question, nowMs: number): Hit[] {
  const { query, sort, first, body, beginMs = -Infinity, endMs = Infinity } = question
  const grams = gramsOf(query)
  // How many have it is counted over all, whatever is asked for.
  const found = grams.map(({ length, high, low }) =>
    meetings.map(({ segment }) => segment.grams(length).find(high, low)))
  const df = found.map((rows) => rows.filter((row) => row !== -1).length)
  const ranked = meetings.flatMap(({ meeting, segment }, m) => {
    const eventMs = meeting.event_datetime * 1000
    if ((body !== undefined && body !== meeting.body) || eventMs < beginMs || eventMs >= endMs) return []
    const matches: Match[] = []
    for (const [g, { length }] of grams.entries()) {
      const row = found[g]?.[m] ?? -1
      if (row === -1) continue
      const tfidf = tfidfOf(segment.grams(length).tf(row), meetings.length, df[g] ?? 1)
      if (!(tfidf > 0)) continue
      const weighted = weightedOf(tfidf, eventMs, nowMs, manifest.decay_days)
      matches.push({ length, place: segment.grams(length).first(row), tfidf, weighted })
    }
    if (matches.length === 0) return []
    // The order of the rows in the index: it decides where sums and spans are equal.
    matches.sort((a, b) => a.length - b.length || a.place - b.place)
    return [{ meeting, segment, matches, relevance: sum(matches, 'tfidf'), weighted: sum(matches, 'weighted') }]
  })
  const by = { weighted: 'weighted', relevance: 'relevance' } as const
  const time = sort === 'newest' ? -1 : 1
  ranked.sort((a, b) =>
    sort === 'newest' || sort === 'oldest'
      ? time * (a.meeting.event_datetime - b.meeting.event_datetime)
      : b[by[sort]] - a[by[sort]]
  )
  return ranked.slice(0, first).map(({ meeting, segment, matches, relevance, weighted }) => {
    const best = matches.reduce((a, b) => b.tfidf > a.tfidf ? b : a)
    return {
      event_id: meeting.event_id,
      event_datetime: meeting.event_datetime,
      body: meeting.body,
      relevance,
      weighted,
      contained: matches.map(({ length, place }) => segment.textsAt(length, place).unstemmed),
      context_span: segment.textsAt(best.length, best.place).contextSpan,
      keywords: meeting.keywords
    }
  })
}

/** Each gram of the query once. */
function gramsOf (query: string): Array<{ length: Length, high: number, low: number }> {
  const tokens = splitWords(clean(query, { pictograms: true }))
  return LENGTHS.flatMap((length) =>
    [...new Set(stemmedGrams(tokens, length))].map((gram) => ({ length, ...halvesOf(gram) })))
}

const sum = (matches: Match[], field: 'tfidf' | 'weighted'): number =>
  matches.reduce((total, match) => total + match[field], 0)
