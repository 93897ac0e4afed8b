import type { Pipeline } from '../../sdk/pipeline.ts'
import { defineProcess } from '../../sdk/process.ts'
import { openaiSpeech } from './blocks/openai_speech.ts'
import { videoDownloader } from './blocks/video_downloader.ts'
import { meetingQuery, transcriptQuery } from './meeting-queries.ts'
import { checkGather } from './meetings/check.ts'
import { schemaOf } from './model/read-event.ts'
import {
  CorrectTranscriptEventSchema, GatherEventSchema, IndexEventSchema, StoreEventEventSchema, TranscribeEventSchema
} from './params.ts'
import { searchQuery } from './search-query.ts'

/** Council meetings: gathered, stored, transcribed, indexed, searched. */
export const councils: Pipeline = {
  name: 'councils',
  processes: [
    defineProcess({
      name: 'gather',
      params: GatherEventSchema,
      // What is said there may be a program.
      operatorsOwn: ['source'],
      check: checkGather,
      load: async () => (await import('./gather.ts')).gather
    }),
    defineProcess({
      name: 'store_event',
      params: StoreEventEventSchema,
      load: async () => (await import('./store_event.ts')).storeEvent
    }),
    defineProcess({
      name: 'transcribe',
      params: TranscribeEventSchema,
      operatorsOwn: ['speech', 'downloader', 'caption_tolerance', 'max_video_bytes', 'pauses'],
      load: async () => (await import('./transcribe.ts')).transcribe
    }),
    defineProcess({
      name: 'correct_transcript',
      params: CorrectTranscriptEventSchema,
      load: async () => (await import('./correct_transcript.ts')).correctTranscript
    }),
    defineProcess({
      name: 'index',
      params: IndexEventSchema,
      load: async () => (await import('./index_transcripts.ts')).indexTranscripts
    })
  ],
  blocks: [openaiSpeech, videoDownloader],
  queries: [searchQuery, meetingQuery, transcriptQuery],
  documents: {
    'docs/council-event.schema.json': () =>
      `${JSON.stringify({ title: 'EventIngestionModel', ...schemaOf('EventIngestionModel') }, null, 2)}\n`
  }
}
