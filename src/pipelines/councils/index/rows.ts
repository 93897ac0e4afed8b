import type { Frequencies } from './frequencies.ts'
import type { Length, Segment } from './segment.ts'
import { tfidfOf, weightedOf } from './weight.ts'

export type IndexedMeeting = { event_id: string, event_datetime: number }

/**
 * A row of the index as it is exported. `__index_level_0__`: its number among all grams, before
 * equal ones were counted.
 */
export type IndexRow = {
  event_id: string
  /** Seconds since 1970. */
  event_datetime: number
  unstemmed_gram: string
  stemmed_gram: string
  context_span: string
  tf: number
  idf: number
  tfidf: number
  datetime_weighted_tfidf: number
  __index_level_0__: number
}

type Weighing = { frequencies: Frequencies, meetings: number, nowMs: number, decayDays: number }

/** A gram of a meeting that tells it from others. */
export type WeighedGram = { row: number, place: number, tf: number, idf: number, tfidf: number }

/** The grams of a meeting in their order, without those that all meetings have. */
export function * weighedGrams (
  segment: Segment,
  length: Length,
  { frequencies, meetings }: Pick<Weighing, 'frequencies' | 'meetings'>
): Generator<WeighedGram> {
  const grams = segment.grams(length)
  for (const row of grams.inOrder()) {
    const df = frequencies.of(grams.keys[2 * row + 1] as number, grams.keys[2 * row] as number)
    const tf = grams.tf(row)
    const tfidf = tfidfOf(tf, meetings, df)
    if (tfidf > 0) yield { row, place: grams.first(row), tf, idf: Math.log(meetings / df), tfidf }
  }
}

/** The rows of one length of grams, meeting by meeting. */
export async function * indexRows (
  meetings: AsyncIterable<{ meeting: IndexedMeeting, segment: Segment }>,
  length: Length,
  weighing: Weighing
): AsyncGenerator<IndexRow> {
  let before = 0
  for await (const {
    meeting: { event_id: eventId, event_datetime: eventDatetime },
    segment
  } of meetings) {
    for (const { place, tf, idf, tfidf } of weighedGrams(segment, length, weighing)) {
      const { unstemmed, stemmed, contextSpan } = segment.textsAt(length, place)
      yield {
        event_id: eventId,
        event_datetime: eventDatetime,
        unstemmed_gram: unstemmed,
        stemmed_gram: stemmed,
        context_span: contextSpan,
        tf,
        idf,
        tfidf,
        datetime_weighted_tfidf: weightedOf(tfidf, eventDatetime * 1000, weighing.nowMs, weighing.decayDays),
        __index_level_0__: before + place
      }
    }
    before += segment.grams(length).total
  }
}
