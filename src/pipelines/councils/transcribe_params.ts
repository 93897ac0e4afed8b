import { Type, type Static } from 'typebox'
import { namesBlock } from '../../sdk/blocks/kind.ts'
import { SessionGatheredDataSchema } from './model/events.ts'
import { SpeechSettingsSchema } from './speech/settings.ts'

const Pause = Type.Integer({ minimum: 0, maximum: 86_400 })

/** The parameters of transcribe: the session, and behind it what the operator sets. */
export const TranscribeParamsSchema = Type.Object({
  ...SessionGatheredDataSchema.properties,
  speech: SpeechSettingsSchema,
  downloader: namesBlock(
    'video_downloader',
    Type.Optional(
      Type.String({ minLength: 1, description: 'Name of a block video_downloader, for videos that are no files' })
    )
  ),
  caption_tolerance: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 1,
      description: 'How much captions may be shorter or longer than the video; 0.2 without it'
    })
  ),
  max_video_bytes: Type.Optional(
    Type.Integer({ minimum: 1, description: 'Largest video; no more than SIGNALBOX_FETCH_MAX_BYTES' })
  ),
  pauses: Type.Optional(
    Type.Object(
      {
        video: Type.Optional(Pause),
        caption: Type.Optional(Pause),
        speech: Type.Optional(Pause),
        store: Type.Optional(Pause)
      },
      {
        additionalProperties: false,
        description: 'Seconds before a step that failed is tried again, twice at most; 120, 5, 10 and 60 without it'
      }
    )
  )
})

export type TranscribeParams = Static<typeof TranscribeParamsSchema>
