import { buildIndex } from './index/build.ts'
import { LENGTHS } from './index/lengths.ts'
import type { IndexParams } from './index/params.ts'
import type { ProcessFunction } from '../../sdk/process.ts'

/**
 * Builds the index of all transcripts. A second run makes the same from the same, and puts it in
 * the place of the first.
 */
export const indexTranscripts: ProcessFunction<IndexParams> = async (context) => {
  const { params, store, signal, log, progress, step, artefact } = context
  const {
    n_grams: lengths = LENGTHS,
    ngrams_per_chunk: perChunk = 50_000,
    datetime_weighting_days_decay: decayDays = 30
  } = params
  const {
    manifest: { generation, built, meetings, skipped, chunks },
    made,
    rows
  } = await buildIndex({
    store,
    nowMs: Date.now(),
    decayDays,
    lengths,
    perChunk,
    signal,
    log,
    progress: (complete, total, message) => {
      progress({ complete, total, message })
    },
    step
  })
  artefact({
    name: 'counts',
    table: Object.entries({ meetings: meetings.length, 'segments made': made, rows, skipped: skipped.length })
      .map(([what, count]) => ({ what, count }))
  })
  if (skipped.length > 0) artefact({ name: 'skipped meetings', table: skipped })
  const note =
    meetings.length === 1
      ? 'what all meetings have tells none from the others: of a single meeting nothing is found'
      : undefined
  const output = {
    generation,
    built,
    meetings: meetings.length,
    segments_made: made,
    rows,
    skipped,
    chunks,
    note
  }
  return {
    output,
    events: [{ type: 'index_built', data: { generation, meetings: meetings.length, rows, skipped: skipped.length } }]
  }
}
